import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROCESS_STEPS, PROCESS_TRANSITIONS, SPEC_STEPS, SPEC_TRANSITIONS } from '#core';

const page = readFileSync(join(import.meta.dirname, '../../docs/status-machines.md'), 'utf8');

describe('docs/status-machines.md', () => {
  it('draws every change of status of a Spec and no other', () => {
    expect(arrowsUnder('Spec')).toEqual(arrowsOf(SPEC_TRANSITIONS));
  });

  it('draws every change of status of a process and no other', () => {
    expect(arrowsUnder('Process')).toEqual(arrowsOf(PROCESS_TRANSITIONS));
  });

  it('names every step', () => {
    for (const step of [...Object.values(SPEC_STEPS), ...Object.values(PROCESS_STEPS)]) expect(page).toContain(step);
  });
});

/** The arrows of the first diagram under a heading, without the one that begins a life. */
function arrowsUnder(heading: string): string[] {
  const diagram = new RegExp(`^## ${heading}$[^]*?^\`\`\`mermaid$([^]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? '';
  return [...diagram.matchAll(/^ *(\w+) --> (\w+)/gm)].map(([, from, to]) => `${from ?? ''} -> ${to ?? ''}`).sort();
}

function arrowsOf(transitions: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(transitions)
    .flatMap(([from, followers]) => followers.map((to) => `${from} -> ${to}`))
    .sort();
}
