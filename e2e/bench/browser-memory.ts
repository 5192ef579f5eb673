/**
 * How much memory one Chromium takes, by what its processes do, while a benchmark goes through its phases: looked at
 * twice a second. Knows no page.
 */
import { commandLine, familyOf, memoryOf } from './processes.ts';

const LOOK_MS = 500;

/** `renderer`: pages, their workers and the service worker. */
export const KINDS = ['renderer', 'browser', 'storage', 'network', 'other'] as const;
export type Kind = (typeof KINDS)[number];

/** Bytes, of all processes of a kind together; and the phase in which it was so much. */
export interface Peak {
  /** What is shared with others is counted by its part (PSS). */
  readonly own: number;
  /** Counted whole (RSS). */
  readonly resident: number;
  readonly phase: string;
}

export type Peaks = Readonly<Record<Kind, Peak>>;

const NOTHING: Peak = { own: 0, resident: 0, phase: '' };

export class BrowserMemory {
  readonly #mark: string;
  readonly #phase: () => string;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #peaks = Object.fromEntries(KINDS.map((kind) => [kind, NOTHING])) as Record<Kind, Peak>;

  /** `mark`: what the command line of this browser alone has in it. */
  constructor(mark: string, phase: () => string) {
    this.#mark = mark;
    this.#phase = phase;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  stop(): Peaks {
    clearInterval(this.#timer);
    return this.#peaks;
  }

  #look(): void {
    const now = Object.fromEntries(KINDS.map((kind) => [kind, { own: 0, resident: 0 }])) as Record<
      Kind,
      { own: number; resident: number }
    >;
    for (const { pid } of familyOf(this.#mark)) {
      const { own, resident } = memoryOf(pid);
      const of = now[kindOf(commandLine(pid))];
      of.own += own;
      of.resident += resident;
    }
    for (const kind of KINDS) {
      if (now[kind].own > this.#peaks[kind].own) this.#peaks[kind] = { ...now[kind], phase: this.#phase() };
    }
  }
}

function kindOf(command: string): Kind {
  if (command.includes('--type=renderer')) return 'renderer';
  if (command.includes('storage.mojom.StorageService')) return 'storage';
  if (command.includes('network.mojom.NetworkService')) return 'network';
  return command.includes('--type=') || !command.includes('--user-data-dir=') ? 'other' : 'browser';
}
