/**
 * `npm run lighthouse [-- --runs 3] [--json]`: what Lighthouse thinks of the first page and of the page that receives a
 * share, on the phone with a slow network that it imitates by itself. Lighthouse is no dependency: it is installed into
 * a cache when it is first asked for. Exit code 0: each score is good; 1: one is not, or it could not be measured.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import type { LaunchOptions } from 'playwright';
import { findChromium } from '../../scripts/browsers.ts';
import { buildPage } from '../../scripts/build.ts';
import { cacheFolder, run } from '../../scripts/processes.ts';
import { Folder } from '../files.ts';
import { chromiumOptions } from '../launch.ts';
import { newPerson } from '../person.ts';
import { freePort } from '../services.ts';
import { startShoal } from '../shoal.ts';
import { bestReport, CATEGORIES, GOAL, isGood, readReport, reportText } from './report.ts';
import type { PageReport } from './report.ts';

/** 13 needs a newer Node than the project does. */
const LIGHTHOUSE = 'lighthouse@12.8.2';
const INSTALLED = join(cacheFolder, LIGHTHOUSE.replace('@', '-'));
const PROGRAM = join(INSTALLED, 'node_modules', 'lighthouse', 'cli', 'index.js');
const INSTALL_LIMIT_MS = 300_000;
const LOOK_LIMIT_MS = 180_000;
const SHARED_BYTES = 1_000_000;

type Say = (line: string) => void;

async function main(): Promise<number> {
  const { runs, json } = orderIn(process.argv.slice(2));
  const say: Say = json ? () => undefined : (line) => console.log(line);
  const found = await findChromium();
  say(found.sentence);
  if (found.kind === 'absent') throw new Error(found.sentence);
  await installLighthouse(say);
  await buildPage();
  const pages = await measure(chromiumOptions(found.path, found.sandbox), runs, say);
  const good = Object.values(pages).every(isGood);
  say(reportText(pages));
  say(
    good
      ? `Every score is at least ${GOAL}.`
      : `Not every score is at least ${GOAL}. (Performance is measured in time: whatever else this machine does costs points.)`,
  );
  if (json) console.log(JSON.stringify({ goal: GOAL, good, runs, pages }));
  return good ? 0 : 1;
}

/** Throws a sentence about arguments that cannot be read. */
function orderIn(args: string[]): { runs: number; json: boolean } {
  const options = {
    runs: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args, options });
  const runs = Number(values.runs);
  if (!(Number.isInteger(runs) && runs > 0))
    throw new Error(`--runs must be a whole number above 0, not ${values.runs}`);
  return { runs, json: values.json };
}

/** With the npm that runs this, in a folder of its own: the project's packages are left as they are. */
async function installLighthouse(say: Say): Promise<void> {
  if (existsSync(PROGRAM)) return;
  say(`Installing ${LIGHTHOUSE} into ${INSTALLED}.`);
  const args = ['install', '--prefix', INSTALLED, '--ignore-scripts', '--no-save', LIGHTHOUSE];
  const npm = process.env['npm_execpath'] ?? '';
  const [program, first] = npm === '' ? ['npm', []] : [process.execPath, [npm]];
  const { code, output } = await run(program, [...first, ...args], {
    output: 'collect',
    limit: INSTALL_LIMIT_MS,
  });
  if (code !== 0 || !existsSync(PROGRAM)) throw new Error(`${LIGHTHOUSE} could not be installed.\n${output}`);
}

/** A share is made by one browser and stays there; Lighthouse looks with another, in turns. */
async function measure(
  launch: LaunchOptions,
  runs: number,
  say: Say,
): Promise<Readonly<Record<string, PageReport>>> {
  const folder = await Folder.make();
  const server = await startShoal();
  const sending = await chromium.launch(launch);
  try {
    const { path } = await folder.file('measured.bin', SHARED_BYTES);
    const sender = await newPerson(await sending.newContext());
    const addresses = { Home: `${server.url}/`, Receive: await sender.share(server.url, path) };
    const looks = new Map<string, PageReport[]>();
    for (let turn = 1; turn <= runs; turn++) {
      for (const [name, address] of Object.entries(addresses)) {
        const look = await lookTwice(address, launch, folder.path);
        looks.set(name, [...(looks.get(name) ?? []), look]);
        say(`run ${turn}, ${name}: ${CATEGORIES.map((one) => `${one} ${look.scores[one]}`).join(', ')}`);
      }
    }
    return Object.fromEntries([...looks].map(([name, reports]) => [name, bestReport(reports)]));
  } finally {
    await sending.close();
    await Promise.all([server.close(), folder.remove()]);
  }
}

/** Lighthouse loses the trace of its browser now and then, and asks to be run again. */
async function lookTwice(address: string, launch: LaunchOptions, folder: string): Promise<PageReport> {
  return lookAt(address, launch, folder).catch(() => lookAt(address, launch, folder));
}

/** In a fresh browser of ours, which we can end whatever becomes of Lighthouse. `folder`: for its report. */
async function lookAt(address: string, launch: LaunchOptions, folder: string): Promise<PageReport> {
  const port = await freePort();
  const debugged = [...(launch.args ?? []), `--remote-debugging-port=${port}`];
  const browser = await chromium.launch({ ...launch, args: debugged });
  const file = join(folder, 'report.json');
  try {
    const args = [
      PROGRAM,
      address,
      `--port=${port}`,
      `--only-categories=${CATEGORIES.join(',')}`,
      '--output=json',
      `--output-path=${file}`,
      '--no-enable-error-reporting',
      '--quiet',
    ];
    const { code, output } = await run(process.execPath, args, { output: 'collect', limit: LOOK_LIMIT_MS });
    if (code !== 0) throw new Error(`Lighthouse ended with code ${code}.\n${output}`);
    return readReport(readFileSync(file, 'utf8'));
  } finally {
    await browser.close();
  }
}

try {
  process.exitCode = await main();
} catch (failure) {
  console.error(failure instanceof Error ? failure.message : String(failure));
  process.exitCode = 1;
}
