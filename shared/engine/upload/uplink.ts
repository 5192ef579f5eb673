/**
 * What is on its way to everybody, and how fast it leaves ([UP5]): the rate that our uplink is seen to take, and the
 * blocks that have been ordered and have not left. A link that takes nothing for a while holds back its own peer alone.
 * Knows no requests and no pieces.
 */
import { BLOCK_BYTES } from '../../limits.ts';
import { RateMeter } from '../meters/rate-meter.ts';
import type { UploadSlot } from './slot.ts';

/** All links together may hold so many ms of our upload rate that have not left, and so many bytes at the least. */
export const ALL_UNSENT_MS = 150;
export const LEAST_ALL_UNSENT_BYTES = 4 * BLOCK_BYTES;
/**
 * A link from which nothing has left for so many ms, and so many times what our uplink takes for the least that is
 * ordered of all, is stuck: its receiver takes no more for now.
 */
const STUCK_AFTER_MS = 300;
const STUCK_AFTER_TIMES = 3;
const LATEST_STUCK_MS = 6_000;
/** What our uplink was seen to take is half forgotten after so many ms. */
const CAPACITY_HALVES_MS = 30_000;

export class Uplink {
  readonly #rate = new RateMeter();
  /** Peers with blocks that have not left, and the bytes of those whose links move. */
  readonly #flying = new Set<UploadSlot>();
  #moving = 0;
  #capacity = 0;
  #capacityAt = 0;
  #stuckAfter = STUCK_AFTER_MS;
  #changed = false;

  /** Bytes of blocks on links that move, by the last `look`. */
  get moving(): number {
    return this.#moving;
  }

  /** Something has left since the last time this was asked: there may be room. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /** That many bytes left for the network. Undefined: whom they went to is gone meanwhile. */
  left(slot: UploadSlot | undefined, bytes: number, now: number): void {
    if (slot === undefined) return;
    slot.wire.left(bytes);
    this.#rate.add(bytes, now);
    slot.backlog.left(slot.wire.unsent, now);
    if (slot.backlog.unsent === 0) this.#flying.delete(slot);
    this.#changed = true;
  }

  /** A frame of so many bytes with a block in it was ordered sent. */
  ordered(slot: UploadSlot, frameBytes: number, now: number): void {
    if (this.#flying.size === 0) this.#rate.resume(now);
    this.#flying.add(slot);
    this.#moving += frameBytes;
    slot.wire.ordered(frameBytes);
  }

  /** That frame will not be sent after all. */
  notSent(slot: UploadSlot, frameBytes: number): void {
    slot.wire.left(frameBytes);
    if (slot.backlog.unsent === 0) this.#flying.delete(slot);
  }

  closed(slot: UploadSlot): void {
    this.#flying.delete(slot);
  }

  /** Bytes that may be on their way to all together. */
  room(now: number): number {
    return Math.max(LEAST_ALL_UNSENT_BYTES, (this.#rate.perSecond(now) * ALL_UNSENT_MS) / 1000);
  }

  /**
   * Counts anew what moves, and from when on a link is stuck. `waiting`: others that are served; `most`: bytes a
   * second that a limit lets pass.
   */
  look(waiting: Iterable<UploadSlot>, most: number, now: number): void {
    const capacity = Math.max(this.capacity(most, now), this.#fastest(waiting, most));
    const ms = capacity === 0 ? 0 : (STUCK_AFTER_TIMES * LEAST_ALL_UNSENT_BYTES * 1000) / capacity;
    this.#stuckAfter = Math.min(Math.max(ms, STUCK_AFTER_MS), LATEST_STUCK_MS);
    this.#moving = 0;
    for (const slot of this.#flying) if (!this.isStuck(slot, now)) this.#moving += slot.backlog.unsent;
  }

  isStuck({ backlog }: UploadSlot, now: number): boolean {
    return backlog.unsent > 0 && now - backlog.lastSentAt >= this.#stuckAfter;
  }

  /** Bytes a second that our uplink can take, as far as we know, and no more than `most`. */
  capacity(most: number, now: number): number {
    const rate = this.#rate.perSecond(now);
    this.#capacity = Math.max(rate, this.#capacity * 0.5 ** ((now - this.#capacityAt) / CAPACITY_HALVES_MS));
    this.#capacityAt = now;
    return Math.min(this.#capacity, most);
  }

  /**
   * Bytes a second that one of those who are served was seen to take: our uplink takes as much, also where slow
   * receivers have filled what may be on the way, so that nothing more was seen to leave.
   */
  #fastest(waiting: Iterable<UploadSlot>, most: number): number {
    let fastest = 0;
    for (const slots of [this.#flying, waiting]) {
      for (const { backlog } of slots) {
        const { drainRate } = backlog;
        // The first bytes of all only fill a buffer on the way.
        if (backlog.leftBytes < LEAST_ALL_UNSENT_BYTES || !Number.isFinite(drainRate)) continue;
        fastest = Math.max(fastest, drainRate);
      }
    }
    return Math.min(fastest, most);
  }
}
