/**
 * `npm run bench -- shaped [--size 64MB] [--uplink 16Mbit] [--runs 3] [--trace] [--json]`: how long one seed and four
 * receivers need who press Download at the same time, each a browser with an uplink of its own (tc tbf, in a network
 * namespace), until the last one's file is saved; against the least that any scheme needs.
 */
import { parseArgs } from 'node:util';
import type { LaunchOptions } from 'playwright';
import { buildPage } from '../../scripts/build.ts';
import { findChromium } from '../../scripts/browsers.ts';
import { Folder, sha256Of } from '../files.ts';
import type { MadeFile } from '../files.ts';
import { chromiumOptions } from '../launch.ts';
import { newPerson } from '../person.ts';
import { startShoal } from '../shoal.ts';
import { takeUplink } from '../uplink.ts';
import { BenchNetwork } from './network-namespaces.ts';
import { withPlacedBrowsers } from './placed-browsers.ts';
import { bitsIn, bytesIn } from './sizes.ts';
import { UplinkWatch, usePerSecond } from './uplink-watch.ts';
import type { Watched } from './uplink-watch.ts';

const RECEIVERS = 4;
/** Of a full packet of a data channel: what SCTP, DTLS, UDP, IP and Ethernet add to its payload. */
const HEADER_SHARE = 0.09;

interface Order {
  readonly bytes: number;
  readonly uplink: number;
  readonly runs: number;
  readonly trace: boolean;
  readonly json: boolean;
}

interface Turn {
  readonly seconds: number;
  /** Of the four, in the order of their files' being saved. */
  readonly each: readonly number[];
  /** The payload that left the seed's channels, in sizes of the file. */
  readonly copies: number;
  readonly watched: Watched;
}

export async function run(args: string[]): Promise<void> {
  const order = orderIn(args);
  const say = order.json ? () => undefined : (line: string) => console.log(line);
  const chromium = await findChromium();
  if (chromium.kind === 'absent') throw new Error(chromium.sentence);
  const laid = await BenchNetwork.lay(1 + RECEIVERS, order.uplink);
  if (laid.kind === 'absent') return console.log(`shaped is skipped: ${laid.sentence}`);
  try {
    await buildPage();
    await measure(order, laid.network, chromiumOptions(chromium.path, chromium.sandbox), say);
  } finally {
    laid.network.remove();
  }
}

function orderIn(args: string[]): Order {
  const { values } = parseArgs({
    args,
    options: {
      size: { type: 'string', default: '64MB' },
      uplink: { type: 'string', default: '16Mbit' },
      runs: { type: 'string', default: '3' },
      trace: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const runs = Number(values.runs);
  if (!(Number.isInteger(runs) && runs > 0))
    throw new Error(`--runs must be a whole number, not ${values.runs}`);
  const { trace, json } = values;
  return { bytes: bytesIn(values.size), uplink: bitsIn(values.uplink), runs, trace, json };
}

async function measure(
  { bytes, uplink, runs, trace }: Order,
  network: BenchNetwork,
  launch: LaunchOptions,
  say: (line: string) => void,
): Promise<void> {
  const folder = await Folder.make();
  const server = await startShoal({ host: network.hostAddress });
  const bound = fluidBound(bytes, uplink);
  try {
    const file = await folder.file('measured.bin', bytes);
    for (let turn = 1; turn <= runs; turn++) {
      const { seconds, each, copies, watched } = await shoalTurn(network, launch, server.url, file, bytes);
      say(
        `run ${turn}: Shoal ${seconds.toFixed(2)} s, ${(seconds / bound).toFixed(3)} of the bound, ` +
          `${copies.toFixed(3)} copies, ${(watched.idle * 100).toFixed(0)} % of the processors idle; each ` +
          each.map((one) => one.toFixed(2)).join(' '),
      );
      if (trace) usePerSecond(watched, uplink).forEach(say);
    }
  } finally {
    await Promise.all([server.close(), folder.remove()]);
  }
}

/** Seconds below which no scheme can bring the file to everybody (Kumar and Ross 2006), headers not counted. */
function fluidBound(bytes: number, uplink: number): number {
  const bits = bytes * 8;
  return Math.max(bits / uplink, (RECEIVERS * bits) / ((1 + RECEIVERS) * uplink));
}

/** From the press of Download in all browsers to the last one's saved file; all are compared afterwards. */
function shoalTurn(
  network: BenchNetwork,
  launch: LaunchOptions,
  serverUrl: string,
  file: MadeFile,
  bytes: number,
): Promise<Turn> {
  return withPlacedBrowsers(network, launch, async (browsers) => {
    const people = await Promise.all(browsers.map(({ context }) => newPerson(context)));
    const [sender, ...receivers] = people;
    if (sender === undefined) throw new Error('nobody is there to send');
    const uplink = await takeUplink(sender);
    const link = await sender.share(`http://localhost:${new URL(serverUrl).port}`, file.path);
    for (const receiver of receivers) await receiver.open(link);
    await Promise.all(receivers.map((receiver) => receiver.installed()));
    const sentBefore = await uplink.sentBytes();
    const watch = new UplinkWatch(browsers);
    const pressed = performance.now();
    const saved = await Promise.all(
      receivers.map(async (receiver) => {
        const path = await (await receiver.download()).path();
        return { path, seconds: (performance.now() - pressed) / 1000 };
      }),
    );
    const watched = watch.end();
    const copies = ((await uplink.sentBytes()) - sentBefore) / bytes;
    for (const { path } of saved)
      if ((await sha256Of(path)) !== file.sha256)
        throw new Error('a saved file is not the one that was sent');
    const each = saved.map(({ seconds }) => seconds).sort((one, other) => one - other);
    return { seconds: each.at(-1) ?? 0, each, copies, watched };
  });
}
