/**
 * What the person wants of a share and how far that is ([EN5], [EN6]). Owns whether a download was asked for, whether
 * it was completed, and what keeps it from going on. Knows no pieces and no peers.
 */
import type { SharePhase, Trouble } from './io.ts';

/**
 * What was completed: the share, for the first time; what was wanted of it, which is no news to the tracker; or what was
 * complete before.
 */
export type Reached = 'whole' | 'part' | 'again';

export class Intent {
  #wants: 'look' | 'download' | 'pause' = 'look';
  #askedAt = 0;
  #trouble: Trouble | null = null;
  #completed = false;
  /** It was complete before: a piece that had to be fetched anew completes nothing. */
  #wasComplete = false;
  /** Not only what was wanted of it, but all of the share was here before. */
  #wasWhole = false;

  /** When a download was asked for last, in ms. */
  get askedAt(): number {
    return this.#askedAt;
  }

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  /** Everything wanted was here when the share was opened; `whole`: all of the share. */
  beginComplete(whole: boolean): void {
    this.#wasWhole = whole;
    this.#completed = true;
    this.#wasComplete = true;
  }

  download(now: number): void {
    this.#wants = 'download';
    this.#trouble = null;
    this.#askedAt = now;
  }

  pause(): void {
    if (this.#wants === 'download' && !this.#completed) this.#wants = 'pause';
  }

  resume(): void {
    this.#trouble = null;
  }

  /** Nothing goes on before the person asks for it. */
  fail(trouble: Trouble): void {
    this.#trouble = trouble;
  }

  /** Our copy of a piece is gone: who had everything wants everything, or waits until it is asked for. */
  pieceLost(pauses: boolean): void {
    if (this.#completed) this.#wants = pauses ? 'pause' : 'download';
    this.#completed = false;
  }

  /**
   * [PK5] More is wanted than is here. What was complete goes on by itself, and its next end is one to tell of;
   * `stopped`: when the person starts it again.
   */
  wantsMore(stopped: boolean, now: number): void {
    if (!this.#completed) return;
    this.#askedAt = now;
    this.#wants = stopped ? 'pause' : 'download';
    this.#completed = false;
    this.#wasComplete = false;
  }

  /** [PK5] Less is wanted, and all of it is here: nothing is left to pause. */
  wantsNoMore(): void {
    if (this.#wants === 'pause') this.#wants = 'download';
  }

  /** Everything wanted is here. `whole`: so is all of the share. Null: nobody asked for it, or it is told already. */
  everythingHere(whole: boolean): Reached | null {
    if (this.#completed || this.#wants !== 'download') return null;
    this.#completed = true;
    const [wasComplete, wasWhole] = [this.#wasComplete, this.#wasWhole];
    this.#wasComplete = true;
    this.#wasWhole ||= whole;
    if (wasComplete) return 'again';
    return whole && !wasWhole ? 'whole' : 'part';
  }

  /** `full`: verified pieces wait for room; null: what the share consists of is not known. */
  phase(stopped: boolean, full: boolean | null): SharePhase {
    if (this.#trouble !== null) return 'failed';
    if (stopped) return 'stopped';
    if (full === null) return 'looking';
    if (this.#completed) return 'complete';
    if (this.#wants === 'download') return full ? 'full' : 'downloading';
    return this.#wants === 'pause' ? 'paused' : 'ready';
  }
}
