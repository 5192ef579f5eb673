/**
 * When to announce, and as what ([AN1]–[AN4]): `started` when the tracker can be reached, `update` every 25–30 s
 * (the jitter is only ever earlier, so that nobody expires), `completed` once, `stopped` at the end. Knows no socket
 * and nobody in the swarm.
 */
import { MAX_ANNOUNCED_PEERS } from '../../limits.ts';
import type { Random } from '../../random.ts';
import type { AnnounceEvent, EngineSnapshot, Output } from '../io.ts';

const DEFAULT_INTERVAL_S = 30;
const LONGEST_INTERVAL_S = 30;
const LEAST_INTERVAL_S = 5;
/** The share of the interval by which an announce may come earlier: 30 s become 25–30 s. */
const JITTER_SHARE = 1 / 6;

export class Announcer {
  readonly #random: Random;
  #intervalMs = DEFAULT_INTERVAL_S * 1000;
  #dueAt: number | null = null;
  #stopped = false;
  /** [AN3] The download was completed while nobody could be told. */
  #owesCompleted = false;
  #tracker: 'untried' | 'open' | 'refuses' | 'lost' = 'untried';

  constructor(random: Random) {
    this.#random = random;
  }

  /** The tracker can be told. */
  get online(): boolean {
    return this.#tracker === 'open' || this.#tracker === 'refuses';
  }

  /**
   * Whether others can find us through the tracker, as far as that was tried; if not, whether it is there and does not
   * let us in.
   */
  get standing(): Pick<EngineSnapshot, 'trackerOnline' | 'trackerRefuses'> {
    const trackerRefuses = this.#tracker === 'refuses';
    return { trackerOnline: this.#tracker !== 'lost' && !trackerRefuses, trackerRefuses };
  }

  get dueAt(): number | null {
    return this.#dueAt;
  }

  /** [AN1] */
  trackerOpened(now: number, left: number | null, want: number, out: Output[]): void {
    this.#tracker = this.#tracker === 'refuses' ? 'refuses' : 'open';
    this.#begin(now, left, want, out);
  }

  trackerLost(): void {
    this.#tracker = 'lost';
    this.#dueAt = null;
  }

  /** Asked again when the next announce is due. */
  announceRefused(): void {
    if (this.online) this.#tracker = 'refuses';
  }

  answered(interval: number): void {
    if (this.online) this.#tracker = 'open';
    this.#intervalMs = Math.min(Math.max(interval, LEAST_INTERVAL_S), LONGEST_INTERVAL_S) * 1000;
  }

  /** [AN2] Announces what is due. */
  tick(now: number, left: number | null, want: number, out: Output[]): void {
    if (this.#dueAt !== null && now >= this.#dueAt) this.announce('update', now, left, want, out);
  }

  announce(event: AnnounceEvent, now: number, left: number | null, want: number, out: Output[]): void {
    if (!this.online || this.#stopped) {
      this.#owesCompleted ||= event === 'completed';
      return;
    }
    out.push({ kind: 'announce', event, left, want: Math.min(want, MAX_ANNOUNCED_PEERS) });
    this.#dueAt = now + this.#intervalMs * (1 - this.#random.fraction() * JITTER_SHARE);
  }

  /** [AN4] */
  stop(now: number, left: number | null, out: Output[]): void {
    this.announce('stopped', now, left, 0, out);
    this.#stopped = true;
    this.#dueAt = null;
  }

  /** [ID4] What was announced until now was announced under another name. */
  leave(now: number, left: number | null, out: Output[]): void {
    if (this.#tracker !== 'refuses') this.announce('stopped', now, left, 0, out);
  }

  restart(now: number, left: number | null, want: number, out: Output[]): void {
    this.#stopped = false;
    this.#begin(now, left, want, out);
  }

  #begin(now: number, left: number | null, want: number, out: Output[]): void {
    this.announce('started', now, left, want, out);
    if (!this.#owesCompleted || !this.online || this.#stopped) return;
    this.#owesCompleted = false;
    this.announce('completed', now, left, want, out);
  }
}
