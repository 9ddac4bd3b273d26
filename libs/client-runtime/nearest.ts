/** Finding what somebody probably meant among declared paths. */

/** How many of the best by a cheap score are compared in full. */
const SHORTLIST = 64;

/**
 * The candidates nearest to `wanted`, nearest first. A path whose template matches (`/users/5` for `/users/{id}`)
 * comes before all others; the rest is ordered by edit distance without regard to case. The cost of 22,000 candidates
 * is some milliseconds: only a short list is compared in full.
 */
export function nearest(wanted: string, candidates: Iterable<string>, count: number): string[] {
  const target = wanted.toLowerCase().slice(0, 200);
  const targetSegments = segmentsOf(target);
  const scored: { path: string; score: number }[] = [];
  for (const path of candidates) scored.push({ path, score: likeness(targetSegments, segmentsOf(path.toLowerCase())) });
  scored.sort((a, b) => b.score - a.score);
  return scored
    .slice(0, SHORTLIST)
    .map(({ path }) => ({ path, distance: distanceTo(target, targetSegments, path.toLowerCase().slice(0, 200)) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ path }) => path);
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

/** Shared starts of segments in the same place, from the front and from the back. Cheap, and only good for a short list. */
function likeness(a: readonly string[], b: readonly string[]): number {
  let score = -Math.abs(a.length - b.length) * 2;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    score += sharedStart(a[i] ?? '', b[i] ?? '');
    score += sharedStart(a[a.length - 1 - i] ?? '', b[b.length - 1 - i] ?? '');
  }
  return score;
}

function sharedStart(a: string, b: string): number {
  if (b.startsWith('{')) return 3;
  const length = Math.min(a.length, b.length, 12);
  let i = 0;
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i += 1;
  return i;
}

function distanceTo(target: string, targetSegments: readonly string[], path: string): number {
  const segments = segmentsOf(path);
  const matches =
    segments.length === targetSegments.length &&
    segments.every((segment, i) => segment === targetSegments[i] || /^\{.*\}$/.test(segment));
  return matches ? -1 : editDistance(target, path);
}

/** Levenshtein's distance. */
export function editDistance(a: string, b: string): number {
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
