/**
 * The request pipeline of one source: what it was asked for and has not answered, what was cancelled and may still
 * come, how fast it answers, and what follows from that ([RQ2] [RQ5]): blocks of which size, how long it will take, and
 * when silence is too long; how much to keep asked for by what bandwidth-delay.ts makes of its path. Its clock runs while
 * the source is asked for something: between its turns it owes us nothing. Decides nothing about pieces, sends nothing.
 */
import { BLOCK_BYTES, BLOCK_GRID_BYTES, MAX_LATE_REQUESTS, MAX_OUTSTANDING_BYTES } from '../../limits.ts';
import { DrainMeter } from '../meters/drain-meter.ts';
import { RateMeter } from '../meters/rate-meter.ts';
import { AHEAD_MS, BandwidthDelay } from './bandwidth-delay.ts';
import type { Mark } from './bandwidth-delay.ts';
import type { Cells } from './cells.ts';

/** A request that was not answered yet: for `length` bytes, sent at `at` ms. */
export interface Asked extends Cells {
  readonly length: number;
  readonly at: number;
}

interface Pending extends Asked {
  readonly mark: Mark | null;
}

const FIRST_PIPELINE_BYTES = 4 * BLOCK_BYTES;
const LEAST_BLOCKS = 2;
const UNKNOWN_ROUND_TRIP_MS = 500;
const LONGEST_ROUND_TRIP_MS = 2_000;
/** Below so many bytes a second a usual block takes more than two seconds: a slow source is asked for small ones. */
const SLOW_PACE = BLOCK_BYTES / 2;
/** A source that was asked and is silent for so long lets its requests time out; twice as long after each time. */
const LEAST_PATIENCE_MS = 4_000;
const FIRST_PATIENCE_MS = 10_000;
const MOST_PATIENCE_MS = 120_000;
const PATIENCE_TIMES = 4;
/** Where nobody else could send it: as long as TorrentInno's own client waits for a piece. */
const ALONE_PATIENCE_MS = 60_000;
const MOST_DOUBLINGS = 3;
/** What timed out is asked of the same source again after so many ms at the latest: it may have dropped it. */
const LATEST_RETRY_MS = 60_000;
/** What came first is taken to have come in so many ms at least. */
const LEAST_PACE_MS = 250;
/** Bytes per ms: so fast at least a frame under way has to grow to count as a sign of life. */
const LEAST_GROWTH = 1;
/** A source helps another with what it will have in less than this share of the other's time. */
const HELP_FACTOR = 2;
const HELP_MARGIN_MS = 500;

export class Pipeline {
  readonly #asked = new Map<number, Pending>();
  #bytes = 0;
  /** Cancelled or timed out, and how often: what comes of it is no violation ([RQ4]). */
  readonly #late = new Map<number, number>();
  /** Requests among them. */
  #vain = 0;
  readonly #down = new RateMeter();
  readonly #pace = new DrainMeter();
  /** Null: of a web server, which sends nothing between two ranges, so that what comes tells little of its path. */
  readonly #path: BandwidthDelay | null;
  /** The clock that stands still while nothing is asked, when it was set, and when a block came last by it, in ms. */
  #askedMs = 0;
  #askedTo = 0;
  #paceTo = 0;
  /** The shortest time from a request to its block of late, in ms, our own queue before it and all. */
  #roundTrip = Infinity;
  #blockAt: number;
  /** Bytes of a block that is on its way, where the link tells. */
  #partBytes = 0;
  /** How often in a row it let everything time out; with that it is snubbed: trusted with one small block at a time. */
  #timeouts = 0;
  /** What timed out is not asked of it again before this, in ms. */
  #retryAt = 0;
  /** It let us in and has not sent a block since. */
  #turnBegins = true;

  /** `now`: when the source was met. */
  constructor(now: number, kind: 'peer' | 'server' = 'peer') {
    this.#path = kind === 'peer' ? new BandwidthDelay() : null;
    this.#blockAt = now;
  }

  get size(): number {
    return this.#asked.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get snubbed(): boolean {
    return this.#timeouts > 0;
  }

  /** Payload that came, and how fast it comes, in bytes a second. */
  get receivedBytes(): number {
    return this.#down.total;
  }

  rate(now: number): number {
    return this.#down.perSecond(now);
  }

  /** [RQ5] More vain requests than any honest slowness explains. */
  get isHopeless(): boolean {
    return this.#vain > MAX_LATE_REQUESTS;
  }

  /** Oldest first. */
  entries(): IterableIterator<[number, Asked]> {
    return this.#asked.entries();
  }

  get(key: number): Asked | undefined {
    return this.#asked.get(key);
  }

  has(key: number): boolean {
    return this.#asked.has(key);
  }

  isLate(key: number): boolean {
    return this.#late.has(key);
  }

  // What is asked for

  add(key: number, asked: Asked): void {
    if (this.#asked.size === 0) this.#down.resume(asked.at);
    this.#countTo(asked.at);
    this.#asked.set(key, { ...asked, mark: this.#path?.asked(this.#bytes, this.#askedMs) ?? null });
    this.#bytes += asked.length;
  }

  /** A block came that is asked for; `key` null: it was, before it was cancelled. To be said before it is removed. */
  blockCame(bytes: number, key: number | null, now: number): void {
    const asked = key === null ? undefined : this.#asked.get(key);
    this.#countTo(now);
    this.#path?.came(bytes, asked?.mark ?? null, this.#askedMs);
    this.#down.add(bytes, now);
    this.#pace.add(bytes, this.#askedMs - this.#paceTo);
    this.#paceTo = this.#askedMs;
    this.#blockAt = now;
    this.#partBytes = 0;
    this.#timeouts = 0;
    this.#turnBegins = false;
    if (asked !== undefined) this.#roundTrip = Math.min(this.#roundTrip * 1.01, Math.max(1, now - asked.at));
  }

  /** So many bytes of the next block are here. */
  partCame(bytes: number): void {
    this.#partBytes = bytes;
  }

  /** Answered, or rejected: nothing more comes of it. */
  remove(key: number): void {
    const asked = this.#asked.get(key);
    if (asked === undefined) return;
    this.#asked.delete(key);
    this.#bytes -= asked.length;
  }

  /** Not wanted any more: what still comes of it is late. */
  cancelled(key: number): void {
    this.remove(key);
    this.#late.set(key, (this.#late.get(key) ?? 0) + 1);
    this.#vain++;
  }

  /** What was cancelled is answered after all, once for each time it was asked for. False: it was not. */
  settleLate(key: number): boolean {
    const times = this.#late.get(key);
    if (times === undefined) return false;
    if (times > 1) this.#late.set(key, times - 1);
    else this.#late.delete(key);
    this.#vain--;
    return true;
  }

  /** Everything timed out. */
  timedOut(now: number): void {
    this.#timeouts++;
    this.#partBytes = 0;
    this.#retryAt = now + Math.min(this.#patience(BLOCK_GRID_BYTES), LATEST_RETRY_MS);
  }

  /**
   * It let requests time out and will send them all the same, because it knows no cancel: asked again too early it
   * would send everything twice.
   */
  isWaitedFor(cancels: boolean, now: number): boolean {
    return !cancels && this.snubbed && this.#vain > 0 && now < this.#retryAt;
  }

  /** [CH1] It lets us in: how long its turn is we know with its first block. */
  turnBegan(): void {
    this.#turnBegins = true;
  }

  // How much, how long

  /** Bytes a second that the source sends while it is asked; 0: not known. */
  get pace(): number {
    return Math.min(this.#pace.perSecond, (this.#down.total * 1000) / LEAST_PACE_MS);
  }

  /** [RQ1] The most that one request asks for, in bytes: of a slow source less. */
  get blockBytes(): number {
    const { pace } = this;
    return this.snubbed || (pace > 0 && pace < SLOW_PACE) ? BLOCK_GRID_BYTES : BLOCK_BYTES;
  }

  /** [RQ2] Bytes to keep asked for, by what its path holds. `pieceBytes`: what a turn is at least. */
  room(pieceBytes: number): number {
    if (this.snubbed) return BLOCK_GRID_BYTES;
    const least = LEAST_BLOCKS * this.blockBytes;
    const room = Math.min(this.#wish(least) ?? FIRST_PIPELINE_BYTES, MAX_OUTSTANDING_BYTES);
    return this.#turnBegins ? Math.min(room, Math.max(FIRST_PIPELINE_BYTES, pieceBytes)) : room;
  }

  /** Null: nothing is known yet. */
  #wish(least: number): number | null {
    const { pace } = this;
    if (this.#path !== null) return this.#path.room(this.#askedMs, least, pace / 1000);
    return pace === 0 ? null : Math.max(least, (pace * (this.#roundTripMs() + AHEAD_MS)) / 1000);
  }

  /** ms until the source has sent one more block after all it was asked for. */
  drainTime(): number {
    if (this.snubbed) return Infinity;
    const { pace } = this;
    if (pace === 0) return this.#asked.size === 0 ? UNKNOWN_ROUND_TRIP_MS * 2 : FIRST_PATIENCE_MS;
    return this.#roundTripMs() + ((this.#bytes + BLOCK_BYTES) * 1000) / pace;
  }

  /**
   * ms until the source has sent so many bytes more, as somebody who waits for them sees it: who has left a request
   * unanswered for some time will need as much again, whatever it sent before.
   */
  waitFor(bytes: number, now: number): number {
    const { pace } = this;
    const expected = this.drainTime() + (pace === 0 ? 0 : (bytes * 1000) / pace);
    return Math.max(expected, now - this.oldestAt);
  }

  /** Is `time` so long that this source, asked now, would have the block long before? */
  isMuchFasterThan(time: number): boolean {
    return time > this.drainTime() * HELP_FACTOR + HELP_MARGIN_MS;
  }

  /** When the oldest request was made that is not answered; Infinity: none. */
  get oldestAt(): number {
    return this.#oldest()?.at ?? Infinity;
  }

  /**
   * When everything that is asked for has timed out; Infinity while nothing is. `alone`: nobody else could send it, so
   * that it may as well be waited for.
   */
  deadline(alone: boolean): number {
    const oldest = this.#oldest();
    if (oldest === undefined) return Infinity;
    const patience = this.#patience(oldest.length);
    const growth = Math.min(this.#partBytes / LEAST_GROWTH, MOST_PATIENCE_MS);
    return (
      Math.max(oldest.at, this.#blockAt) + growth + (alone ? Math.max(patience, ALONE_PATIENCE_MS) : patience)
    );
  }

  /** The piece that its oldest request is for; null: nothing is asked for. */
  get oldestPiece(): number | null {
    return this.#oldest()?.assembly.piece ?? null;
  }

  /** Since when it owes a sign of life, in ms. */
  get silentSince(): number {
    return Math.max(this.oldestAt, this.#blockAt);
  }

  /** Could it be asked for what another has been silent about for so many ms, and send it sooner, as far as is known? */
  mayStandIn(silentMs: number): boolean {
    return !this.snubbed && (this.pace > 0 || this.#asked.size === 0) && this.isMuchFasterThan(silentMs);
  }

  /** ms of silence after which a source that owes a block of so many bytes has let it time out. */
  #patience(bytes: number): number {
    const times = 2 ** Math.min(this.#timeouts, MOST_DOUBLINGS);
    const { pace } = this;
    if (pace === 0) return FIRST_PATIENCE_MS * times;
    const expected = this.#roundTripMs() + (bytes * 1000) / pace;
    return Math.min(Math.max(PATIENCE_TIMES * expected, LEAST_PATIENCE_MS) * times, MOST_PATIENCE_MS);
  }

  #oldest(): Asked | undefined {
    return this.#asked.size === 0 ? undefined : this.#asked.values().next().value;
  }

  #roundTripMs(): number {
    return Number.isFinite(this.#roundTrip)
      ? Math.min(this.#roundTrip, LONGEST_ROUND_TRIP_MS)
      : UNKNOWN_ROUND_TRIP_MS;
  }

  /** Lets the clock of asking go on; called before something is asked and when a block comes. */
  #countTo(now: number): void {
    if (this.#asked.size > 0) this.#askedMs += now - this.#askedTo;
    this.#askedTo = now;
  }
}
