/**
 * `npm run bench -- swarm [--size 64MB] [--receivers 4] [--runs 3] [--json]`: one browser shares, several receive at the
 * same time, all on this machine: until the last of them has it, and how much of it leaves the one who shares. Against
 * WebTorrent, in turn.
 */
import type { LaunchOptions } from 'playwright';
import { Folder, sha256Of } from '../files.ts';
import type { MadeFile } from '../files.ts';
import { newPerson } from '../person.ts';
import type { Person } from '../person.ts';
import { startShoal } from '../shoal.ts';
import { TrafficWatch } from '../traffic.ts';
import { withBrowsers } from './browsers.ts';
import { ratio, series } from './figures.ts';
import type { Series } from './figures.ts';
import { inTurn, runPart } from './harness.ts';
import type { Bench, Part } from './harness.ts';
import { bytesIn, toldSize } from './sizes.ts';
import { startWebTorrent } from './webtorrent.ts';
import type { WebTorrentService } from './webtorrent.ts';
import { WrongArgument } from './wrong-argument.ts';

const TIME_GOAL = { most: 0.75 };
const COPIES_GOAL = { most: 1.05 };
/** For a gigabyte on a busy machine. */
const PATIENCE = { timeout: 1_800_000 };

interface Took {
  /** Until the last has it. */
  readonly ms: number;
  readonly uploadedBytes: number;
}

interface Found {
  readonly ms: Series;
  /** How often the content left the one who shares. */
  readonly copies: Series;
}

const PART: Part = {
  name: 'swarm',
  about:
    'How long several browsers take until all have what one shares, and how much of it that one sends; against WebTorrent.',
  options: { size: '64MB', receivers: '4' },
  async measure(bench, { size = '', receivers: asked }) {
    const [bytes, receivers] = [bytesIn(size), Number(asked)];
    if (!(Number.isInteger(receivers) && receivers > 0))
      throw new WrongArgument(`--receivers must be a whole number, not ${asked}`);
    const { shoal, webTorrent } = await measured(bench, bytes, receivers);
    const what = `${toldSize(bytes)}, 1 to ${receivers} on one machine`;
    return {
      figures: [
        {
          what: `${what}: time until the last has it, of WebTorrent’s`,
          value: ratio(shoal?.ms ?? null, webTorrent?.ms ?? null),
          unit: 'ratio',
          goal: TIME_GOAL,
        },
        {
          what: `${what}: copies that leave the sender`,
          value: shoal?.copies.median ?? null,
          unit: 'ratio',
          goal: COPIES_GOAL,
        },
      ],
      measured: { bytes, receivers, shoal, webTorrent },
    };
  },
};

export const run = (args: string[]): Promise<void> => runPart(PART, args);

async function measured(
  { launch, runs, say }: Bench,
  bytes: number,
  receivers: number,
): Promise<Readonly<Record<'shoal' | 'webTorrent', Found | null>>> {
  const folder = await Folder.make();
  const server = await startShoal();
  const service = await startWebTorrent(say);
  try {
    const file = await folder.largeFile('measured.bin', bytes);
    const took = await inTurn<'shoal' | 'webTorrent', Took>(
      runs,
      {
        shoal: () => overShoal(launch, server.url, file, receivers),
        webTorrent: service === null ? null : () => overWebTorrent(launch, service, file, receivers),
      },
      (turn, subject, { ms, uploadedBytes }) =>
        say(
          `run ${turn}: ${subject} ${(ms / 1_000).toFixed(1)} s, ${(uploadedBytes / bytes).toFixed(2)} copies`,
        ),
    );
    return { shoal: foundIn(took.shoal, bytes), webTorrent: foundIn(took.webTorrent, bytes) };
  } finally {
    await Promise.all([server.close(), service?.close(), folder.remove()]);
  }
}

function foundIn(runs: readonly Took[], bytes: number): Found | null {
  if (runs.length === 0) return null;
  return {
    ms: series(runs.map(({ ms }) => ms)),
    copies: series(runs.map(({ uploadedBytes }) => uploadedBytes / bytes)),
  };
}

/** From the first press of Download to the last saved file; all are compared. */
function overShoal(launch: LaunchOptions, address: string, file: MadeFile, receivers: number): Promise<Took> {
  return withBrowsers(launch, receivers + 1, async (browsers) => {
    const [sender, ...others] = await Promise.all(browsers.map(({ context }) => newPerson(context)));
    if (sender === undefined) throw new Error('nobody shares');
    const [sent, ...came] = await Promise.all([sender, ...others].map(({ page }) => TrafficWatch.of(page)));
    const link = await sender.share(address, file.path);
    await Promise.all(
      others.map(async (receiver) => {
        await receiver.open(link);
        await receiver.installed();
      }),
    );
    const saved = await Promise.all(others.map(saveOf));
    const last = Date.now();
    const presses = await Promise.all(came.map((traffic) => traffic.pressedAt()));
    const uploadedBytes = (await sent?.sentBytes()) ?? 0;
    for (const path of saved) {
      if ((await sha256Of(path)) !== file.sha256)
        throw new Error('a saved file is not the one that was sent');
    }
    return { ms: last - Math.min(...presses), uploadedBytes };
  });
}

/** Answers where the saved file is, when it is whole. */
async function saveOf(receiver: Person): Promise<string> {
  const [download] = await Promise.all([
    receiver.page.waitForEvent('download', PATIENCE),
    receiver.button('Download').click(),
  ]);
  return download.path();
}

/** From the first adding of the link until the package says in the last browser that everything is there. */
function overWebTorrent(
  launch: LaunchOptions,
  service: WebTorrentService,
  file: MadeFile,
  receivers: number,
): Promise<Took> {
  return withBrowsers(launch, receivers + 1, async (browsers) => {
    const [sender, ...others] = await Promise.all(browsers.map(({ context }) => context.newPage()));
    if (sender === undefined) throw new Error('nobody shares');
    await Promise.all([sender, ...others].map((page) => service.open(page)));
    const magnet = await service.seed(sender, file.path);
    const begun = Date.now();
    await Promise.all(others.map((page) => service.fetchAll(page, magnet)));
    return { ms: Date.now() - begun, uploadedBytes: await service.uploaded(sender) };
  });
}
