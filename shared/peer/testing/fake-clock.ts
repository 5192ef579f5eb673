/** A clock that stands still until a test moves it, with a turn of the event loop wherever work may be under way. */
import type { Clock } from '../ports.ts';

interface Task {
  readonly at: number;
  readonly run: () => void;
}

export class FakeClock implements Clock {
  #now = 0;
  /** Ms since 1970 at the time 0. */
  readonly #epoch: number;
  #tasks: Task[] = [];

  constructor(epoch = Date.UTC(2026, 10, 26)) {
    this.#epoch = epoch;
  }

  now(): number {
    return this.#now;
  }

  today(): number {
    return this.#epoch + this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const task = { at: this.#now + Math.max(0, ms), run };
    this.#tasks.push(task);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== task);
    };
  }

  /** Runs what is due within so many ms, each at its time. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#tasks = this.#tasks.filter((task) => task !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settled();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** Time passes and nothing runs, as on a device that sleeps; what is due by then is due when it moves on. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  /** Moves on until it is so; throws when it is not within so many ms. */
  async until(isSo: () => boolean, what: string, withinMs = 60_000): Promise<void> {
    const end = this.#now + withinMs;
    await settled();
    while (!isSo()) {
      if (this.#now >= end) throw new Error(`not within ${withinMs} ms: ${what}`);
      const next = this.#next(end)?.at ?? end;
      await this.advance(next - this.#now);
    }
  }

  #next(end: number): Task | undefined {
    let next: Task | undefined;
    for (const task of this.#tasks) {
      if (task.at <= end && (next === undefined || task.at < next.at)) next = task;
    }
    return next;
  }
}

/** All promises that wait for nothing but each other have come to rest. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
