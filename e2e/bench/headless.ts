/**
 * `npm run bench -- headless [--size 256MiB] [--runs 3] [--receivers 20] [--json]`: how fast a headless peer gives a file to
 * another one and to a browser, each against a bare data channel between the same two in the same minutes (they take
 * turns), and how much memory a peer needs that serves many. Disks are in memory: what is measured is the way between.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { LaunchOptions } from 'playwright';
import { TestHost } from '../../cli/testing/test-host.ts';
import type { InfoHash } from '../../shared/ids.ts';
import { parseLink } from '../../shared/manifest/link.ts';
import { buildPage, bundleForNode } from '../../scripts/build.ts';
import { findChromium } from '../../scripts/browsers.ts';
import { chromiumOptions } from '../launch.ts';
import { bundled, SCRIPTED_PAGE, servePages } from '../pages/bundle.ts';
import type { RawChannelPage } from '../pages/raw-channel-page.ts';
import { newPerson } from '../person.ts';
import { startShoal } from '../shoal.ts';
import { BareChannel } from './bare-channel.ts';
import type { Figures, Order } from './headless-process.ts';
import { bytesIn } from './sizes.ts';
import { withBrowser } from './browsers.ts';

declare const raw: RawChannelPage;

/** As the command is: bundled. */
const SENDER = 'headless-process.js';
const SENDER_FOLDER = fileURLToPath(new URL('../../node_modules/.cache/shoal-bench', import.meta.url));
const MEMORY_SHARE_BYTES = 16 * 1_048_576;
const GOAL_BYTES = 150e6;

/** MB/s (10^6 bytes), one figure a run; the sender's processor time in ms for each MB. */
interface Way {
  readonly speeds: number[];
  readonly costs: number[];
}

interface Measured {
  readonly bareToHeadless: Way;
  readonly headlessToHeadless: Way;
  readonly bareToBrowser: Way;
  readonly headlessToBrowser: Way;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      size: { type: 'string', default: '256MiB' },
      runs: { type: 'string', default: '3' },
      receivers: { type: 'string', default: '20' },
      json: { type: 'boolean', default: false },
    },
  });
  const [bytes, runs, receivers] = [bytesIn(values.size), Number(values.runs), Number(values.receivers)];
  const say = values.json ? () => undefined : (line: string) => console.log(line);
  const chromium = await findChromium();
  if (chromium.kind === 'absent') throw new Error(chromium.sentence);
  await buildPage();
  await bundleForNode(fileURLToPath(new URL('headless-process.ts', import.meta.url)), SENDER_FOLDER, SENDER);
  const ways = await measure(bytes, runs, chromiumOptions(chromium.path, chromium.sandbox), say);
  const peakBytes = receivers > 0 ? await memoryServing(receivers) : null;
  if (values.json) return console.log(JSON.stringify({ bytes, ...ways, receivers, peakBytes }));
  say(told('to another headless peer', ways.headlessToHeadless, ways.bareToHeadless));
  say(told('to a browser, saved', ways.headlessToBrowser, ways.bareToBrowser));
  if (peakBytes !== null)
    say(`${receivers} links: ${(peakBytes / 1e6).toFixed(0)} MB at most (goal ${GOAL_BYTES / 1e6})`);
}

async function measure(
  bytes: number,
  runs: number,
  launch: LaunchOptions,
  say: (line: string) => void,
): Promise<Measured> {
  const server = await startShoal();
  const page = { type: 'text/javascript', body: await bundled('raw-channel-page.ts') };
  const bare = await servePages({ '/': SCRIPTED_PAGE, '/page.js': page });
  const way = (): Way => ({ speeds: [], costs: [] });
  const ways: Measured = {
    bareToHeadless: way(),
    headlessToHeadless: way(),
    bareToBrowser: way(),
    headlessToBrowser: way(),
  };
  const timed = async (into: Way, work: (sender: Sender) => Promise<number>): Promise<void> => {
    const sender = new Sender();
    try {
      into.speeds.push(bytes / (await work(sender)) / 1_000);
      into.costs.push((await sender.spentMs()) / (bytes / 1e6));
    } finally {
      sender.end();
    }
  };
  try {
    for (let turn = 1; turn <= runs; turn++) {
      await timed(ways.bareToHeadless, (sender) => bareMs(sender, bytes));
      await timed(ways.headlessToHeadless, (sender) => hostMs(sender, server.url, bytes));
      await timed(ways.bareToBrowser, (sender) => bareBrowserMs(sender, launch, bare.origin, bytes));
      await timed(ways.headlessToBrowser, (sender) => browserMs(sender, launch, server.url, bytes));
      const last = Object.entries(ways).map(([name, { speeds }]) => `${name} ${speeds.at(-1)?.toFixed(1)}`);
      say(`run ${turn}: ${last.join(', ')} MB/s`);
    }
    return ways;
  } finally {
    await Promise.all([server.close(), bare.close()]);
  }
}

async function bareMs(sender: Sender, bytes: number): Promise<number> {
  const channel = new BareChannel();
  const answer = await channel.answer(await sender.say({ order: 'offer' }));
  await sender.say({ order: 'accept', answer });
  await sender.begins();
  const ms = await channel.fetchBytes(bytes);
  channel.close();
  return ms;
}

/** From the wish to the last piece that is verified and stored. */
async function hostMs(sender: Sender, url: string, bytes: number): Promise<number> {
  const share = shareIn(await sender.say({ order: 'share', url, bytes }));
  const receiver = await TestHost.start(url);
  await receiver.host.peer.open(share);
  await receiver.told(share, ({ phase }) => phase === 'ready');
  await sender.begins();
  const asked = performance.now();
  await receiver.host.peer.download(share);
  await receiver.told(share, ({ phase }) => phase === 'complete');
  const ms = performance.now() - asked;
  await receiver.host.close();
  return ms;
}

function bareBrowserMs(
  sender: Sender,
  launch: LaunchOptions,
  origin: string,
  bytes: number,
): Promise<number> {
  return withBrowser(launch, async ({ context }) => {
    const page = await context.newPage();
    await page.goto(origin);
    const answer = await page.evaluate((theirs) => raw.answer(theirs), await sender.say({ order: 'offer' }));
    await sender.say({ order: 'accept', answer });
    await sender.begins();
    return page.evaluate((wanted) => raw.fetchBytes(wanted), bytes);
  });
}

/** From the press of Download to the saved file. */
function browserMs(sender: Sender, launch: LaunchOptions, url: string, bytes: number): Promise<number> {
  return withBrowser(launch, async ({ context }) => {
    const person = await newPerson(context);
    await person.open(await sender.say({ order: 'share', url, bytes }));
    await sender.begins();
    const pressed = performance.now();
    await (await person.download()).path();
    return performance.now() - pressed;
  });
}

/** Bytes that a process has in memory at most while so many receive from it at once. */
async function memoryServing(receivers: number): Promise<number> {
  const server = await startShoal();
  const sender = new Sender();
  try {
    const share = shareIn(await sender.say({ order: 'share', url: server.url, bytes: MEMORY_SHARE_BYTES }));
    const hosts = await Promise.all(Array.from({ length: receivers }, () => TestHost.start(server.url)));
    await sender.figures();
    await Promise.all(
      hosts.map(async (receiver) => {
        await receiver.host.peer.download(share);
        await receiver.told(share, ({ phase }) => phase === 'complete');
      }),
    );
    const { peakBytes } = await sender.figures();
    await Promise.all(hosts.map(({ host }) => host.close()));
    return peakBytes;
  } finally {
    sender.end();
    await server.close();
  }
}

function shareIn(link: string): InfoHash {
  const parsed = parseLink(link);
  if (parsed.kind === 'bad') throw new Error(parsed.why);
  return parsed.infoHash;
}

/** The other process. One order at a time. */
class Sender {
  readonly #process: ChildProcess = fork(join(SENDER_FOLDER, SENDER), [], { execArgv: [] });
  #beforeMs = 0;

  say(order: Exclude<Order, { order: 'figures' }>): Promise<string> {
    return this.#ask(order) as Promise<string>;
  }

  /** What it does from now on is measured. */
  async begins(): Promise<void> {
    this.#beforeMs = (await this.figures()).processorMs;
  }

  /** Of its processor, since then. */
  async spentMs(): Promise<number> {
    return (await this.figures()).processorMs - this.#beforeMs;
  }

  figures(): Promise<Figures> {
    return this.#ask({ order: 'figures' }) as Promise<Figures>;
  }

  end(): void {
    this.#process.disconnect();
  }

  #ask(order: Order): Promise<unknown> {
    return new Promise((resolve) => {
      this.#process.once('message', ({ answer }: { answer: unknown }) => resolve(answer));
      this.#process.send(order);
    });
  }
}

function told(what: string, way: Way, bare: Way): string {
  const [speed, most] = [median(way.speeds), median(bare.speeds)];
  const costs = `${median(way.costs).toFixed(0)} ms of the sender's processor for a MB, bare ${median(bare.costs).toFixed(0)}`;
  return `${what}: ${speed.toFixed(1)} MB/s, bare channel ${most.toFixed(1)}, ratio ${(speed / most).toFixed(2)}; ${costs}`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return ((low ?? 0) + (high ?? 0)) / 2;
}
