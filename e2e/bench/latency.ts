/**
 * `npm run bench -- latency [--size 16MB] [--delays 0,20,50,100] [--line none] [--runs 3] [--json]`: how fast one browser
 * sends to another over a relay that holds every packet back for so many ms, each way: over bare data channels with one,
 * two and four connections, each of which carries an equal part, and with Shoal, in turn. With a line of so many bits a
 * second (`--line 40Mbit`) packets come one after another, and not as many at once as were sent at once.
 */
import type { LaunchOptions } from 'playwright';
import { Folder, sha256Of } from '../files.ts';
import type { MadeFile } from '../files.ts';
import { bundled, SCRIPTED_PAGE, servePages } from '../pages/bundle.ts';
import type { RawChannelsPage } from '../pages/raw-channels-page.ts';
import { newPerson } from '../person.ts';
import { findsAt } from '../relayed.ts';
import { startShoal } from '../shoal.ts';
import { UdpRelay } from '../udp-relay.ts';
import { withTwoBrowsers } from './browsers.ts';
import { ratio, series } from './figures.ts';
import type { Figure, Series } from './figures.ts';
import { inTurn, runPart } from './harness.ts';
import type { Bench, Part } from './harness.ts';
import { bitsIn, bytesIn } from './sizes.ts';

import { WrongArgument } from './wrong-argument.ts';

declare const raws: RawChannelsPage;

const DELAYS = '0,20,50,100';
const NO_LINE = 'none';
const CONNECTIONS = [1, 2, 4] as const;
/** For a file that comes slowly. */
const PATIENCE = { timeout: 600_000 };

interface Took {
  readonly ms: number;
  /** What of it the relay lost, told. */
  readonly lost: string;
}

type Speeds = Readonly<Record<string, { readonly speed: Series; readonly lost: readonly string[] }>>;

const PART: Part = {
  name: 'latency',
  about: 'One browser sends to another while every packet takes so many ms longer each way.',
  options: { size: '16MB', delays: DELAYS, line: NO_LINE },
  async measure(bench, { size = '', delays = '', line = '' }) {
    const bytes = bytesIn(size);
    const each = delays.split(',').map(Number);
    if (!each.every((delay) => delay >= 0)) throw new WrongArgument(`--delays must be ms, not ${delays}`);
    const bits = line === NO_LINE ? Infinity : bitsIn('--line', line);
    const speeds = await speedsAt(bench, bytes, each, bits);
    return {
      figures: figuresOf(each, speeds),
      measured: { bytes, megabytesPerSecond: speeds },
      partial: delays !== DELAYS || line !== NO_LINE,
    };
  },
};

export function run(args: string[]): Promise<void> {
  return runPart(PART, args);
}

async function speedsAt(
  bench: Bench,
  bytes: number,
  delays: readonly number[],
  bits: number,
): Promise<Speeds> {
  const folder = await Folder.make();
  const server = await startShoal();
  const page = { type: 'text/javascript', body: await bundled('raw-channels-page.ts') };
  const bare = await servePages({ '/': SCRIPTED_PAGE, '/page.js': page });
  try {
    const file = await folder.file('measured.bin', bytes);
    const subjects: Record<string, () => Promise<Took>> = {};
    for (const delay of delays) {
      for (const count of CONNECTIONS)
        subjects[bareAt(delay, count)] = () =>
          channelsMs(bench.launch, bare.origin, bytes, new UdpRelay(delay, bits), count);
      subjects[shoalAt(delay)] = () => shoalMs(bench.launch, server.url, file, new UdpRelay(delay, bits));
    }
    const found = await inTurn(bench.runs, subjects, (run, subject, { ms, lost }) =>
      bench.say(`run ${run}: ${subject}: ${speed(bytes, ms).toFixed(2)} MB/s, ${lost}`),
    );
    return Object.fromEntries(
      Object.entries(found).map(([subject, took]) => [
        subject,
        { speed: series(took.map(({ ms }) => speed(bytes, ms))), lost: took.map(({ lost }) => lost) },
      ]),
    );
  } finally {
    await Promise.all([server.close(), bare.close(), folder.remove()]);
  }
}

/** Each against one connection without delay; Shoal's against one with the same delay. */
function figuresOf(delays: readonly number[], speeds: Speeds): Figure[] {
  const of = (subject: string): Series | null => speeds[subject]?.speed ?? null;
  const undelayed = of(bareAt(0, 1));
  return delays.flatMap((delay) => [
    ...CONNECTIONS.map((count) => ({
      what: `Bare, ${told(delay, count)}: speed, of one connection without delay`,
      value: ratio(of(bareAt(delay, count)), undelayed),
      unit: 'ratio' as const,
    })),
    {
      what: `Shoal, ${delay} ms one way: speed, of a bare channel with the same delay`,
      value: ratio(of(shoalAt(delay)), of(bareAt(delay, 1))),
      unit: 'ratio' as const,
    },
  ]);
}

function bareAt(delay: number, count: number): string {
  return `bare, ${told(delay, count)}`;
}

function shoalAt(delay: number): string {
  return `Shoal, ${delay} ms one way`;
}

function told(delay: number, count: number): string {
  return `${delay} ms one way, ${count} connection${count === 1 ? '' : 's'}`;
}

function speed(bytes: number, ms: number): number {
  return bytes / ms / 1000;
}

/** From the receiver's asking to its last byte. */
async function channelsMs(
  launch: LaunchOptions,
  address: string,
  bytes: number,
  relay: UdpRelay,
  count: number,
): Promise<Took> {
  try {
    const pairs = await Promise.all(Array.from({ length: count }, () => relay.pair()));
    return await withTwoBrowsers(launch, async (one, other) => {
      const [sender, receiver] = [await one.context.newPage(), await other.context.newPage()];
      await Promise.all([sender.goto(address), receiver.goto(address)]);
      const offers = await sender.evaluate((many) => raws.offers(many), count);
      const answers = await receiver.evaluate(
        (theirs) => raws.answers(theirs),
        offers.map((offer, nth) => relayed(offer, pairs[nth]?.one ?? '')),
      );
      await sender.evaluate(
        (theirs) => raws.accept(theirs),
        answers.map((answer, nth) => relayed(answer, pairs[nth]?.other ?? '')),
      );
      const ms = await receiver.evaluate((wanted) => raws.fetchBytes(wanted), bytes);
      return { ms, lost: lostAt(relay) };
    });
  } finally {
    relay.close();
  }
}

/** A description whose maker is to be found at that candidate alone. */
function relayed(description: string, candidate: string): string {
  const { type, sdp } = JSON.parse(description) as { type: string; sdp: string };
  const lines = sdp.split('\r\n').filter((line) => line !== '' && !line.startsWith('a=candidate:'));
  return JSON.stringify({ type, sdp: [...lines, candidate, ''].join('\r\n') });
}

/** From the press of Download to the saved file, which is compared afterwards. */
async function shoalMs(
  launch: LaunchOptions,
  address: string,
  file: MadeFile,
  relay: UdpRelay,
): Promise<Took> {
  try {
    const pair = await relay.pair();
    return await withTwoBrowsers(launch, async (one, other) => {
      const [sender, receiver] = [await newPerson(one.context), await newPerson(other.context)];
      await findsAt(sender, pair.other);
      await findsAt(receiver, pair.one);
      await receiver.open(await sender.share(address, file.path));
      await receiver.installed();
      const pressed = performance.now();
      const [download] = await Promise.all([
        receiver.page.waitForEvent('download', PATIENCE),
        receiver.button('Download').click(),
      ]);
      const saved = await download.path();
      const ms = performance.now() - pressed;
      if ((await sha256Of(saved)) !== file.sha256)
        throw new Error('the saved file is not the one that was sent');
      return { ms, lost: lostAt(relay) };
    });
  } finally {
    relay.close();
  }
}

function lostAt(relay: UdpRelay): string {
  const { came, turnedAway, dropped } = relay.told();
  const relays = dropped === null ? '' : `, ${dropped} dropped at the relay`;
  return `${came} packets, ${turnedAway} too many for the line${relays}`;
}
