/**
 * Measures the tracker ([SV12]). The loads come from other processes and have processors of their own, so that the
 * server is what is full (the figures say how full). A bare `ws` echo server shows the most that the machine can do
 * with such messages, the npm package bittorrent-tracker what people use today. All in one run; each figure is the
 * median of several turns, the subjects taking turns so that a slow minute strikes them alike.
 */
import { availableParallelism } from 'node:os';
import { startRedis } from '../services.ts';
import { median } from './figures.ts';
import { runPart } from './harness.ts';
import type { Bench, Part } from './harness.ts';
import type { LoadOrder } from './tracker-load-order.ts';
import { hold, pinBesideServer, pinned, startSubject } from './tracker-processes.ts';
import type { Held, Measured, Running, Subject } from './tracker-processes.ts';

/** One for each processor that is not the server's: more would wait for each other. */
const LOADS = Math.max(1, availableParallelism() - 1);
/** Sockets of each load. */
const BASE = { sockets: 200, seconds: 2, rate: null, depth: 1 } as const;
/** A sender and a receiver: the swarm that most shares have. Each announce names the other, who hears of it. */
const PAIRS = { ...BASE, swarmSize: 2, want: 50 } as const;
/** Members that have the links they want: the announces that keep them alive. */
const KEEP_ALIVE = { ...BASE, swarmSize: 2, want: 0 } as const;
const IDLE = { sockets: 10_000, seconds: 0, rate: null, depth: 1, swarmSize: 100, want: 50 } as const;

type Order = Omit<LoadOrder, 'port' | 'subject' | 'firstSerial' | 'firstSwarm'>;

/** What is measured in turns: whom, how it is spoken to, and with what load. */
const RATES: Readonly<Record<string, { subject: Subject; kind: LoadOrder['subject']; order: Order }>> = {
  echo: { subject: 'echo', kind: 'echo', order: PAIRS },
  announces: { subject: 'shoal', kind: 'shoal', order: PAIRS },
  keepAlives: { subject: 'shoal', kind: 'shoal', order: KEEP_ALIVE },
  limitedAnnounces: { subject: 'shoal-limits', kind: 'shoal', order: PAIRS },
  redisAnnounces: { subject: 'shoal-redis', kind: 'shoal', order: PAIRS },
  bittorrentTracker: { subject: 'bittorrent-tracker', kind: 'bittorrent-tracker', order: PAIRS },
};

/** Of which figures, by rate and by the server's processor time. */
const RATIOS: Readonly<Record<string, readonly [part: string, whole: string]>> = {
  announcesOfEcho: ['announces', 'echo'],
  keepAlivesOfEcho: ['keepAlives', 'echo'],
  limitedAnnouncesOfEcho: ['limitedAnnounces', 'echo'],
  redisOfEcho: ['redisAnnounces', 'echo'],
  redisOfMemory: ['redisAnnounces', 'announces'],
  announcesOfBittorrentTracker: ['announces', 'bittorrentTracker'],
};

/** Of the figures, what they are to people, and what is wanted. */
const GOALS: readonly (readonly [name: string, what: string, least: number | null])[] = [
  ['announcesOfEcho', 'announces a second, of the messages that a bare `ws` echo sends back', 0.8],
  ['announcesOfEchoByProcessorTime', 'the same by processor time of the server', null],
  ['limitedAnnouncesOfEcho', 'announces a second with all limits, of the echo', null],
  ['redisOfEcho', 'announces a second with Redis, of the echo', 0.4],
  ['redisOfMemory', 'announces a second with Redis, of those without', null],
];

type Figures = Record<string, number | null>;
type Rows = Record<string, () => Promise<Figures>>;

const PART: Part = {
  name: 'tracker',
  about:
    'Announces a second beside a bare `ws` server that sends the same texts back, without and with limits, with Redis, ' +
    'and beside the npm package bittorrent-tracker; half load, idle connections, large swarms (Linux, two processors).',
  options: {},
  browserless: true,
  async measure(bench) {
    if (!pinned)
      bench.say('Nothing is pinned to processors here (one processor, or no taskset): rates say little.');
    const rates = await measureRates(bench);
    const figures: Figures = {
      ...rates,
      ...(await measureHalfLoad(rates['announcesPerSecond'] ?? 0, bench.say)),
      ...(await measureIdle(bench.say)),
      ...(await measureLargeSwarms(bench)),
    };
    for (const [name, value] of Object.entries(figures)) {
      if (name.includes('Of')) bench.say(`${name}: ${value?.toFixed(2) ?? 'not measured'}`);
    }
    return {
      figures: GOALS.map(([name, what, least]) => ({
        what,
        value: figures[name] ?? null,
        unit: 'ratio' as const,
        ...(least === null ? {} : { goal: { least } }),
      })),
      measured: { pinned, ...figures },
      partial: !pinned,
    };
  },
};

export function run(args: string[]): Promise<void> {
  return runPart(PART, args);
}

/** Announces a second, and their processor time, against the round trips of a bare echo of the same texts. */
async function measureRates(bench: Bench): Promise<Figures> {
  const redis = await startRedis();
  const redisUrl = redis.kind === 'running' ? redis.url : null;
  if (redis.kind === 'missing') bench.say(redis.sentence);
  else pinBesideServer(redis.pid);
  const subjects = await startSubjects(redisUrl);
  const rows: Rows = {};
  for (const [name, { subject, kind, order }] of Object.entries(RATES)) {
    const running = subjects.get(subject);
    if (running) rows[name] = () => measureRate(running, kind, order);
  }
  const figures = await medians(bench, rows);
  for (const running of subjects.values()) await running.stop();
  if (redis.kind === 'running') await redis.stop();
  for (const [name, [part, whole]] of Object.entries(RATIOS)) {
    figures[name] = ratio(figures[`${part}PerSecond`], figures[`${whole}PerSecond`]);
    figures[`${name}ByProcessorTime`] = ratio(
      figures[`${whole}Microseconds`],
      figures[`${part}Microseconds`],
    );
  }
  return figures;
}

async function measureRate(server: Running, kind: LoadOrder['subject'], order: Order): Promise<Figures> {
  const loads = await holdLoads(server, kind, order);
  const { perSecond, microseconds, serverBusy, loadsBusy } = await loads.run();
  await loads.end();
  return { PerSecond: perSecond, Microseconds: microseconds, Busy: serverBusy, LoadsBusy: loadsBusy };
}

/** Members and swarms of each load are its own. */
function holdLoads(server: Running, subject: LoadOrder['subject'], order: Order): Promise<Held> {
  const orders = Array.from({ length: LOADS }, (_, at) => ({
    ...order,
    port: server.port,
    subject,
    rate: order.rate === null ? null : order.rate / LOADS,
    firstSerial: at * order.sockets,
    firstSwarm: at * order.sockets,
  }));
  return hold(server, orders);
}

async function measureHalfLoad(fullRate: number, say: Bench['say']): Promise<Figures> {
  const shoal = await required('shoal');
  const loads = await holdLoads(shoal, 'shoal', { ...PAIRS, seconds: 5, rate: Math.round(fullRate / 2) });
  const measured = await loads.run();
  await loads.end();
  await shoal.stop();
  const [p50, p99] = [quantile(measured, 0.5), quantile(measured, 0.99)];
  say(
    `half load: ${Math.round(measured.perSecond)} announces/s, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
  );
  return { halfLoadPerSecond: measured.perSecond, halfLoadP50Ms: p50, halfLoadP99Ms: p99 };
}

function quantile({ latencies }: Measured, part: number): number {
  return latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? Number.NaN;
}

/** What a connection with one announced member costs over what `ws` itself costs. */
async function measureIdle(say: Bench['say']): Promise<Figures> {
  const echo = await bytesPerSocket('echo');
  const shoal = await bytesPerSocket('shoal');
  const over = shoal.heap - echo.heap;
  say(
    `${IDLE.sockets} idle announced connections: ${Math.round(shoal.heap)} bytes each, ${Math.round(over)} over a bare ws`,
  );
  return {
    idleConnections: IDLE.sockets,
    bytesPerIdleConnection: shoal.heap,
    bytesPerBareConnection: echo.heap,
    bytesOverBareConnection: over,
    rssOverBareConnection: shoal.rss - echo.rss,
  };
}

async function bytesPerSocket(subject: 'echo' | 'shoal'): Promise<{ heap: number; rss: number }> {
  const running = await required(subject);
  const before = await running.state();
  const held = await hold(running, [{ ...IDLE, port: running.port, subject }]);
  const after = await running.state();
  await held.end();
  await running.stop();
  return {
    heap: (after.heap - before.heap) / IDLE.sockets,
    rss: (after.rss - before.rss) / IDLE.sockets,
  };
}

/** How long one answer takes in a swarm of 100 and in one of 10,000, at a load that neither feels. */
async function measureLargeSwarms(bench: Bench): Promise<Figures> {
  const rows: Rows = {};
  const stops: (() => Promise<void>)[] = [];
  for (const members of [100, 10_000]) {
    const shoal = await required('shoal');
    const order = { ...BASE, want: 50, swarmSize: members, port: shoal.port, subject: 'shoal' } as const;
    const held = await hold(shoal, [{ ...order, sockets: members, firstSerial: 1_000 }]);
    rows[`swarmOf${members}`] = async () => {
      const asker = await hold(shoal, [{ ...order, sockets: 1, rate: 200 }]);
      const measured = await asker.run();
      await asker.end();
      return { Ms: quantile(measured, 0.5) };
    };
    stops.push(held.end, shoal.stop);
  }
  const figures = await medians(bench, rows);
  for (const stop of stops) await stop();
  return { ...figures, largeOfSmall: ratio(figures['swarmOf100Ms'], figures['swarmOf10000Ms']) };
}

async function startSubjects(redisUrl: string | null): Promise<Map<Subject, Running>> {
  const started = new Map<Subject, Running>();
  for (const subject of new Set(Object.values(RATES).map((rate) => rate.subject))) {
    if (subject === 'shoal-redis' && redisUrl === null) continue;
    const running = await startSubject(subject, redisUrl ?? '');
    if (running) started.set(subject, running);
  }
  return started;
}

async function required(subject: Subject): Promise<Running> {
  const running = await startSubject(subject);
  if (!running) throw new Error(`${subject} did not start`);
  return running;
}

/** `name` + the figure's own name → the median over all turns. */
async function medians({ runs, say }: Bench, rows: Rows): Promise<Figures> {
  const measured = new Map<string, number[]>();
  for (let turn = 0; turn < runs; turn++) {
    for (const [name, row] of Object.entries(rows)) {
      for (const [figure, value] of Object.entries(await row())) {
        if (value !== null) measured.set(name + figure, [...(measured.get(name + figure) ?? []), value]);
      }
    }
  }
  const figures: Figures = {};
  for (const [name, values] of measured) {
    figures[name] = median(values);
    say(`${name}: ${values.map((value) => value.toPrecision(3)).join(', ')}`);
  }
  return figures;
}

function ratio(part: number | null | undefined, whole: number | null | undefined): number | null {
  return part && whole ? part / whole : null;
}
