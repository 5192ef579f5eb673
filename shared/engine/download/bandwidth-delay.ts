/**
 * What the path of one source holds ([RQ2]): how fast blocks come over it, and how long it is there and back, in the
 * manner of BBR (Cardwell et al. 2016). What is asked for beyond that stands in a queue at the sender, and makes every
 * answer later: so the way is the shortest time from a request to its block, and where that was not seen again for long
 * the queue is let run dry until a request has been answered. Of blocks that were taken in late, many at a time, the
 * rate is that of their requests. Times are on the clock of asking: it stands still while nothing is asked for.
 */

import { BLOCK_BYTES } from '../../limits.ts';

/** What was known when a request was made: in ms, in bytes. */
export interface Mark {
  readonly at: number;
  readonly delivered: number;
  /** When the request was made that had been answered last. */
  readonly since: number;
  /** So little was asked for before it that it cannot have waited at the sender. */
  readonly alone: boolean;
}

/** Beside what is in the pipe, and once more what is under way: what the sender may read ahead, in ms of its pace … */
export const AHEAD_MS = 250;
/** … and in bytes. */
const MOST_AHEAD_BYTES = 2_097_152;
/**
 * So much is always asked for that way; more only as far as it does not stand before the narrowest line for longer than so
 * many ms of the rate. Lines hold some 50 to 100 ms: what is more is lost there, all of a burst, and an association needs
 * many round trips to be as fast again.
 */
const FREE_BYTES = 4 * BLOCK_BYTES;
const QUEUE_MS = 40;
/** While requests wait for no more than so many ms beyond the way the path is not full: half as much again is asked for. */
const WAITS_MS = 20;
const GROWTH = 0.5;
/** How much the last one counts in how long they wait. */
const WAIT_PART = 0.25;
/** The rate is the greatest of so many ms, or of so many ways, and of as long before that. */
const RATE_HOLDS_MS = 2_000;
const RATE_HOLDS_WAYS = 4;
/** The way is looked at again so many ms after it was last seen, with so large a part of the pipe asked for. */
const WAY_HOLDS_MS = 20_000;
/** … or after so many where requests wait for so long, and the rate is so much less than when it was seen: it may be longer. */
const DOUBTED_MS = 1_000;
const DOUBTED_WAIT_MS = 2 * QUEUE_MS;
const DOUBTED_RATE = 0.85;
const LOOKING_PART = 0.75;
/** A request that did not wait, and took no more than so many times the way, has seen it again. */
const SAME_WAY = 1.25;
const LONGEST_WAY_MS = 2_000;
/** What came first is taken to have come in so many ms at least. */
const LEAST_MS = 250;

export class BandwidthDelay {
  #delivered = 0;
  #since = 0;
  /** In bytes per ms: the greatest of this time, and of the one before. */
  #rate = 0;
  #formerRate = 0;
  #rateFrom = 0;
  #wayMs = Infinity;
  #wayAt = 0;
  /** The rate at that time. */
  #wayRate = 0;
  #looksFrom = 0;
  /** What requests took of late beyond the way, in ms. */
  #waitMs = 0;

  /** A request, while `ahead` bytes are asked for. */
  asked(ahead: number, clock: number): Mark {
    if (ahead === 0) this.#since = clock;
    return { at: clock, delivered: this.#delivered, since: this.#since, alone: ahead <= this.#fewBytes };
  }

  /** A block of so many bytes came; `mark`: of its request, null where that had been taken back. */
  came(bytes: number, mark: Mark | null, clock: number): void {
    this.#delivered += bytes;
    if (mark === null) return;
    this.#since = Math.max(this.#since, mark.at);
    const trip = Math.max(1, clock - mark.at);
    this.#wayTook(trip, mark, clock);
    this.#waitMs += WAIT_PART * (trip - this.#wayMs - this.#waitMs);
    this.#cameAt((this.#delivered - mark.delivered) / Math.max(trip, mark.at - mark.since), clock);
  }

  /**
   * Bytes to keep asked for, `least` but while the way is looked at; null: nothing is known yet. `pace`: bytes per ms that
   * come on the whole: the rate is that of the best moments, and who sends in bursts does not read so fast.
   */
  room(clock: number, least: number, pace: number): number | null {
    if (this.#bestRate === 0) return null;
    if (this.#looksAgain(clock)) return Math.max(1, this.#fewBytes);
    const ahead = Math.min(pace * AHEAD_MS, MOST_AHEAD_BYTES);
    const most = Math.max(FREE_BYTES, this.#pipeBytes + this.#queueBytes);
    return Math.max(least, Math.min(this.#pipeBytes + this.#underWayBytes + ahead, most));
  }

  #wayTook(trip: number, { at, alone }: Mark, clock: number): void {
    const before = this.#wayMs;
    const looks = this.#looksAgain(clock);
    if (trip <= before || (alone && looks)) this.#wayMs = trip;
    // A good deal shorter than was thought: it may be shorter still, which requests from now on will show.
    if (looks && trip * SAME_WAY < before) this.#looksFrom = clock;
    if (looks && at < this.#looksFrom) return;
    if (trip > this.#wayMs * (alone ? SAME_WAY : 1)) return;
    this.#wayAt = clock;
    this.#wayRate = this.#bestRate;
  }

  #cameAt(rate: number, clock: number): void {
    const holds = Math.max(RATE_HOLDS_MS, RATE_HOLDS_WAYS * this.#wayMs);
    if (clock - this.#rateFrom > holds) {
      this.#formerRate = clock - this.#rateFrom > 2 * holds ? 0 : this.#rate;
      this.#rate = 0;
      this.#rateFrom = clock;
    }
    this.#rate = Math.max(this.#rate, rate);
  }

  get #bestRate(): number {
    return Math.min(Math.max(this.#rate, this.#formerRate), this.#delivered / LEAST_MS);
  }

  /** 0: nothing is known yet. */
  get #pipeBytes(): number {
    const rate = this.#bestRate;
    return rate === 0 ? 0 : rate * Math.min(this.#wayMs, LONGEST_WAY_MS);
  }

  /**
   * Behind a lost packet nothing comes for a round trip, and the sender goes on meanwhile. The block itself is part of the
   * round trip that is seen: of a slow source nearly all of it, and what it is asked for nobody else sends.
   */
  get #underWayBytes(): number {
    return Math.max(0, this.#pipeBytes - BLOCK_BYTES);
  }

  get #queueBytes(): number {
    const growth = this.#waitMs < WAITS_MS ? GROWTH * this.#pipeBytes : 0;
    return Math.max(growth, QUEUE_MS * this.#bestRate);
  }

  get #fewBytes(): number {
    const pipe = this.#pipeBytes;
    return Math.max(0, Math.min(pipe * LOOKING_PART, pipe - BLOCK_BYTES));
  }

  #looksAgain(clock: number): boolean {
    const isDoubted = this.#waitMs > DOUBTED_WAIT_MS && this.#bestRate < DOUBTED_RATE * this.#wayRate;
    return clock - this.#wayAt >= (isDoubted ? DOUBTED_MS : WAY_HOLDS_MS);
  }
}
