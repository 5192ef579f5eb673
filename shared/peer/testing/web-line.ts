/** One peer's line to servers in memory: all that it asks for together comes no faster than the line, and what is wrong on it is its own. */
import type { RangeTrouble } from '../../engine/io.ts';
import type { Clock, RangeOrder, WebRanges } from '../ports.ts';
import type { MemoryWeb } from './memory-web.ts';

/** Bytes that come at once. */
const PART_BYTES = 16_384;

export class WebLine implements WebRanges {
  readonly #web: MemoryWeb;
  readonly #clock: Clock;
  /** Bytes a second. */
  rate: number;
  /** In the way of everything that is asked for; null: nothing. */
  trouble: RangeTrouble | null = null;
  /** What becomes of bytes on their way, by their place in the file. */
  changes: (bytes: Uint8Array<ArrayBuffer>, from: number) => Uint8Array<ArrayBuffer> = (bytes) => bytes;
  readonly orders: RangeOrder[] = [];
  cameBytes = 0;
  #freeAt = 0;

  constructor(web: MemoryWeb, clock: Clock, rate: number) {
    [this.#web, this.#clock, this.rate] = [web, clock, rate];
  }

  fetch(order: RangeOrder, listener: Parameters<WebRanges['fetch']>[1]): () => void {
    const { url, from, length } = order;
    this.orders.push(order);
    let sent = 0;
    let over = false;
    const goOn = (): void => {
      if (over) return;
      const trouble = this.trouble ?? this.#web.troubleOf(order);
      over = trouble !== null || sent === length;
      if (trouble !== null) return listener.failed(trouble, 0);
      if (over) return listener.ended();
      const some = Math.min(PART_BYTES, length - sent);
      this.#later(some, () => {
        if (over) return;
        const at = from + sent;
        sent += some;
        this.cameBytes += some;
        listener.came(this.changes(this.#web.bytesOf(url, at, some), at));
        goOn();
      });
    };
    this.#later(0, goOn);
    return () => {
      over = true;
    };
  }

  #later(bytes: number, run: () => void): void {
    const now = this.#clock.now();
    this.#freeAt = Math.max(this.#freeAt, now) + (bytes * 1_000) / this.rate;
    this.#clock.after(this.#freeAt - now, run);
  }
}
