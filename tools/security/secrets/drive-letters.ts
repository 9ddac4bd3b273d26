import type { Scene } from './scene.js';

/** What was given up, of which there is some by now. */
export async function driveLetters({ asking, marks }: Scene): Promise<void> {
  const { body } = await asking.made('listDeadLetters', { query: { limit: '1000' } });
  if (body.count === 0) throw new Error('Expected dead letters, got none.');
  await asking.made('listDeadLetters', { query: { reason: marks.plant('a text that is searched for', 'login') } });
  await asking.made('replayDeadLetters', { body: { dry_run: true } });
  await asking.made('replayDeadLetters', { body: { service: 'down' } });
  await asking.made('purgeDeadLetters', { body: { kind: 'process' } });
}
