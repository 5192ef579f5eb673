/**
 * How a peer's downlink fills ([SM2]): parcels take their turn in the order in which they left, each is through when
 * its last byte has arrived and not before the rate has carried it. What does not come through at once stands in a queue; when that
 * is long, senders hold further large parcels back until it has drained, in the order in which they were held.
 */
import type { Flow } from './traffic.ts';

/** The queue in front of a downlink, in ms of its rate, beyond which senders hold back: a home router's buffer. */
const CONGESTED_MS = 100;
/** Links that may go on after one delivery: enough to keep the queue from running dry. */
const RESUMED_TOGETHER = 2;

export class Downlink {
  /** Everything that came through or is on its way, in bytes. */
  carriedBytes = 0;
  /** Bytes per ms. */
  readonly rate: number;
  /** When the rate has room again after all that has left its sender; what has arrived by then is through. */
  #clearAt = 0;
  readonly #held: Flow[] = [];
  #underway = 0;

  constructor(rate: number) {
    this.rate = rate;
  }

  /** Takes a parcel whose bytes arrive from `first` to `last`; answers when it has come through. */
  carry(first: number, last: number, bytes: number): number {
    this.#clearAt = Math.max(first, this.#clearAt) + bytes / this.rate;
    this.carriedBytes += bytes;
    this.#underway++;
    return Math.max(last, this.#clearAt);
  }

  /** Would something that arrives at `arrival` stand in a long queue? */
  isCongested(arrival: number): boolean {
    return this.#clearAt - arrival > CONGESTED_MS;
  }

  hold(flow: Flow): void {
    this.#held.push(flow);
  }

  /** A parcel came through: whoever was held may go on while there is room. */
  delivered(now: number): void {
    this.#underway--;
    let most = this.#underway === 0 ? this.#held.length : RESUMED_TOGETHER;
    while (most > 0) {
      const flow = this.#held[0];
      if (flow === undefined || this.isCongested(now + flow.latency)) return;
      this.#held.shift();
      if (flow.dead) continue;
      flow.from.uplink.resume(flow);
      most--;
    }
  }
}
