/**
 * `npm run bench -- url [--size 48MiB] [--rate 1MB] [--runs 3] [--lenders 3] [--browsers 2] [--json]`: how much sooner a file
 * at a web address is here when others lend their connection, where its server gives each address no more than `--rate` a
 * second. A headless peer loads it alone, with all ranges that it asks for side by side, and with lenders, in turn; `--browsers`
 * of these are pages in Chromium, the others headless. Everything is on this machine. Each comes through a proxy of its own,
 * which connects from an address of its own (127.0.0.1 is the client's, the lenders' begin with 127.0.0.2).
 */
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import type { Browser } from 'playwright';
import { TestHost } from '../../cli/testing/test-host.ts';
import { buildPage } from '../../scripts/build.ts';
import { findChromium } from '../../scripts/browsers.ts';
import type { RunningServer } from '../../signal-server/server.ts';
import { chromiumOptions } from '../launch.ts';
import { startShoal } from '../shoal.ts';
import { headlessLender, lendingPage, through } from './lenders.ts';
import type { Lender } from './lenders.ts';
import { LimitedOrigin } from './limited-origin.ts';
import { MadeContent } from './made-content.ts';
import { bytesIn } from './sizes.ts';

interface Scene {
  readonly shoal: Pick<RunningServer, 'url'>;
  readonly origin: LimitedOrigin;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      size: { type: 'string', default: '48MiB' },
      rate: { type: 'string', default: '1MB' },
      runs: { type: 'string', default: '3' },
      lenders: { type: 'string', default: '3' },
      browsers: { type: 'string', default: '2' },
      json: { type: 'boolean', default: false },
    },
  });
  const [rate, lenders, browsers] = [bytesIn(values.rate), Number(values.lenders), Number(values.browsers)];
  const bytes = await madeBytes(bytesIn(values.size));
  const say = values.json ? () => undefined : (line: string) => console.log(line);
  const browser = browsers > 0 ? await launched() : null;
  trustTheOrigin();
  const origin = await LimitedOrigin.start(bytes, rate);
  const shoal = await startShoal({ urlSources: true });
  const scene = { shoal, origin };
  const others = await lendersOf(scene, lenders, { browser, pages: browsers });
  origin.said();
  const [alone, together]: [number[], number[]] = [[], []];
  try {
    for (let nth = 0; nth < Number(values.runs); nth++) {
      alone.push(await loaded(scene, `alone-${nth}`, false));
      say(`alone: ${seconds(alone.at(-1))} s`);
      origin.said();
      together.push(await loaded(scene, `together-${nth}`, true));
      say(
        `with ${lenders} who lend, ${browsers} of them pages: ${seconds(together.at(-1))} s, ${origin.said()}`,
      );
    }
  } finally {
    for (const other of others) await other.close();
    await shoal.close();
    await origin.close();
  }
  const ratio = median(together) / median(alone);
  if (values.json)
    return console.log(
      JSON.stringify({ bytes: bytes.length, rate, lenders, browsers, alone, together, ratio }),
    );
  say(`with others: ${ratio.toFixed(2)} of the time alone (goal 0.35 with three)`);
}

/** So many, the pages first; settles when each of them has taken a job. */
async function lendersOf(
  { shoal, origin }: Scene,
  lenders: number,
  { browser, pages }: { readonly browser: Browser | null; readonly pages: number },
): Promise<readonly Lender[]> {
  const all = await Promise.all(
    Array.from({ length: lenders }, async (_, nth) => {
      const port = await origin.proxy(`127.0.0.${nth + 2}`);
      const isPage = browser !== null && nth < pages;
      return isPage ? lendingPage(browser, shoal.url, port) : headlessLender(shoal.url, port);
    }),
  );
  await taken({ shoal, origin }, lenders);
  return browser === null ? all : [...all, browser];
}

async function launched(): Promise<Browser> {
  const found = await findChromium();
  if (found.kind === 'absent') throw new Error(found.sentence);
  await buildPage();
  return chromium.launch(chromiumOptions(found.path, found.sandbox));
}

/** Settles when so many lend and have said so. */
async function taken({ shoal, origin }: Scene, lenders: number): Promise<void> {
  const { host } = await TestHost.start(shoal.url, { ways: through(await origin.proxy('127.0.0.1')) });
  const facts = { size: origin.size, etag: null, lastModified: null };
  await new Promise<void>((resolve) => {
    host.peer.borrowing.want({ url: origin.addressOf('first'), facts }, (said) => {
      if (said.taken === lenders) resolve();
    });
  });
  await host.close();
}

/** Its certificate is one that tests made. Of this process alone, in which nothing else is asked by https. */
function trustTheOrigin(): void {
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
}

async function madeBytes(size: number): Promise<Uint8Array> {
  const read = await new MadeContent(size).read(0, size);
  if (read.kind !== 'read') throw new Error('made content can be read');
  return read.bytes;
}

/** ms until all of it is a share. */
async function loaded({ shoal, origin }: Scene, name: string, borrows: boolean): Promise<number> {
  let share: ((infoHash: string) => void) | null = null;
  const became = new Promise<string>((resolve) => (share = resolve));
  const client = await TestHost.start(shoal.url, { ways: through(await origin.proxy('127.0.0.1')) });
  client.becameShare = (_file, infoHash) => share?.(infoHash);
  if (!borrows) client.host.peer.borrowing.want = () => undefined;
  try {
    const begun = performance.now();
    const outcome = await client.host.peer.webFiles.fetch(origin.addressOf(name));
    if (outcome.kind !== 'begun') throw new Error(`not begun: ${outcome.kind}`);
    const infoHash = (await became) as typeof outcome.infoHash;
    const ms = performance.now() - begun;
    if ((await client.sha256(infoHash)) !== origin.sha256) throw new Error('what came is wrong');
    return ms;
  } finally {
    await client.host.close();
  }
}

function seconds(ms = Number.NaN): string {
  return (ms / 1000).toFixed(1);
}

function median(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? Number.NaN;
}
