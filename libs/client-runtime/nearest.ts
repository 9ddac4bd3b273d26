/** Finding what somebody probably meant among declared paths. */

/** How many of the best by a cheap score are compared in full. */
const SHORTLIST = 64;
/** Of longer paths, only the start is compared. */
const MAX_LENGTH = 200;
const VARIABLE = /^\{.*\}$/;

/**
 * The candidates nearest to `wanted`, nearest first. A path whose template matches (`/users/5` for `/users/{id}`)
 * comes before all others; the rest is ordered by edit distance without regard to case. The cost of 22,000 candidates
 * is some milliseconds: only a short list is compared in full.
 */
export function nearest(wanted: string, candidates: Iterable<string>, count: number): string[] {
  const target = wanted.toLowerCase().slice(0, MAX_LENGTH);
  const scored: { path: string; score: number }[] = [];
  for (const path of candidates) scored.push({ path, score: likeness(target, path) });
  scored.sort((a, b) => b.score - a.score);
  const segments = segmentsOf(target);
  return scored
    .slice(0, SHORTLIST)
    .map(({ path }) => ({ path, distance: distanceTo(target, segments, path.toLowerCase().slice(0, MAX_LENGTH)) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ path }) => path);
}

/** A path with `…` for the values that fill in a template: `/users/…` for `/users/5` and `/users/{id}`; null where they do not fit. */
export function withoutValues(path: string, template: string): string | null {
  const [target, variables] = [segmentsOf(path), segmentsOf(template)];
  if (!fits(target, variables)) return null;
  return target.map((segment, i) => `/${segment === variables[i] || VARIABLE.test(segment) ? segment : '…'}`).join('');
}

function fits(target: readonly string[], template: readonly string[]): boolean {
  return (
    template.length === target.length && template.every((segment, i) => segment === target[i] || VARIABLE.test(segment))
  );
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

/** Shared start and end, less what is over: cheap, and only good for a short list. */
function likeness(target: string, path: string): number {
  const shorter = Math.min(target.length, path.length);
  let start = 0;
  while (start < shorter && sameLetter(target.charCodeAt(start), path.charCodeAt(start))) start += 1;
  let end = 0;
  while (
    end < shorter - start &&
    sameLetter(target.charCodeAt(target.length - 1 - end), path.charCodeAt(path.length - 1 - end))
  ) {
    end += 1;
  }
  return 2 * start + 2 * end - Math.abs(target.length - path.length);
}

/** `lower` is in lower case already. */
function sameLetter(lower: number, other: number): boolean {
  return lower === other || (other >= 65 && other <= 90 && lower === other + 32);
}

function distanceTo(target: string, targetSegments: readonly string[], path: string): number {
  return fits(targetSegments, segmentsOf(path)) ? -1 : editDistance(target, path);
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(Math.min((row[j - 1] ?? 0) + 1, (previous[j] ?? 0) + 1, (previous[j - 1] ?? 0) + change));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
