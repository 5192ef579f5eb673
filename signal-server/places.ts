/**
 * Arrays whose entries know where they stand, so that one is taken out, or some are drawn by chance, in time that does
 * not depend on how many there are. The order of the others means nothing.
 */
import { assert } from '../shared/assert.ts';
import type { Random } from '../shared/random.ts';

export interface Placed {
  /** Index in its array; these functions alone change it. */
  place: number;
}

export function append<Entry extends Placed>(entries: Entry[], entry: Entry): void {
  entry.place = entries.length;
  entries.push(entry);
}

export function takeOut<Entry extends Placed>(entries: Entry[], entry: Entry): void {
  assert(entries[entry.place] === entry, 'an entry stands where it says');
  swap(entries, entry.place, entries.length - 1);
  entries.pop();
}

/** One by chance of those from `front` up to `end`, which stands at `front` afterwards: a step of Fisher and Yates. */
export function draw<Entry extends Placed>(
  entries: Entry[],
  front: number,
  end: number,
  random: Random,
): Entry {
  swap(entries, front, front + random.below(end - front));
  const drawn = entries[front];
  assert(drawn !== undefined, 'who is drawn stands there');
  return drawn;
}

export function swap<Entry extends Placed>(entries: Entry[], one: number, other: number): void {
  const a = entries[one];
  const b = entries[other];
  assert(a !== undefined && b !== undefined, 'swapped entries exist');
  entries[one] = b;
  entries[other] = a;
  b.place = one;
  a.place = other;
}
