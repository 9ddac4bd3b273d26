import { driveAccess } from './drive-access.js';
import { driveCalls } from './drive-calls.js';
import { driveLetters } from './drive-letters.js';
import { driveSpecs, registerLeaky } from './drive-specs.js';
import type { Scene } from './scene.js';

/**
 * Gives secrets in every place that takes one, has calls go wrong, and asks every operation of the API's own document.
 * @throws Error for what cannot be judged, such as an operation that was never asked.
 */
export async function drive(scene: Scene): Promise<void> {
  const spec = await registerLeaky(scene);
  await driveCalls(scene, spec);
  await driveSpecs(scene, spec);
  await driveAccess(scene, spec);
  await driveLetters(scene);
  const missing = scene.asking.missing(scene.hasGenerator);
  if (missing.length > 0)
    throw new Error(`Expected every operation to be asked with success, but not ${missing.join(', ')}.`);
}
