/**
 * [HL59] How much of one connection the kernel may be given now. It would take megabytes, which at 500 kB/s leave seconds
 * later: every rate would be wrong, and what is asked for next would wait behind them. So it holds what the connection
 * takes in a round trip and a little more, by what was acknowledged lately. Pure: knows no socket and no clock.
 */
import {
  KERNEL_FLOOR_BYTES,
  KERNEL_SLACK_MS,
  LEAST_WINDOW_MS,
  MOST_ROUND_TRIP_MS,
  RATE_WINDOW_MS,
} from './limits.ts';

interface Look {
  readonly at: number;
  readonly acknowledged: number;
}

/** After so many ms without a look the ones before say nothing of how fast it goes now. */
const STALE_MS = 1_000;

export class SendRoom {
  #written = 0;
  /** Bytes that are not acknowledged, by the last look; what was written since comes to it. */
  #unacknowledged = 0;
  #writtenThen = 0;
  #roundTripMs = 0;
  #slackMs = KERNEL_SLACK_MS;
  /** Bytes a second. */
  #rate = 0;
  #looks: Look[] = [];
  #movedAt = -Infinity;

  /** So many bytes were given to the kernel. */
  wrote(bytes: number, now: number): void {
    // What was acknowledged so far is known where nothing is on its way.
    if (this.ahead === 0) {
      this.#movedAt = now;
      this.#looked(now);
    }
    this.#written += bytes;
  }

  /**
   * So many bytes are not acknowledged. `roundTripMs` is the kernel's own measure; `everyMs`: how long it takes until
   * the next look.
   */
  looked(unacknowledged: number, roundTripMs: number, everyMs: number, now: number): void {
    const before = this.#acknowledged;
    this.#unacknowledged = Math.min(unacknowledged, this.#written);
    this.#writtenThen = this.#written;
    this.#roundTripMs = Math.min(roundTripMs, MOST_ROUND_TRIP_MS);
    this.#slackMs = Math.max(KERNEL_SLACK_MS, 2 * everyMs);
    if (this.#acknowledged > before || this.#unacknowledged === 0) this.#movedAt = now;
    this.#looked(now);
    this.#measure(now);
  }

  /** Bytes that were given to the kernel and are not acknowledged, as far as is known. */
  get ahead(): number {
    return this.#unacknowledged + this.#written - this.#writtenThen;
  }

  /** Bytes that it may be given now. */
  get room(): number {
    const most = KERNEL_FLOOR_BYTES + (this.#rate * (this.#roundTripMs + this.#slackMs)) / 1_000;
    return Math.max(0, Math.floor(most) - this.ahead);
  }

  /** ms in which nothing was acknowledged of what is on its way. */
  stuckFor(now: number): number {
    return this.ahead === 0 ? 0 : now - this.#movedAt;
  }

  get #acknowledged(): number {
    return this.#writtenThen - this.#unacknowledged;
  }

  #looked(now: number): void {
    const last = this.#looks.at(-1);
    if (last !== undefined && now - last.at > STALE_MS) this.#looks = [];
    this.#looks.push({ at: now, acknowledged: this.#acknowledged });
    // One that is as old as the window stays: what came since is measured from it.
    while (this.#looks.length > 2 && now - (this.#looks[1]?.at ?? now) >= RATE_WINDOW_MS) this.#looks.shift();
  }

  #measure(now: number): void {
    const first = this.#looks[0];
    if (first === undefined || now <= first.at) return;
    // What comes first only fills a buffer at the other end.
    const ms = Math.max(now - first.at, LEAST_WINDOW_MS);
    const bytes = this.#acknowledged - first.acknowledged;
    const measured = (bytes * 1_000) / ms;
    // Where all has left it could have been more, and a short look only says how it begins.
    const isWhole = this.#unacknowledged > 0 && ms >= RATE_WINDOW_MS;
    this.#rate = isWhole ? measured : Math.max(this.#rate, measured);
  }
}
