/**
 * `npm run bench -- transfer [--size 256MiB] [--runs 3] [--json]`: how fast a file goes from one browser to another,
 * from the press of Download to the saved file, against a bare data channel of the same machine in the same minutes
 * (they take turns), and how much script and style a first visit fetches.
 */
import { parseArgs } from 'node:util';
import type { LaunchOptions } from 'playwright';
import { buildPage } from '../../scripts/build.ts';
import { findChromium } from '../../scripts/browsers.ts';
import type { RunningServer } from '../../signal-server/server.ts';
import { Folder, sha256Of } from '../files.ts';
import type { MadeFile } from '../files.ts';
import { measureFirstLoad } from '../first-load.ts';
import { chromiumOptions } from '../launch.ts';
import { bundled, SCRIPTED_PAGE, servePages } from '../pages/bundle.ts';
import type { RawChannelPage } from '../pages/raw-channel-page.ts';
import { newPerson } from '../person.ts';
import { startShoal } from '../shoal.ts';
import { bytesIn } from './sizes.ts';
import { withTwoBrowsers } from './two-browsers.ts';

declare const raw: RawChannelPage;

const GOAL = 0.6;
interface Order {
  readonly bytes: number;
  readonly runs: number;
  readonly json: boolean;
}

interface Report {
  readonly bytes: number;
  readonly runs: number;
  /** MB/s (10^6 bytes), one figure a run and the median. */
  readonly channel: { readonly median: number; readonly all: readonly number[] };
  readonly shoal: { readonly median: number; readonly all: readonly number[] };
  /** Of the medians. */
  readonly ratio: number;
  /** Script and style after gzip: before the page can take a file, and until its first link stands there. */
  readonly firstLoadKB: number;
  readonly untilLinkKB: number;
}

export async function run(args: string[]): Promise<void> {
  const order = orderIn(args);
  const say = order.json ? () => undefined : (line: string) => console.log(line);
  const chromium = await findChromium();
  if (chromium.kind === 'absent') throw new Error(chromium.sentence);
  await buildPage();
  const report = await measure(order, chromiumOptions(chromium.path, chromium.sandbox), say);
  if (order.json) return console.log(JSON.stringify(report));
  say(
    `bare data channel ${report.channel.median.toFixed(1)} MB/s, Shoal ${report.shoal.median.toFixed(1)} MB/s`,
  );
  say(`ratio ${report.ratio.toFixed(2)} (goal ${GOAL})`);
  say(
    `first load ${report.firstLoadKB.toFixed(1)} KB of script and style after gzip before the page can take a file ` +
      `(goal 70), ${report.untilLinkKB.toFixed(1)} KB until it has made a link`,
  );
}

/** Throws a sentence about arguments that cannot be read. */
function orderIn(args: string[]): Order {
  const { values } = parseArgs({
    args,
    options: {
      size: { type: 'string', default: '256MiB' },
      runs: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  });
  const bytes = bytesIn(values.size);
  const runs = Number(values.runs);
  if (!(Number.isInteger(runs) && runs > 0))
    throw new Error(`--runs must be a whole number, not ${values.runs}`);
  return { bytes, runs, json: values.json };
}

async function measure(
  { bytes, runs }: Order,
  launch: LaunchOptions,
  say: (line: string) => void,
): Promise<Report> {
  const folder = await Folder.make();
  const server = await startShoal();
  const page = { type: 'text/javascript', body: await bundled('raw-channel-page.ts') };
  const bare = await servePages({ '/': SCRIPTED_PAGE, '/page.js': page });
  try {
    const file = await folder.file('measured.bin', bytes);
    const [channel, shoal]: [number[], number[]] = [[], []];
    for (let turn = 1; turn <= runs; turn++) {
      channel.push(megabytesPerSecond(bytes, await channelMs(launch, bare.origin, bytes)));
      shoal.push(megabytesPerSecond(bytes, await shoalMs(launch, server, file)));
      say(`run ${turn}: channel ${channel.at(-1)?.toFixed(1)} MB/s, Shoal ${shoal.at(-1)?.toFixed(1)} MB/s`);
    }
    const [channelMedian, shoalMedian] = [median(channel), median(shoal)];
    return {
      bytes,
      runs,
      channel: { median: channelMedian, all: channel },
      shoal: { median: shoalMedian, all: shoal },
      ratio: shoalMedian / channelMedian,
      ...(await firstLoad(launch, server)),
    };
  } finally {
    await Promise.all([server.close(), bare.close(), folder.remove()]);
  }
}

/** From the receiver's asking to its last byte. */
function channelMs(launch: LaunchOptions, address: string, bytes: number): Promise<number> {
  return withTwoBrowsers(launch, async (one, other) => {
    const [sender, receiver] = [await one.newPage(), await other.newPage()];
    await Promise.all([sender.goto(address), receiver.goto(address)]);
    const offer = await sender.evaluate(() => raw.offer());
    const answer = await receiver.evaluate((theirs) => raw.answer(theirs), offer);
    await sender.evaluate((theirs) => (raw.serve(), raw.accept(theirs)), answer);
    return receiver.evaluate((wanted) => raw.fetchBytes(wanted), bytes);
  });
}

/** From the press of Download to the saved file, which is compared afterwards. */
function shoalMs(launch: LaunchOptions, server: RunningServer, file: MadeFile): Promise<number> {
  return withTwoBrowsers(launch, async (one, other) => {
    const [sender, receiver] = [await newPerson(one), await newPerson(other)];
    await receiver.open(await sender.share(server.url, file.path));
    const pressed = performance.now();
    const saved = await (await receiver.download()).path();
    const ms = performance.now() - pressed;
    if ((await sha256Of(saved)) !== file.sha256)
      throw new Error('the saved file is not the one that was sent');
    return ms;
  });
}

async function firstLoad(
  launch: LaunchOptions,
  server: RunningServer,
): Promise<Pick<Report, 'firstLoadKB' | 'untilLinkKB'>> {
  return withTwoBrowsers(launch, async (one) => {
    const { beforeFilesBytes, untilLinkBytes } = await measureFirstLoad(await one.newPage(), server.url);
    return { firstLoadKB: beforeFilesBytes / 1000, untilLinkKB: untilLinkBytes / 1000 };
  });
}

function megabytesPerSecond(bytes: number, ms: number): number {
  return bytes / ms / 1000;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return ((low ?? 0) + (high ?? 0)) / 2;
}
