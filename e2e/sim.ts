/**
 * `npm run sim -- [flags]`: simulates a swarm of real machines and says how long it took against the fluid bound.
 * Exit code 0: everybody who could complete did; 1: somebody did not, or a rule was broken; 2: wrong flags.
 */
import { simulate } from '../shared/sim/run.ts';
import type { Outcome } from '../shared/sim/run.ts';
import type { TraceRow } from '../shared/sim/trace.ts';
import { readSimFlags, simHelp } from '../shared/sim/flags.ts';
import type { SimOrder } from '../shared/sim/flags.ts';

function main(): number {
  const order = readSimFlags(process.argv.slice(2));
  if (order.kind === 'help') {
    console.log(simHelp());
    return 0;
  }
  if (order.kind === 'wrong') {
    console.error(order.sentence);
    return 2;
  }
  const startedAt = performance.now();
  const outcome = simulate(order.scenario, order.trace);
  const wallSeconds = (performance.now() - startedAt) / 1000;
  printTrace(outcome.trace);
  if (outcome.failure !== null) {
    console.error(`--rng ${order.scenario.rng}: ${outcome.failure}`);
  }
  if (order.json) printJson(outcome, wallSeconds);
  else printSummary(order, outcome, wallSeconds);
  return outcome.failure === null ? 0 : 1;
}

function printJson(outcome: Outcome, wallSeconds: number): void {
  const { peers, bytes, seconds, bound, ratio, seedCopies, complete, p50, p95, events } = outcome;
  const { exposed, waste, lostPieces, originCopies } = outcome;
  console.log(
    JSON.stringify({
      ...{ peers, bytes, seconds, bound, ratio, seedCopies, complete, p50, p95, events, wallSeconds },
      ...{ exposed, waste, lostPieces, originCopies },
    }),
  );
}

function printSummary({ scenario }: SimOrder, outcome: Outcome, wallSeconds: number): void {
  const seconds = (value: number | null): string => (value === null ? '–' : `${value.toFixed(1)} s`);
  const percent = (part: number): string => `${(part * 100).toFixed(part < 0.1 ? 1 : 0)} %`;
  const lines = [
    `${outcome.peers} leechers, ${(outcome.bytes / 2 ** 20).toFixed(1)} MiB, --rng ${scenario.rng}`,
    `${outcome.complete === 1 ? 'everybody done after   ' : 'given up after         '}${seconds(outcome.seconds)} (bound ${seconds(outcome.bound)}, ratio ${outcome.ratio.toFixed(3)})`,
    `half done, 95 % done   ${seconds(outcome.p50)}, ${seconds(outcome.p95)}`,
    `complete               ${percent(outcome.complete)} of those that stayed and kept to the rules`,
    outcome.originCopies === null
      ? `the seed sent          ${outcome.seedCopies.toFixed(2)} copies`
      : `the server sent        ${outcome.originCopies.toFixed(2)} copies`,
    `sent twice             ${percent(outcome.waste)} of all blocks that arrived`,
  ];
  if (outcome.complete < 1) lines.push(`nobody has any more     ${outcome.lostPieces} pieces`);
  if (outcome.exposed !== null)
    lines.push(`senders of wrong bytes ${percent(outcome.exposed)} were found out`);
  lines.push(`${outcome.events.toLocaleString('en')} events in ${wallSeconds.toFixed(1)} s`);
  console.log(lines.join('\n'));
}

/** Columns of the trace: title and how to print. */
const COLUMNS: readonly (readonly [string, (row: TraceRow) => string])[] = [
  ['s', (row) => row.at.toFixed(0)],
  ['online', (row) => String(row.online)],
  ['done', (row) => String(row.complete)],
  ['links', (row) => row.links.toFixed(1)],
  ['seed up', (row) => row.seedUp.toFixed(2)],
  ['peers up', (row) => row.peersUp.toFixed(2)],
  ['peers down', (row) => row.peersDown.toFixed(2)],
  ['have', (row) => row.have.toFixed(3)],
  ['rarest', (row) => String(row.rarest)],
  ['mean copies', (row) => row.meanCopies.toFixed(1)],
  ['unseen', (row) => String(row.unseen)],
  ['seed copies', (row) => row.seedCopies.toFixed(2)],
  ['seed slots', (row) => String(row.seedSlots)],
  ['peer slots', (row) => row.peerSlots.toFixed(1)],
  ['idle', (row) => row.idle.toFixed(2)],
  ['starved', (row) => row.starved.toFixed(2)],
  ['asked KiB', (row) => (row.asked / 1024).toFixed(0)],
  ['unchoked', (row) => row.unchoked.toFixed(1)],
  ['useful', (row) => row.useful.toFixed(1)],
  ['both', (row) => row.both.toFixed(1)],
  ['waste', (row) => row.waste.toFixed(3)],
  ['fastest', (row) => row.fastest.toFixed(2)],
  ['slowest', (row) => row.slowest.toFixed(2)],
];

function printTrace(rows: readonly TraceRow[]): void {
  if (rows.length === 0) return;
  console.log(COLUMNS.map(([title]) => title).join('\t'));
  for (const row of rows) console.log(COLUMNS.map(([, print]) => print(row)).join('\t'));
}

process.exitCode = main();
