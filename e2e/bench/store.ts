/**
 * `npm run bench -- store [--size 512] [--runs 3] [--piece 256] [--order shuffled] [--waiting 64,4,2,1] [--json]` (MiB, KiB; verified
 * pieces that wait for the store at a time: a row each, with a quarter of the bytes where they are few): how fast pieces
 * go into the browser's storage and come out of it, and what processor time that takes: segments in files against segments
 * as Blobs in the database, and both against one value a piece, in turn, in a profile on disk. And how long a page with
 * many large shares needs until it knows what it has.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import type { LaunchOptions, Page } from 'playwright';
import { findChromium } from '../../scripts/browsers.ts';
import { chromiumOptions } from '../launch.ts';
import { bundled, SCRIPTED_PAGE, servePages } from '../pages/bundle.ts';
import type { Job, Order, Subject, Took } from '../pages/store-bench-page.ts';
import { processorMs } from './processor-time.ts';

const SUBJECTS: readonly Subject[] = ['one value a piece', 'Blobs', 'files'];
const WARM_UP_PIECES = 64;
const MANY_WAITING = 64;
/** Where many wait, and where few do. */
const MANY_GOALS = 'goals for writing 2.00, 0.60';
const FEW_GOALS = 'goals for writing 1.00, 1.00';
const LIST_GOAL_MS = 300;
const SHARES = { shares: 100, pieces: 10_000, manifestBytes: 950_000 };

interface Figures {
  /** MB/s (10^6 bytes). */
  readonly speed: number;
  /** Milliseconds of processor time a MB, the whole browser's. */
  readonly processor: number;
}

type Way = 'write' | 'read';
type Writing = Pick<Job & { kind: 'write' }, 'order' | 'waiting' | 'pieceBytes'>;
type Measured = Record<Subject, Record<Way, Figures[]>>;

interface Row {
  readonly waiting: number;
  readonly measured: Measured;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      size: { type: 'string', default: '512' },
      runs: { type: 'string', default: '3' },
      piece: { type: 'string', default: '256' },
      order: { type: 'string', default: 'in order' },
      waiting: { type: 'string', default: '64,4,2,1' },
      json: { type: 'boolean', default: false },
    },
  });
  const say = values.json ? () => undefined : (line: string) => console.log(line);
  const found = await findChromium();
  if (found.kind === 'absent') throw new Error(found.sentence);
  const script = { type: 'text/javascript', body: await bundled('store-bench-page.ts') };
  const server = await servePages({
    '/': { ...SCRIPTED_PAGE, body: '<!doctype html>' },
    '/worker.js': script,
  });
  const bench = new Bench(chromiumOptions(found.path, found.sandbox), server.origin, say);
  try {
    const order: Order = values.order === 'shuffled' ? 'shuffled' : 'in order';
    const pieceBytes = Number(values.piece) * 2 ** 10;
    const pieces = (Number(values.size) * 2 ** 20) / pieceBytes;
    const runs = Number(values.runs);
    const rows: Row[] = [];
    for (const waiting of values.waiting.split(',').map(Number)) {
      say(`${waiting} waiting`);
      const some = waiting < MANY_WAITING ? pieces / 4 : pieces;
      const row = { waiting, measured: await bench.measure(some, runs, { order, waiting, pieceBytes }) };
      rows.push(row);
      report(row, say);
    }
    const list = await bench.list(runs);
    if (values.json) console.log(JSON.stringify({ rows, list }));
    else reportList(list, say);
  } finally {
    await server.close();
  }
}

class Bench {
  readonly #launch: LaunchOptions;
  readonly #origin: string;
  readonly #say: (line: string) => void;

  constructor(launch: LaunchOptions, origin: string, say: (line: string) => void) {
    this.#launch = launch;
    this.#origin = origin;
    this.#say = say;
  }

  async measure(pieces: number, runs: number, writing: Writing): Promise<Measured> {
    const { pieceBytes } = writing;
    const megabytes = (pieces * pieceBytes) / 1e6;
    const measured: Measured = {
      'one value a piece': { write: [], read: [] },
      Blobs: { write: [], read: [] },
      files: { write: [], read: [] },
    };
    for (let turn = 1; turn <= runs; turn++) {
      for (const subject of SUBJECTS) {
        await this.#withProfile(async (perform) => {
          const size = { pieces, pieceBytes, round: 1 };
          // What a browser does as it starts is not to be measured.
          const little = { ...size, pieces: WARM_UP_PIECES, round: 2 };
          await perform({ kind: 'write', subject, ...writing, ...little });
          await perform({ kind: 'read', subject, ...little });
          const write = await perform({ kind: 'write', subject, ...writing, ...size });
          const read = await perform({ kind: 'read', subject, ...size });
          measured[subject].write.push(figures(megabytes, write));
          measured[subject].read.push(figures(megabytes, read));
          const said = [write, read].map((took) => written(figures(megabytes, took))).join('; read ');
          this.#say(`run ${turn}, ${subject}: write ${said}`);
        });
      }
    }
    return measured;
  }

  /** Medians, by what took the time. */
  async list(runs: number): Promise<Took> {
    return this.#withProfile(async (perform) => {
      await perform({ kind: 'fill', ...SHARES });
      const all: Took[] = [];
      for (let turn = 0; turn < runs; turn++) all.push((await perform({ kind: 'list' })).took);
      const names = Object.keys(all[0] ?? {});
      return Object.fromEntries(names.map((name) => [name, median(all.map((took) => took[name] ?? 0))]));
    });
  }

  async #withProfile<T>(
    work: (perform: (job: Job) => Promise<{ took: Took; processor: number }>) => Promise<T>,
  ): Promise<T> {
    const profile = await mkdtemp(join(tmpdir(), 'shoal-bench-'));
    const context = await chromium.launchPersistentContext(profile, this.#launch);
    try {
      const page = await context.newPage();
      await page.goto(this.#origin);
      return await work(async (job) => {
        const before = processorMs(profile);
        const took = await performed(page, job);
        return { took, processor: processorMs(profile) - before };
      });
    } finally {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

/** In a worker of its own, as in the product. */
function performed(page: Page, job: Job): Promise<Took> {
  return page.evaluate(async (order) => {
    const worker = new Worker('/worker.js', { type: 'module' });
    const answer = await new Promise<{ took: Took } | { error: string }>((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => resolve({ error: message });
      worker.postMessage(order);
    });
    worker.terminate();
    if ('error' in answer) throw new Error(answer.error);
    return answer.took;
  }, job);
}

function figures(megabytes: number, { took, processor }: { took: Took; processor: number }): Figures {
  const ms = took['write'] ?? took['read'] ?? Number.NaN;
  return { speed: (megabytes / ms) * 1_000, processor: processor / megabytes };
}

function report({ waiting, measured }: Row, say: (line: string) => void): void {
  const goals = waiting < MANY_WAITING ? FEW_GOALS : MANY_GOALS;
  for (const way of ['write', 'read'] as const) {
    const medians = SUBJECTS.map((subject) => ({
      subject,
      speed: median(measured[subject][way].map(({ speed }) => speed)),
      processor: median(measured[subject][way].map(({ processor }) => processor)),
    }));
    const [first] = medians;
    for (const { subject, speed, processor } of medians) {
      const ratios = [speed / (first?.speed ?? speed), processor / (first?.processor ?? processor)];
      const [faster, cheaper] = ratios.map((ratio) => ratio.toFixed(2));
      say(
        `${way}, ${subject}: ${written({ speed, processor })}; ${faster} of the speed, ${cheaper} of the processor time`,
      );
    }
    say(`  (of one value a piece; ${goals})`);
  }
}

function reportList(list: Took, say: (line: string) => void): void {
  const parts = Object.entries(list).map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`);
  say(
    `${SHARES.shares} shares of ${SHARES.pieces} pieces: ${parts.join(', ')} (goal ${LIST_GOAL_MS} ms in all)`,
  );
}

function written({ speed, processor }: Figures): string {
  return `${speed.toFixed(0)} MB/s, ${processor.toFixed(1)} ms/MB`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return ((low ?? 0) + (high ?? 0)) / 2;
}
