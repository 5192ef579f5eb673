/**
 * The one virtual clock of a simulation ([SM1]): what is due next happens next, and what is due at the same time
 * happens in the order in which it was planned. A heap with four children a node over plain number arrays, because
 * a large swarm plans tens of millions of things. Knows nothing of what happens.
 */
import { assert } from '../assert.ts';

export interface Happening {
  happen(now: number): void;
}

const CHILDREN = 4;

export class EventQueue {
  /** Virtual time in ms. */
  now = 0;
  /** How many things have happened. */
  happened = 0;
  readonly #times: number[] = [];
  /** Ties: what was planned first happens first. */
  readonly #serials: number[] = [];
  readonly #happenings: Happening[] = [];
  #planned = 0;

  get size(): number {
    return this.#times.length;
  }

  /** When the next thing is due; Infinity while nothing is planned. */
  get nextAt(): number {
    return this.#times[0] ?? Infinity;
  }

  /** Plans something for `time`, in ms; the past is refused. */
  at(time: number, happening: Happening): void {
    assert(time >= this.now, 'nothing is planned for the past');
    this.#rise(this.#times.length, time, this.#planned++, happening);
  }

  /** As `at`, `delay` ms from now. */
  after(delay: number, happen: (now: number) => void): void {
    this.at(this.now + delay, { happen });
  }

  /** Lets the next thing happen. False: nothing is planned. */
  step(): boolean {
    const time = this.#times[0];
    const first = this.#happenings[0];
    if (time === undefined || first === undefined) return false;
    this.#removeFirst();
    this.now = time;
    this.happened++;
    first.happen(time);
    return true;
  }

  #removeFirst(): void {
    const time = this.#times.pop() as number;
    const serial = this.#serials.pop() as number;
    const happening = this.#happenings.pop() as Happening;
    if (this.#times.length > 0) this.#sink(time, serial, happening);
  }

  /** Moves a hole from `hole` towards the root until the entry fits in. */
  #rise(hole: number, time: number, serial: number, happening: Happening): void {
    while (hole > 0) {
      const parent = (hole - 1) >> 2;
      if ((this.#times[parent] as number) <= time) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#put(hole, time, serial, happening);
  }

  /** Moves a hole from the root downwards until the entry fits in. */
  #sink(time: number, serial: number, happening: Happening): void {
    const size = this.#times.length;
    let hole = 0;
    for (;;) {
      const first = hole * CHILDREN + 1;
      if (first >= size) break;
      const least = this.#leastOf(first, Math.min(first + CHILDREN, size));
      if (!this.#isBefore(least, time, serial)) break;
      this.#move(least, hole);
      hole = least;
    }
    this.#put(hole, time, serial, happening);
  }

  #leastOf(from: number, to: number): number {
    let least = from;
    for (let at = from + 1; at < to; at++) {
      if (this.#isBefore(at, this.#times[least] as number, this.#serials[least] as number)) least = at;
    }
    return least;
  }

  #isBefore(at: number, time: number, serial: number): boolean {
    const other = this.#times[at] as number;
    return other < time || (other === time && (this.#serials[at] as number) < serial);
  }

  #move(from: number, to: number): void {
    this.#put(
      to,
      this.#times[from] as number,
      this.#serials[from] as number,
      this.#happenings[from] as Happening,
    );
  }

  #put(at: number, time: number, serial: number, happening: Happening): void {
    this.#times[at] = time;
    this.#serials[at] = serial;
    this.#happenings[at] = happening;
  }
}
