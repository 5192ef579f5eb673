/**
 * What the person wants of a share and how far that is ([EN5], [EN6]). Owns whether a download was asked for, whether
 * it was completed, and what keeps it from going on. Knows no pieces and no peers.
 */
import type { SharePhase, Trouble } from './io.ts';

export class Intent {
  #wants: 'look' | 'download' | 'pause' = 'look';
  #askedAt = 0;
  #trouble: Trouble | null = null;
  #completed = false;
  /** It was complete before: a piece that had to be fetched anew completes nothing. */
  #wasComplete = false;

  /** When a download was asked for last, in ms. */
  get askedAt(): number {
    return this.#askedAt;
  }

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  /** Everything was here when the share was opened. */
  beginComplete(): void {
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

  /** Every piece is here. `again`: it was completed before. Null: nobody asked for it, or it is told already. */
  everythingHere(): 'completed' | 'again' | null {
    if (this.#completed || this.#wants !== 'download') return null;
    this.#completed = true;
    const before = this.#wasComplete;
    this.#wasComplete = true;
    return before ? 'again' : 'completed';
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
