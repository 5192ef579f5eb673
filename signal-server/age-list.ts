/**
 * Things in the order in which they were last heard of, oldest first: a doubly linked list, so that moving one to
 * the end costs a few pointers, whatever else is in it. Owner of the links; nobody else writes them.
 */
export interface Aged {
  heardAt: number;
  older: Aged | null;
  newer: Aged | null;
}

export class AgeList<T extends Aged> {
  #oldest: T | null = null;
  #newest: T | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get oldest(): T | null {
    return this.#oldest;
  }

  /** Puts a thing that is in no list at the end. `now` is never before the last one's. */
  add(thing: T, now: number): void {
    thing.heardAt = now;
    thing.older = this.#newest;
    thing.newer = null;
    if (this.#newest) this.#newest.newer = thing;
    else this.#oldest = thing;
    this.#newest = thing;
    this.#size += 1;
  }

  /** Moves a thing of this list to the end. */
  renew(thing: T, now: number): void {
    if (thing === this.#newest) {
      thing.heardAt = now;
      return;
    }
    this.remove(thing);
    this.add(thing, now);
  }

  remove(thing: T): void {
    const { older, newer } = thing as { older: T | null; newer: T | null };
    if (older) older.newer = newer;
    else this.#oldest = newer;
    if (newer) newer.older = older;
    else this.#newest = older;
    thing.older = null;
    thing.newer = null;
    this.#size -= 1;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let thing = this.#oldest; thing; thing = thing.newer as T | null) yield thing;
  }
}
