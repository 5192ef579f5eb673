/** Servers on the web in memory: files at their addresses, which peers probe and fetch ranges of, at a pace of their own. */
import type { RangeTrouble } from '../../engine/io.ts';
import type { ProbeOutcome, UrlProbe } from '../../url/probe.ts';
import type { Clock, RangeOrder, StreamPart, UrlStream, WebRanges } from '../ports.ts';

export interface WebPage {
  bytes: Uint8Array<ArrayBuffer>;
  etag: string | null;
  ranges: boolean;
  saysSize: boolean;
  /** What is in the way; null: nothing. */
  trouble: RangeTrouble | null;
}

/** ms between two parts of an answer. */
const PART_MS = 10;

export class MemoryWeb {
  readonly pages = new Map<string, WebPage>();
  /** Ranges that were asked for, of whoever. */
  readonly orders: RangeOrder[] = [];
  /** Bytes a second of each range. */
  rate = 10_000_000;
  closedStreams = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put(url: string, bytes: Uint8Array<ArrayBuffer>, more: Partial<WebPage> = {}): WebPage {
    const page: WebPage = { bytes, etag: '"1"', ranges: true, saysSize: true, trouble: null, ...more };
    this.pages.set(url, page);
    return page;
  }

  get fetchedBytes(): number {
    return this.orders.reduce((sum, { length }) => sum + length, 0);
  }

  /** What is in the way of an order now; null: nothing. */
  troubleOf({ url, validator = null, size }: RangeOrder): RangeTrouble | null {
    const page = this.pages.get(url);
    if (page === undefined) return 'refused';
    if (page.trouble !== null) return page.trouble;
    if (validator !== null && page.etag !== null && validator !== page.etag) return 'changed';
    return page.bytes.length === size ? null : 'other-size';
  }

  bytesOf(url: string, from: number, length: number): Uint8Array<ArrayBuffer> {
    return this.pages.get(url)?.bytes.slice(from, from + length) ?? new Uint8Array();
  }

  readonly probe: UrlProbe = { probe: async (url) => this.#probed(url) };

  readonly ranges: WebRanges = {
    fetch: (order, listener) => {
      this.orders.push(order);
      let sent = 0;
      let over = false;
      const fail = (why: RangeTrouble): void => {
        over = true;
        listener.failed(why, 0);
      };
      const goOn = (): void => {
        if (over) return;
        const trouble = this.troubleOf(order);
        if (trouble !== null) return fail(trouble);
        const some = Math.min(order.length - sent, Math.ceil((this.rate * PART_MS) / 1_000));
        const from = order.from + sent;
        sent += some;
        listener.came(this.bytesOf(order.url, from, some));
        if (sent < order.length) return void this.#clock.after(PART_MS, goOn);
        over = true;
        listener.ended();
      };
      this.#clock.after(PART_MS, goOn);
      return () => {
        over = true;
      };
    },
  };

  /** Whole files, in parts of 100,000 bytes. */
  readonly stream: UrlStream = {
    open: async (url) => {
      const page = this.pages.get(url);
      if (page === undefined) return { kind: 'failed', why: 'refused' };
      let sent = 0;
      const next = async (): Promise<StreamPart> => {
        if (page.trouble !== null) return { kind: 'failed', why: page.trouble };
        if (sent >= page.bytes.length) return { kind: 'end' };
        const bytes = page.bytes.slice(sent, sent + 100_000);
        sent += bytes.length;
        return { kind: 'bytes', bytes };
      };
      return { kind: 'opened', stream: { next, close: () => this.closedStreams++ } };
    },
  };

  #probed(url: string): ProbeOutcome {
    const page = this.pages.get(url);
    if (page === undefined) return { kind: 'refused', why: 'refused', status: 404, retryMs: 0 };
    const { bytes, etag, ranges } = page;
    const name = url.split('/').at(-1) ?? '';
    const facts = {
      url,
      finalUrl: url,
      size: page.saysSize ? bytes.length : null,
      name,
      ranges,
      etag,
      lastModified: null,
    };
    return { kind: 'facts', facts };
  }
}
