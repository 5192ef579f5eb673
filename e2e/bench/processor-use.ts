/**
 * What a browser's processor time goes into, by process and thread, from /proc (Linux). Knows no page.
 */
import { readdirSync } from 'node:fs';
import { commandLine, familyOf, kindOf, textOf } from './processes.ts';

/** Milliseconds by place: `renderer`, and `renderer: DedicatedWorker` for a part of it. */
export type Use = Readonly<Record<string, number>>;

interface Thread {
  readonly name: string;
  readonly ms: number;
}

interface Look {
  readonly kind: string;
  /** With what its ended threads took. */
  readonly ms: number;
  readonly threads: ReadonlyMap<string, Thread>;
}

/** Of what no living thread took, less than this is the rounding of two clocks. */
const ROUNDING_MS = 20;

export class ProcessorUse {
  readonly #mark: string;
  readonly #before: ReadonlyMap<number, Look>;

  /** `mark`: what the command line of this browser alone has in it. */
  constructor(mark: string) {
    this.#mark = mark;
    this.#before = looked(mark);
  }

  /** Since this was made. */
  sofar(): Use {
    const use: Record<string, number> = {};
    const add = (place: string, ms: number): void => void (use[place] = (use[place] ?? 0) + ms);
    for (const [pid, { kind, ms, threads }] of looked(this.#mark)) {
      const before = this.#before.get(pid);
      let rest = ms - (before?.ms ?? 0);
      add(kind, rest);
      for (const [id, { name, ms: now }] of threads) {
        const took = now - (before?.threads.get(id)?.ms ?? 0);
        add(`${kind}: ${name}`, took);
        rest -= took;
      }
      if (rest > ROUNDING_MS) add(`${kind}: threads that ended`, rest);
    }
    return use;
  }
}

function looked(mark: string): ReadonlyMap<number, Look> {
  return new Map(
    familyOf(mark).map(({ pid, ms }) => [
      pid,
      { kind: kindOf(commandLine(pid)), ms, threads: threadsOf(pid) },
    ]),
  );
}

function threadsOf(pid: number): ReadonlyMap<string, Thread> {
  const folder = `/proc/${pid}/task`;
  return new Map(
    namesIn(folder).map((id) => {
      // Nanoseconds on a processor: ticks, of 10 ms, would leave little of what forty threads do.
      const [running] = textOf(`${folder}/${id}/schedstat`).split(' ');
      const name = id === String(pid) ? 'main thread' : nameOf(textOf(`${folder}/${id}/comm`));
      return [id, { name, ms: Number(running) / 1e6 }];
    }),
  );
}

/** Of a pool there are many. */
function nameOf(comm: string): string {
  return comm.trim().replace(/[\d/#:]+$/, '');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // the process has ended meanwhile
  }
}

/** The processes alone, without their threads. */
export function byProcess(use: Use): Use {
  return Object.fromEntries(Object.entries(use).filter(([place]) => !place.includes(': ')));
}

/** Of all processes. */
export function totalOf(use: Use): number {
  return Object.values(byProcess(use)).reduce((sum, ms) => sum + ms, 0);
}
