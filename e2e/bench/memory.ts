/**
 * `npm run bench -- memory [--size 256MB,3GB] [--runs 1] [--json]`: how much memory two browsers take while a file goes
 * from one to the other and is saved whole, above what they take with the page open and nothing to do, and whether a
 * larger file takes more. The renderers, in which everything of ours runs, are told apart from the browser's own
 * processes. Linux, Chromium.
 */
import { rm } from 'node:fs/promises';
import type { LaunchOptions } from 'playwright';
import { expect } from 'playwright/test';
import type { RunningServer } from '../../signal-server/server.ts';
import { Folder, sha256Of } from '../files.ts';
import type { MadeFile } from '../files.ts';
import { newPerson } from '../person.ts';
import type { Person } from '../person.ts';
import { startShoal } from '../shoal.ts';
import { BrowserMemory, memoryNow, WHOSE } from './browser-memory.ts';
import type { Peaks } from './browser-memory.ts';
import { withTwoBrowsers } from './browsers.ts';
import { ratio, series } from './figures.ts';
import type { Figure, Series } from './figures.ts';
import { inTurn, runPart } from './harness.ts';
import type { Part } from './harness.ts';
import { sizesIn, toldSize } from './sizes.ts';

const GOAL_MB = { most: 500 };
const GROWTH_GOAL = { most: 1.2 };
/** Each of reading, loading and saving must be done within this. */
const PATIENCE = { timeout: 1_800_000 };
const SIDES = ['sender', 'receiver'] as const;
/** What is judged: every process of the browser, and those in which pages and their workers run. */
const JUDGED = ['all', 'renderer'] as const;

interface Side {
  readonly idle: Peaks;
  readonly peaks: Peaks;
}

interface Found {
  readonly bytes: number;
  /** By phase. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly sender: Side;
  readonly receiver: Side;
}

const PART: Part = {
  name: 'memory',
  about:
    'How much memory both browsers take at most, above that of the idle page, for a file and for a larger one.\n' +
    'Where WebRTC is slow, at 5 MB/s, 3 GB take a quarter of an hour a run.',
  options: { size: '256MB,3GB', runs: '1' },
  leastRuns: 1, // a peak is the most of hundreds of looks
  async measure({ launch, runs, say }, { size = '' }) {
    const sizes = sizesIn(size);
    const folder = await Folder.make();
    const server = await startShoal();
    try {
      const files = new Map<string, MadeFile>();
      for (const bytes of sizes) files.set(String(bytes), await folder.largeFile(`${bytes}.bin`, bytes));
      const found = await inTurn(
        runs,
        Object.fromEntries(
          [...files].map(([bytes, file]) => [bytes, () => saved(launch, server, file, Number(bytes))]),
        ),
        (_, __, one) => say(told(one)),
      );
      return { figures: figuresOf(sizes.map((bytes) => found[String(bytes)] ?? [])), measured: { found } };
    } finally {
      await Promise.all([server.close(), folder.remove()]);
    }
  },
};

export const run = (args: string[]): Promise<void> => runPart(PART, args);

function saved(launch: LaunchOptions, server: RunningServer, file: MadeFile, bytes: number): Promise<Found> {
  return withTwoBrowsers(launch, async (one, other) => {
    const [sender, receiver] = [await newPerson(one.context), await newPerson(other.context)];
    for (const person of [sender, receiver]) {
      await person.page.goto(server.url);
      await person.installed();
    }
    const phases = new Phases();
    const [sendersIdle, receiversIdle] = [memoryNow(one.mark, 'idle'), memoryNow(other.mark, 'idle')];
    const [sending, receiving] = [one, other].map(({ mark }) => new BrowserMemory(mark, () => phases.now));
    const seconds = await passed(sender, receiver, file, phases);
    const [sendersPeaks, receiversPeaks] = [sending?.stop(), receiving?.stop()];
    if (sendersPeaks === undefined || receiversPeaks === undefined) throw new Error('there are two browsers');
    return {
      bytes,
      seconds,
      sender: { idle: sendersIdle, peaks: sendersPeaks },
      receiver: { idle: receiversIdle, peaks: receiversPeaks },
    };
  });
}

/** Through the product, from the choice of the file to the saved one, which is compared. Answers the phases' seconds. */
async function passed(
  sender: Person,
  receiver: Person,
  file: MadeFile,
  phases: Phases,
): Promise<Readonly<Record<string, number>>> {
  phases.begin('reading');
  await sender.page.getByLabel('Choose files').setInputFiles(file.path);
  await receiver.open(await linkOf(sender));
  phases.begin('loading');
  const [download] = await Promise.all([
    receiver.page.waitForEvent('download', PATIENCE),
    receiver.button('Download').click(),
  ]);
  phases.begin('saving');
  const path = await download.path();
  await expect(receiver.status).toHaveText(/Saved to your downloads/, PATIENCE);
  const seconds = phases.end();
  if ((await sha256Of(path)) !== file.sha256) throw new Error('the saved file is not the one that was sent');
  await rm(path);
  return seconds;
}

async function linkOf(sender: Person): Promise<string> {
  const box = sender.page.getByRole('textbox', { name: 'Share link' });
  await expect(box).toHaveValue(/#[\w-]{43}$/, PATIENCE);
  return box.inputValue();
}

/** What is going on, and how long each part of it took. */
class Phases {
  readonly #seconds: Record<string, number> = {};
  #now = 'starting';
  #since = performance.now();

  get now(): string {
    return this.#now;
  }

  begin(phase: string): void {
    this.end();
    this.#now = phase;
  }

  end(): Readonly<Record<string, number>> {
    this.#seconds[this.#now] = (performance.now() - this.#since) / 1000;
    this.#since = performance.now();
    return this.#seconds;
  }
}

/** Of the largest file, and against the smallest one. */
function figuresOf(bySize: readonly (readonly Found[])[]): Figure[] {
  const [smallest, largest] = [bySize[0] ?? [], bySize.at(-1) ?? []];
  const size = toldSize(largest[0]?.bytes ?? 0);
  const other = toldSize(smallest[0]?.bytes ?? 0);
  return SIDES.flatMap((side) =>
    JUDGED.flatMap((whose): Figure[] => {
      const [less, more] = [above(smallest, side, whose), above(largest, side, whose)];
      const what = `Peak memory above the idle page’s, ${side}, ${whose === 'all' ? 'whole browser' : 'renderers'}`;
      return [
        { what: `${what}: ${size}`, value: more.median / 1e6, unit: 'MB', goal: GOAL_MB },
        ...(smallest === largest
          ? []
          : [
              {
                what: `${what}: ${size}, of that of ${other}`,
                value: ratio(more, less),
                unit: 'ratio' as const,
                goal: GROWTH_GOAL,
              },
            ]),
      ];
    }),
  );
}

function above(
  found: readonly Found[],
  side: (typeof SIDES)[number],
  whose: (typeof JUDGED)[number],
): Series {
  return series(found.map(({ [side]: { idle, peaks } }) => peaks[whose].own - idle[whose].own));
}

function told({ bytes, seconds, sender, receiver }: Found): string {
  const rows = WHOSE.map((whose) => `${whose.padEnd(10)}${cell(sender, whose)}${cell(receiver, whose)}`);
  const times = Object.entries(seconds).map(([phase, took]) => `${phase} ${took.toFixed(1)} s`);
  return [
    `${toldSize(bytes)} saved whole: ${times.join(', ')}`,
    'Peaks in MB, each kind of process together: PSS (RSS), when, and PSS of the idle page',
    `${''.padEnd(10)}${'sender'.padEnd(38)}receiver`,
    ...rows,
  ].join('\n');
}

function cell({ peaks, idle }: Side, whose: (typeof WHOSE)[number]): string {
  const { own, resident, phase } = peaks[whose];
  const [most, whole, before] = [own, resident, idle[whose].own].map((bytes) => (bytes / 1e6).toFixed(0));
  return `${most} (${whole}) ${phase}, ${before}`.padEnd(38);
}
