/** The attacks on pages, one after the other in each browser that is here, and what was felt of them. */
import { buildPage } from '../../scripts/build.ts';
import { findChromium, findFirefox } from '../../scripts/browsers.ts';
import { Folder } from '../files.ts';
import { chromiumOptions } from '../launch.ts';
import { bundled, SCRIPTED_PAGE, servePages } from '../pages/bundle.ts';
import type { PageAttack, Scene } from './page-attacks.ts';
import { PIECE_BYTES, Stage } from './stage.ts';
import type { StageParts, Suffered } from './stage.ts';
import { Victims } from './victim.ts';

const LAG_GOAL_MS = 100;
const MOST_GROWTH_BYTES = 300e6;
const TRANSFER_GOAL = 1.5;
/** Machines are busy: a list of files that comes later than so many times its goal fails. */
const LIST_PATIENCE = 3;

/** ms that an attack may make a page later than it is without it. */
const MOST_LAG_MS = 500;
/** The short form runs with all tests, on machines where a page waits for hundreds of ms; a harmed one does for seconds. */
const MOST_LAG_IN_SHORT_MS = 2_000;

const LONG = { seconds: 15, pieces: 160, mostLagMs: MOST_LAG_MS };
const SHORT = { seconds: 1, pieces: 20, mostLagMs: MOST_LAG_IN_SHORT_MS };

type Company = Omit<StageParts, 'victims'>;

/** How many failed. */
export async function attackPages(attacks: readonly PageAttack[], short: boolean): Promise<number> {
  const [found, firefox] = [await findChromium(), await findFirefox()];
  console.log(found.sentence);
  if (found.kind === 'absent') return 1;
  console.log(firefox.sentence);
  await buildPage();
  const launch = chromiumOptions(found.path, found.sandbox);
  const folder = await Folder.make();
  const script = { type: 'text/javascript', body: await bundled('attacker-page.ts') };
  const pages = await servePages({ '/': SCRIPTED_PAGE, '/page.js': script });
  const others = await Victims.start('Chromium', launch);
  const { seconds, pieces, mostLagMs } = short ? SHORT : LONG;
  const file = await folder.file('honest.bin', pieces * PIECE_BYTES);
  const company: Company = { others, attackerUrl: pages.origin, file, pieces, seconds };
  let failed = 0;
  for (const name of ['Chromium', 'Firefox'] as const) {
    const some = attacks.filter(({ inShort }) => !(short && name === 'Firefox' && inShort));
    if (some.length === 0 || (name === 'Firefox' && firefox.kind === 'absent')) continue;
    const path = name === 'Firefox' && firefox.kind === 'found' ? { executablePath: firefox.path } : launch;
    const victims = await Victims.start(name, path);
    const parts = { ...company, victims };
    // A browser that has just started is slower: for figures that are read, it is warmed up.
    if (!short) await quietly(parts, { kind: 'sharing' });
    failed += await inBrowser(some, parts, mostLagMs);
    await victims.close();
  }
  await Promise.all([others.close(), pages.close(), folder.remove()]);
  return failed;
}

async function inBrowser(
  attacks: readonly PageAttack[],
  parts: StageParts,
  mostLagMs: number,
): Promise<number> {
  const quiet = new Map<Scene['kind'], Suffered>();
  let failed = 0;
  for (const attack of attacks) {
    const { scene } = attack;
    const before = quiet.get(scene.kind) ?? (await quietly(parts, scene));
    quiet.set(scene.kind, before);
    const suffered = await Stage.play(parts, attack).catch(String);
    if (typeof suffered === 'string') {
      failed++;
      console.log(`FAILED  ${parts.victims.name}: ${attack.name} (${attack.what})\n        ${suffered}`);
      continue;
    }
    const faults = faultsOf(attack, suffered, before, mostLagMs);
    if (faults.length > 0) failed++;
    const held = faults.length === 0 ? 'held' : 'FAILED';
    console.log(`${held}  ${parts.victims.name}: ${attack.name} (${attack.what})`);
    for (const line of [...figures(attack, suffered, before), ...faults]) console.log(`        ${line}`);
  }
  return failed;
}

function quietly(parts: StageParts, scene: Scene): Promise<Suffered> {
  return Stage.play(parts, { kind: null, scene: scene.kind === 'theft' ? { kind: 'sharing' } : scene });
}

function figures({ scene }: PageAttack, suffered: Suffered, quiet: Suffered): string[] {
  const { felt, transferMs, listMs, amount } = suffered;
  const lag = `page late by ${felt.lagMs.toFixed(0)} ms at most (goal ${LAG_GOAL_MS}; quiet ${quiet.felt.lagMs.toFixed(0)}), ${felt.long} times over 50 ms (quiet ${quiet.felt.long})`;
  const memory = `memory + ${megabytes(felt.growth)} MB (goal ${megabytes(MOST_GROWTH_BYTES)}; quiet + ${megabytes(quiet.felt.growth)})`;
  const ratio = (transferMs ?? NaN) / (quiet.transferMs ?? NaN);
  const transfer = `honest transfer ${seconds(transferMs)}, ${ratio.toFixed(2)} × its quiet time (goal ${TRANSFER_GOAL})`;
  const list =
    scene.kind === 'opening'
      ? [`list of files after ${seconds(listMs)} (goal ${seconds(scene.listGoalMs)})`]
      : [];
  return [
    `${lag}; ${memory}`,
    [transfer, ...list].join('; '),
    ...(amount === '' ? [] : [`attacker: ${amount}`]),
  ];
}

/** Times are those of this machine in these minutes: they fail only where a page is really harmed. */
function faultsOf(
  { scene }: PageAttack,
  { felt, faults, listMs }: Suffered,
  quiet: Suffered,
  mostLagMs: number,
): string[] {
  const harmed = felt.lagMs - quiet.felt.lagMs > mostLagMs;
  const late = scene.kind === 'opening' && !(Number(listMs) <= LIST_PATIENCE * scene.listGoalMs);
  return [
    ...faults,
    ...(harmed ? [`the page stood still for ${felt.lagMs.toFixed(0)} ms`] : []),
    // What the transfer itself takes, until the browser tidies up, is no attack's doing.
    ...(felt.growth - quiet.felt.growth > MOST_GROWTH_BYTES
      ? [`the browser grew by ${megabytes(felt.growth)} MB`]
      : []),
    ...(late ? ['the list of files came too late'] : []),
  ];
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

function seconds(ms: number | null): string {
  return ms === null ? 'not finished' : `${(ms / 1_000).toFixed(1)} s`;
}
