/**
 * `npm run bench -- shaped [--size 64MB] [--uplink 16Mbit] [--runs 3] [--trace off] [--json]`: one browser shares, four
 * receive at the same time, each behind an uplink of its own (a token bucket, in a network namespace): until the last
 * one's file is saved, against the least that any scheme needs; and how much of it leaves the one who shares. Against
 * WebTorrent, in turn. `--trace on` tells of each second how the uplinks were used.
 */
import type { LaunchOptions } from 'playwright';
import { Folder, sha256Of } from '../files.ts';
import type { MadeFile } from '../files.ts';
import { newPerson } from '../person.ts';
import { startShoal } from '../shoal.ts';
import { TrafficWatch } from '../traffic.ts';
import { ratio, series } from './figures.ts';
import type { Figure, Series } from './figures.ts';
import { inTurn, runPart } from './harness.ts';
import type { Bench, Part } from './harness.ts';
import { BenchNetwork } from './network-namespaces.ts';
import { PAGES_HOST, withPlacedBrowsers } from './placed-browsers.ts';
import { bitsIn, bytesIn, toldSize } from './sizes.ts';
import { UplinkWatch, usePerSecond } from './uplink-watch.ts';
import type { Watched } from './uplink-watch.ts';
import { startWebTorrent } from './webtorrent.ts';
import type { WebTorrentService } from './webtorrent.ts';

const RECEIVERS = 4;
/** A full packet of a data channel, Ethernet's header included, as `tc` counts it, by the payload in it. */
const PACKET_BY_PAYLOAD = 1.08;
/** With less of the processors left than this the uplinks were not what was waited for. */
const IDLE_ENOUGH = 0.1;
const TIME_GOAL = { most: 1.16 };
const COPIES_GOAL = { most: 1.05 };
/** For 64 MB on a busy machine. */
const PATIENCE = { timeout: 1_800_000 };

type Subject = 'shoal' | 'webTorrent';

interface Took {
  /** From the first press of Download until the last file is saved; of WebTorrent until the last one has all of it. */
  readonly ms: number;
  readonly uploadedBytes: number;
  readonly watched: Watched;
}

interface Found {
  /** In times of the fluid bound. */
  readonly ofBound: Series;
  readonly copies: Series;
  /** What left the sender's interface, with all headers and everything sent again, by its payload. */
  readonly wireByPayload: Series;
  readonly idle: Series;
}

const PART: Part = {
  name: 'shaped',
  about:
    'How long four browsers take until all have saved what one shares, each behind a slow uplink of its own (Linux, root); against WebTorrent.\n' +
    'With --trace on it tells how the uplinks were used in each second.',
  options: { size: '64MB', uplink: '16Mbit', trace: 'off' },
  async measure(bench, { size = '', uplink: rate = '', trace }) {
    const [bytes, uplink] = [bytesIn(size), bitsIn('--uplink', rate)];
    const laid = await BenchNetwork.lay(1 + RECEIVERS, uplink);
    if (laid.kind === 'absent') {
      bench.say(`shaped is skipped: ${laid.sentence}`);
      return { figures: [], measured: {}, partial: true };
    }
    try {
      const found = await measured(bench, laid.network, { bytes, uplink, trace: trace === 'on' });
      const what = `${toldSize(bytes)}, 1 to ${RECEIVERS} behind uplinks of ${rate}`;
      return {
        figures: figuresOf(what, found.shoal, found.webTorrent),
        measured: {
          bytes,
          uplink,
          receivers: RECEIVERS,
          boundSeconds: boundMs(bytes, uplink) / 1_000,
          ...found,
        },
      };
    } finally {
      laid.network.remove();
    }
  },
};

export const run = (args: string[]): Promise<void> => runPart(PART, args);

function figuresOf(what: string, shoal: Found | null, webTorrent: Found | null): Figure[] {
  const ofBound = shoal?.ofBound.median ?? null;
  return [
    {
      what: `${what}: time until the last file is saved, of the fluid bound`,
      value: ofBound,
      unit: 'ratio',
      goal: TIME_GOAL,
    },
    {
      what: `${what}: the same, where the bound counts headers`,
      value: ofBound === null ? null : ofBound / PACKET_BY_PAYLOAD,
      unit: 'ratio',
    },
    {
      what: `${what}: WebTorrent, of the fluid bound`,
      value: webTorrent?.ofBound.median ?? null,
      unit: 'ratio',
    },
    {
      what: `${what}: time, of WebTorrent’s`,
      value: ratio(shoal?.ofBound ?? null, webTorrent?.ofBound ?? null),
      unit: 'ratio',
    },
    {
      what: `${what}: copies that leave the sender`,
      value: shoal?.copies.median ?? null,
      unit: 'ratio',
      goal: COPIES_GOAL,
    },
  ];
}

interface Order {
  readonly bytes: number;
  readonly uplink: number;
  readonly trace: boolean;
}

async function measured(
  { launch, runs, say }: Bench,
  network: BenchNetwork,
  { bytes, uplink, trace }: Order,
): Promise<Readonly<Record<Subject, Found | null>>> {
  const folder = await Folder.make();
  const { hostAddress } = network;
  const server = await startShoal({ host: hostAddress });
  const address = server.url.replace(hostAddress, PAGES_HOST);
  const service = await startWebTorrent(say, hostAddress, PAGES_HOST);
  const bound = boundMs(bytes, uplink);
  try {
    const file = await folder.largeFile('measured.bin', bytes);
    const took = await inTurn<Subject, Took>(
      runs,
      {
        shoal: () => overShoal(network, launch, address, file),
        webTorrent: service === null ? null : () => overWebTorrent(network, launch, service, file),
      },
      (turn, subject, { ms, uploadedBytes, watched }) => {
        say(
          `run ${turn}: ${subject} ${(ms / 1_000).toFixed(1)} s, ${(ms / bound).toFixed(2)} of the bound, ` +
            `${(uploadedBytes / bytes).toFixed(2)} copies, ${(watched.idle * 100).toFixed(0)} % of the processors idle`,
        );
        if (watched.idle < IDLE_ENOUGH)
          say('The processors had little or nothing left: a lower --uplink shows what the network allows.');
        if (trace) usePerSecond(watched, uplink).forEach(say);
      },
    );
    return { shoal: foundIn(took.shoal, bytes, bound), webTorrent: foundIn(took.webTorrent, bytes, bound) };
  } finally {
    await Promise.all([server.close(), service?.close(), folder.remove()]);
  }
}

/** No scheme brings the content to everybody sooner (Kumar and Ross 2006); headers are not counted. */
function boundMs(bytes: number, uplink: number): number {
  const bits = bytes * 8;
  return 1_000 * Math.max(bits / uplink, (RECEIVERS * bits) / ((1 + RECEIVERS) * uplink));
}

function foundIn(runs: readonly Took[], bytes: number, bound: number): Found | null {
  if (runs.length === 0) return null;
  return {
    ofBound: series(runs.map(({ ms }) => ms / bound)),
    copies: series(runs.map(({ uploadedBytes }) => uploadedBytes / bytes)),
    wireByPayload: series(
      runs.map(({ uploadedBytes, watched }) => (watched.samples.at(-1)?.sent[0] ?? 0) / uploadedBytes),
    ),
    idle: series(runs.map(({ watched }) => watched.idle)),
  };
}

/** All press Download at the same time; all files are compared. */
function overShoal(
  network: BenchNetwork,
  launch: LaunchOptions,
  address: string,
  file: MadeFile,
): Promise<Took> {
  return withPlacedBrowsers(network, launch, async (browsers) => {
    const [sender, ...others] = await Promise.all(browsers.map(({ context }) => newPerson(context)));
    if (sender === undefined) throw new Error('nobody shares');
    const sent = await TrafficWatch.of(sender.page);
    const link = await sender.share(address, file.path);
    for (const receiver of others) await receiver.open(link);
    await Promise.all(others.map((receiver) => receiver.installed()));
    const sentBefore = await sent.sentBytes();
    const watch = new UplinkWatch(browsers);
    const pressed = performance.now();
    const saved = await Promise.all(
      others.map(async (receiver) => {
        const [download] = await Promise.all([
          receiver.page.waitForEvent('download', PATIENCE),
          receiver.button('Download').click(),
        ]);
        return download.path();
      }),
    );
    const ms = performance.now() - pressed;
    const watched = watch.end();
    const uploadedBytes = (await sent.sentBytes()) - sentBefore;
    for (const path of saved) {
      if ((await sha256Of(path)) !== file.sha256)
        throw new Error('a saved file is not the one that was sent');
    }
    return { ms, uploadedBytes, watched };
  });
}

/** From the adding of the link until the package says in the last browser that everything is there. */
function overWebTorrent(
  network: BenchNetwork,
  launch: LaunchOptions,
  service: WebTorrentService,
  file: MadeFile,
): Promise<Took> {
  return withPlacedBrowsers(network, launch, async (browsers) => {
    const [sender, ...others] = await Promise.all(browsers.map(({ context }) => context.newPage()));
    if (sender === undefined) throw new Error('nobody shares');
    for (const page of [sender, ...others]) await service.open(page);
    const magnet = await service.seed(sender, file.path);
    const watch = new UplinkWatch(browsers);
    const begun = performance.now();
    await Promise.all(others.map((page) => service.fetchAll(page, magnet)));
    const ms = performance.now() - begun;
    const watched = watch.end();
    return { ms, uploadedBytes: await service.uploaded(sender), watched };
  });
}
