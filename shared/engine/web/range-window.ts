/**
 * [WS3] How many ranges of one server are out at a time: four, and fewer where it refuses some while others come, as
 * servers do that allow few connections; more again after each few that came whole (as windows in RFC 5681 do). Pure.
 */
import type { RangeTrouble } from '../io.ts';

/** What browsers open to one server, but for two that others may need. */
const MOST_RANGES = 4;
const WHOLE_FOR_ONE_MORE = 4;

/** How a server says that it is asked for too much at a time, beside what is wrong with it altogether. */
export const CROWDED: ReadonlySet<RangeTrouble> = new Set<RangeTrouble>(['busy', 'unreachable']);

export class RangeWindow {
  #most = MOST_RANGES;
  #whole = 0;

  get most(): number {
    return this.#most;
  }

  cameWhole(): void {
    if (++this.#whole < WHOLE_FOR_ONE_MORE) return;
    this.#whole = 0;
    this.#most = Math.min(MOST_RANGES, this.#most + 1);
  }

  /** `out`: how many still are. True: it is asked for fewer, and goes on; false: something else is in the way. */
  refused(why: RangeTrouble, out: number): boolean {
    if (out === 0 || !CROWDED.has(why)) return false;
    this.#most = Math.min(this.#most, out);
    this.#whole = 0;
    return true;
  }
}
