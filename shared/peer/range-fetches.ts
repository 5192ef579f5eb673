/**
 * The ranges that one share's machine has ordered of the web and that are not over ([WS1]). Owns how each is given up. Where
 * a platform fetches nothing, every order fails as if nobody were there.
 */
import type { Input, Output } from '../engine/io.ts';
import type { WebFacts } from '../protocol/web-texts.ts';
import { validatorOf } from '../url/validator.ts';
import type { WebRanges } from './ports.ts';

export class RangeFetches {
  readonly #web: WebRanges | null;
  readonly #feed: (input: Input) => void;
  readonly #giveUps = new Map<number, () => void>();

  /** [WS12] Of the file as it was when it was first asked about; null: it is not known. */
  readonly #validator: string | null;

  /** `facts`: of the file that is meant, where it may be another one meanwhile. */
  constructor(web: WebRanges | undefined, facts: WebFacts | undefined, feed: (input: Input) => void) {
    this.#web = web ?? null;
    this.#validator = facts === undefined ? null : validatorOf(facts);
    this.#feed = feed;
  }

  /** Answers at once, before this returns, only where there is nobody to fetch. */
  fetch({ range, url, from, length, size }: Output & { kind: 'fetch-range' }): void {
    if (this.#web === null) {
      this.#feed({ kind: 'range-failed', range, why: 'unreachable', retryMs: 0 });
      return;
    }
    const over = (): boolean => this.#giveUps.delete(range);
    const giveUp = this.#web.fetch(
      { url, from, length, size, validator: this.#validator },
      {
        came: (bytes) => this.#giveUps.has(range) && this.#feed({ kind: 'range-came', range, bytes }),
        ended: () => over() && this.#feed({ kind: 'range-ended', range }),
        failed: (why, retryMs) => over() && this.#feed({ kind: 'range-failed', range, why, retryMs }),
      },
    );
    this.#giveUps.set(range, giveUp);
  }

  abort(range: number): void {
    const giveUp = this.#giveUps.get(range);
    this.#giveUps.delete(range);
    giveUp?.();
  }

  /** Nothing is fed any more. */
  close(): void {
    for (const range of [...this.#giveUps.keys()]) this.abort(range);
  }
}
