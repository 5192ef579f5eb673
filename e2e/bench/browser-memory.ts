/**
 * How much memory one Chromium takes, by what its processes do, while a benchmark goes through its phases: looked at
 * twice a second. Knows no page.
 */
import { commandLine, familyOf, kindOf, KINDS, memoryOf } from './processes.ts';

const LOOK_MS = 500;

/** `all`: every process of the browser. */
export const WHOSE = [...KINDS, 'all'] as const;

/** Bytes, of all processes of a kind together; and the phase in which it was so much. */
export interface Peak {
  /** What is shared with others is counted by its part (PSS). */
  readonly own: number;
  /** Counted whole (RSS). */
  readonly resident: number;
  readonly phase: string;
}

export type Peaks = Readonly<Record<(typeof WHOSE)[number], Peak>>;

export class BrowserMemory {
  readonly #mark: string;
  readonly #phase: () => string;
  readonly #timer: ReturnType<typeof setInterval>;
  #peaks: Peaks;

  /** `mark`: what the command line of this browser alone has in it. */
  constructor(mark: string, phase: () => string) {
    this.#mark = mark;
    this.#phase = phase;
    this.#peaks = memoryNow(mark, phase());
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  stop(): Peaks {
    clearInterval(this.#timer);
    return this.#peaks;
  }

  #look(): void {
    const now = memoryNow(this.#mark, this.#phase());
    const higher = WHOSE.filter((whose) => now[whose].own > this.#peaks[whose].own);
    this.#peaks = { ...this.#peaks, ...Object.fromEntries(higher.map((whose) => [whose, now[whose]])) };
  }
}

export function memoryNow(mark: string, phase: string): Peaks {
  const nothing = (): { own: number; resident: number; phase: string } => ({ own: 0, resident: 0, phase });
  const now = {
    renderer: nothing(),
    browser: nothing(),
    storage: nothing(),
    network: nothing(),
    gpu: nothing(),
    other: nothing(),
    all: nothing(),
  };
  for (const { pid } of familyOf(mark)) {
    const { own, resident } = memoryOf(pid);
    for (const of of [now[kindOf(commandLine(pid))], now.all]) {
      of.own += own;
      of.resident += resident;
    }
  }
  return now;
}
