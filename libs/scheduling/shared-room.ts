/** A place that is held, and what ends its use. */
interface Place {
  readonly end: () => void;
}

/**
 * Places of a fixed number that projects share. One project may hold all of them while nobody else wants any; when all are
 * taken, the oldest of whichever project holds most goes to one that holds fewer, so that none keeps the others out.
 */
export class SharedRoom {
  private readonly held = new Map<string, Set<Place>>();
  private taken = 0;

  constructor(private readonly most: number) {}

  /**
   * Takes a place for a project.
   * @param end called at most once, when the place goes to another project. Must not throw.
   * @returns how to give the place back, which is safe to call twice; null when there is none for this project.
   */
  take(project: string, end: () => void): (() => void) | null {
    if (this.taken >= this.most && !this.makeRoom(project)) return null;
    const place = { end };
    const own = this.held.get(project) ?? new Set();
    this.held.set(project, own.add(place));
    this.taken += 1;
    return () => this.leave(project, place);
  }

  /** With one more it must not hold more than whoever had to make room, or places would go to and fro. */
  private makeRoom(project: string): boolean {
    const own = this.held.get(project)?.size ?? 0;
    const [largest, places] = [...this.held].reduce(
      (one, other) => (other[1].size > one[1].size ? other : one),
      [project, new Set<Place>()],
    );
    const [oldest] = places;
    if (!oldest || places.size <= own + 1) return false;
    this.leave(largest, oldest);
    oldest.end();
    return true;
  }

  private leave(project: string, place: Place): void {
    const places = this.held.get(project);
    if (!places?.delete(place)) return;
    this.taken -= 1;
    if (places.size === 0) this.held.delete(project);
  }
}
