/** The attacks on a server, one after the other, and what somebody honest at another address feels of them ([SV15]). */
import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { startRedis } from '../services.ts';
import type { ServerAttack } from './server-attacks.ts';
import { Target } from './target.ts';
import { Witness } from './witness.ts';
import type { Felt } from './witness.ts';

const LONG_S = 30;
const SHORT_S = 1.5;
/** How long somebody honest is alone with the server before. */
const QUIET_MS = 1_000;
const MOST_GROWTH_BYTES = 200e6;
const MOST_STOP_MS = 2_500;
const ATTACKER = fileURLToPath(new URL('./server-attacker.ts', import.meta.url));

interface Outcome {
  readonly felt: Felt;
  readonly growth: number;
  readonly stopMs: number | null;
  readonly alive: boolean;
}

/** One after the other. */
async function suffer(attacks: readonly ServerAttack[], seconds: number, redisUrl: string): Promise<Outcome> {
  const target = await Target.start({ redisUrl });
  const witness = new Witness(target.port);
  witness.begin();
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  const idle = await target.memory();
  let most = idle;
  const watch = setInterval(() => void target.memory().then((now) => (most = Math.max(most, now || 0))), 100);
  await attackFor(attacks, target.port, seconds);
  clearInterval(watch);
  const felt = await witness.end();
  const alive = target.alive;
  const stopMs = await target.stop();
  return { felt, growth: most - idle, stopMs, alive };
}

function attackFor(attacks: readonly ServerAttack[], port: number, seconds: number): Promise<void> {
  const names = attacks.map(({ name }) => name).join(',');
  const words = ['--import', 'tsx', ATTACKER, names, String(port), String(seconds)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  // An attacker has a machine of its own: it takes of this one's processor what the server and the others leave.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  // A server that does not read keeps its attacker waiting.
  const timer = setTimeout(() => child.kill('SIGKILL'), (seconds + 5) * attacks.length * 1_000);
  return new Promise((resolve) => {
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Why the server did not hold; empty: it did. */
function faultsOf({ felt, growth, stopMs, alive }: Outcome): string[] {
  return [
    ...(alive ? [] : ['the server ended']),
    ...(felt.lost === 0 ? [] : [`${felt.lost} announces of others were not answered`]),
    ...(felt.together ? [] : ['the others do not find each other any more']),
    ...(growth <= MOST_GROWTH_BYTES ? [] : [`it grew by ${megabytes(growth)}`]),
    ...(stopMs !== null && stopMs <= MOST_STOP_MS ? [] : ['it did not stop when it was told to']),
  ];
}

function row(title: string, outcome: Outcome): string {
  const { announces } = outcome.felt;
  const at = (part: number): string =>
    `${(announces[Math.floor((announces.length - 1) * part)] ?? NaN).toFixed(1)} ms`;
  const figures = `others’ announces: median ${at(0.5)}, 99 % within ${at(0.99)}, worst ${at(1)}; memory + ${megabytes(outcome.growth)}`;
  const faults = faultsOf(outcome);
  return `${faults.length === 0 ? 'held' : 'FAILED'}  ${title}\n        ${figures}${faults.map((fault) => `\n        ${fault}`).join('')}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

/** How many failed. */
export async function attackServers(
  attacks: readonly ServerAttack[],
  { short, withRedis }: { readonly short: boolean; readonly withRedis: boolean },
): Promise<number> {
  const redis = withRedis ? await startRedis() : null;
  if (redis?.kind === 'missing') {
    console.log(redis.sentence);
    return attacks.length;
  }
  // In short all of them against one server.
  const rounds = short ? [attacks] : attacks.map((attack) => [attack]);
  let failed = 0;
  for (const round of rounds) {
    const outcome = await suffer(round, short ? SHORT_S : LONG_S, redis?.url ?? '');
    if (faultsOf(outcome).length > 0) failed++;
    console.log(row(round.map(({ name, what }) => `${name} (${what})`).join(', '), outcome));
  }
  await redis?.stop();
  return failed;
}
