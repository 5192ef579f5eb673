/**
 * `npm run bench -- memory [--size 3GB] [--json]`: how much memory two browsers take while a file far larger than that
 * goes from one to the other and is saved whole. Judged are the renderers, in which everything of ours runs; the
 * browser's own processes are told apart. Linux, Chromium.
 */
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { BrowserContext, LaunchOptions } from 'playwright';
import { expect } from 'playwright/test';
import { buildPage } from '../../scripts/build.ts';
import { findChromium } from '../../scripts/browsers.ts';
import { Folder, sha256Of } from '../files.ts';
import type { MadeFile } from '../files.ts';
import { chromiumOptions } from '../launch.ts';
import { newPerson } from '../person.ts';
import type { Person } from '../person.ts';
import { startShoal } from '../shoal.ts';
import { BrowserMemory, KINDS } from './browser-memory.ts';
import type { Peaks } from './browser-memory.ts';
import { bytesIn } from './sizes.ts';
import { withTwoBrowsers } from './two-browsers.ts';

const GOAL_BYTES = 500e6;
/** Each of reading, loading and saving must be done within this. */
const PATIENCE = { timeout: 1_800_000 };

interface Report {
  readonly bytes: number;
  /** Seconds, by phase. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly sender: Peaks;
  readonly receiver: Peaks;
  readonly good: boolean;
}

export async function run(args: string[]): Promise<void> {
  const options = {
    size: { type: 'string', default: '3GB' },
    json: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args, options });
  const bytes = bytesIn(values.size);
  const chromium = await findChromium();
  if (chromium.kind === 'absent') throw new Error(chromium.sentence);
  await buildPage();
  const report = await measure(bytes, chromiumOptions(chromium.path, chromium.sandbox));
  console.log(values.json ? JSON.stringify(report) : told(report));
  if (!report.good) process.exitCode = 1;
}

async function measure(bytes: number, launch: LaunchOptions): Promise<Report> {
  const folder = await Folder.make();
  const server = await startShoal();
  try {
    const file = await folder.largeFile('large.bin', bytes);
    return await withTwoBrowsers(launch, async (one, other, marks) => {
      const phases = new Phases();
      const [sending, receiving] = marks.map((mark) => new BrowserMemory(mark, () => phases.now));
      const seconds = await passed(one, other, server.url, file, phases);
      const [sender, receiver] = [sending?.stop(), receiving?.stop()];
      if (sender === undefined || receiver === undefined) throw new Error('there are two browsers');
      const good = Math.max(sender.renderer.own, receiver.renderer.own) < GOAL_BYTES;
      return { bytes, seconds, sender, receiver, good };
    });
  } finally {
    await Promise.all([server.close(), folder.remove()]);
  }
}

/** Through the product, from the choice of the file to the saved one, which is compared. Answers the phases' seconds. */
async function passed(
  one: BrowserContext,
  other: BrowserContext,
  address: string,
  file: MadeFile,
  phases: Phases,
): Promise<Readonly<Record<string, number>>> {
  const [sender, receiver] = [await newPerson(one), await newPerson(other)];
  await receiver.page.goto(address);
  await receiver.installed();
  phases.begin('reading');
  await sender.page.goto(address);
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

function told({ bytes, seconds, sender, receiver, good }: Report): string {
  const rows = KINDS.map((kind) => `${kind.padEnd(10)}${cell(sender[kind])}${cell(receiver[kind])}`);
  const times = Object.entries(seconds).map(([phase, took]) => `${phase} ${took.toFixed(1)} s`);
  return [
    `${(bytes / 1e9).toFixed(2)} GB saved whole: ${times.join(', ')}`,
    'Peaks in MB, each kind of process together: PSS (RSS), and when',
    `${''.padEnd(10)}${'sender'.padEnd(30)}receiver`,
    ...rows,
    `renderers below ${GOAL_BYTES / 1e6} MB on both sides: ${good ? 'yes' : 'NO'}`,
  ].join('\n');
}

function cell({ own, resident, phase }: Peaks[keyof Peaks]): string {
  return `${(own / 1e6).toFixed(0)} (${(resident / 1e6).toFixed(0)}) ${phase}`.padEnd(30);
}
