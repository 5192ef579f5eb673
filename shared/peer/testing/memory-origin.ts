/** A server on the web without a network, for tests: it says what it has, and sends ranges of it when a clock lets it. */
import type { RangeTrouble } from '../../engine/io.ts';
import type { ProbeOutcome, UrlFacts, UrlProbe } from '../../url/probe.ts';
import type { Clock, RangeOrder, WebRanges } from '../ports.ts';

export class MemoryOrigin implements WebRanges, UrlProbe {
  readonly orders: RangeOrder[] = [];
  readonly probed: string[] = [];
  /** Instead of what it has. */
  trouble: RangeTrouble | null = null;
  facts: Partial<UrlFacts> = {};
  sentBytes = 0;
  out = 0;
  givenUp = 0;
  readonly #clock: Clock;
  readonly #content: Uint8Array;

  constructor(clock: Clock, content: Uint8Array) {
    this.#clock = clock;
    this.#content = content;
  }

  async probe(url: string): Promise<ProbeOutcome> {
    this.probed.push(url);
    const { length: size } = this.#content;
    const found = { url, finalUrl: url, size, name: 'film.bin', ranges: true };
    return { kind: 'facts', facts: { ...found, etag: '"a"', lastModified: null, ...this.facts } };
  }

  fetch(order: RangeOrder, listener: Parameters<WebRanges['fetch']>[1]): () => void {
    const { from, length } = order;
    this.orders.push(order);
    this.out++;
    const cancel = this.#clock.after(20, () => {
      this.out--;
      if (this.trouble !== null) return listener.failed(this.trouble, 0);
      this.sentBytes += length;
      listener.came(this.#content.slice(from, from + length));
      listener.ended();
    });
    return () => {
      this.givenUp++;
      cancel();
    };
  }
}
