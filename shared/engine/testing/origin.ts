/**
 * A server on the web as a machine of a test sees it: has files by their addresses, and sends the ranges that it is asked
 * for side by side, at its own pace, in parts cut anywhere. What it does wrong is the test's. Serves one machine.
 */
import type { Input, Output, RangeTrouble } from '../io.ts';
import type { Random } from '../../random.ts';

type Order = Output & { kind: 'fetch-range' };

interface Answer {
  readonly order: Order;
  /** It is one too many. */
  readonly crowds: boolean;
  sent: number;
}

/** Who has asked. */
interface Asker {
  tell(input: Input): unknown;
}

export interface OriginOptions {
  readonly now: () => number;
  readonly random: Random;
  /** The bytes at each address. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Bytes a second. */
  readonly rate: number;
  /** Ranges that it sends at a time; left out: any. */
  readonly mostAtOnce?: number;
  /** What is in the way of an order; null: nothing. */
  readonly trouble?: (order: Order) => { why: RangeTrouble; retryMs?: number } | null;
}

/** ms between two parts of all answers. */
const PART_MS = 20;

/** One of those whom a lab wakes. */
export class Origin {
  readonly ranges: Order[] = [];
  readonly #options: OriginOptions;
  readonly #answers = new Map<number, Answer>();
  #asker: Asker | null = null;
  #dueAt: number | null = null;
  /** It takes orders and says nothing. */
  silent = false;
  /** It ends each answer after so many bytes. */
  cutAfter = Infinity;

  constructor(options: OriginOptions) {
    this.#options = options;
  }

  get openRanges(): number {
    return this.#answers.size;
  }

  asked(asker: Asker, order: Order): void {
    this.#asker = asker;
    this.ranges.push(order);
    const sending = [...this.#answers.values()].filter(({ crowds }) => !crowds).length;
    const crowds = sending >= (this.#options.mostAtOnce ?? Infinity);
    this.#answers.set(order.range, { order, crowds, sent: 0 });
    this.#dueAt ??= this.#options.now() + PART_MS;
  }

  aborted(range: number): void {
    if (!this.#answers.delete(range)) throw new Error('[WS3] a range is given up that is not out');
  }

  nextWakeup(): number | null {
    return this.#answers.size === 0 || this.silent ? null : this.#dueAt;
  }

  wake(now: number): void {
    this.#dueAt = now + PART_MS;
    const sending = [...this.#answers.values()].filter(({ crowds }) => !crowds).length;
    const each = Math.ceil((this.#options.rate * PART_MS) / 1000 / Math.max(1, sending));
    for (const range of [...this.#answers.keys()]) this.#goOn(range, each);
  }

  #goOn(range: number, most: number): void {
    const answer = this.#answers.get(range);
    if (answer === undefined) return; // given up while another one was told
    const { order, crowds } = answer;
    const trouble = crowds ? { why: 'busy' as const } : (this.#options.trouble?.(order) ?? null);
    const file = this.#options.files.get(order.url);
    if (trouble !== null || file === undefined) {
      this.#answers.delete(range);
      const { why, retryMs = 0 } = trouble ?? { why: 'refused' as const };
      this.#asker?.tell({ kind: 'range-failed', range, why, retryMs });
      return;
    }
    const end = Math.min(order.length, answer.sent + most, this.cutAfter);
    while (answer.sent < end) {
      const some = Math.min(end - answer.sent, 1 + this.#options.random.below(40_000));
      const from = order.from + answer.sent;
      answer.sent += some;
      this.#asker?.tell({ kind: 'range-came', range, bytes: file.slice(from, from + some) });
      if (!this.#answers.has(range)) return;
    }
    if (answer.sent < Math.min(order.length, this.cutAfter)) return;
    this.#answers.delete(range);
    this.#asker?.tell({ kind: 'range-ended', range });
  }
}
