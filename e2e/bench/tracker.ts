/**
 * Measures the tracker ([SV12]): the load comes from another process; a bare `ws` echo server shows the most that
 * the machine can do with such messages, the npm package bittorrent-tracker what people use today. All in one run;
 * each figure is the median of several turns, the subjects taking turns so that a slow minute strikes them alike. On
 * a machine that has other work, rates say little: the processor time that the server took for a message says more,
 * and both are given.
 */
import { startRedis } from '../services.ts';
import type { LoadOrder } from './tracker-load.ts';
import { load, loaded, startSubject } from './tracker-processes.ts';
import type { Running, Subject } from './tracker-processes.ts';

const TURNS = 3;
const BASE = { sockets: 200, seconds: 3, rate: null } as const;
/** A sender and a receiver: the swarm that most shares have. Each announce names the other, who hears of it. */
const PAIRS = { ...BASE, swarmSize: 2, want: 50 } as const;
/** Members that have the links they want: the announces that keep them alive. */
const KEEP_ALIVE = { ...BASE, swarmSize: 2, want: 0 } as const;
const IDLE = { sockets: 10_000, seconds: 0, rate: null, swarmSize: 100, want: 50, hold: true } as const;

/** What is measured in turns: whom, how it is spoken to, and with what load. */
const RATES: Readonly<
  Record<string, { subject: Subject; kind: LoadOrder['subject']; order: Omit<LoadOrder, 'port' | 'subject'> }>
> = {
  echo: { subject: 'echo', kind: 'echo', order: PAIRS },
  announces: { subject: 'shoal', kind: 'shoal', order: PAIRS },
  keepAlives: { subject: 'shoal', kind: 'shoal', order: KEEP_ALIVE },
  bittorrentTracker: { subject: 'bittorrent-tracker', kind: 'bittorrent-tracker', order: PAIRS },
  redisAnnounces: { subject: 'shoal-redis', kind: 'shoal', order: PAIRS },
};

const RATIOS = [
  'announcesOfEcho',
  'announcesOfEchoByProcessorTime',
  'keepAlivesOfEcho',
  'keepAlivesOfEchoByProcessorTime',
  'announcesOfBittorrentTracker',
  'redisOfMemory',
  'largeOfSmall',
];

type Say = (text: string) => void;
type Figures = Record<string, number | null>;
type Rows = Record<string, () => Promise<Figures>>;

export async function run(args: readonly string[]): Promise<void> {
  const json = args.includes('--json');
  const say: Say = json ? () => undefined : (text) => console.log(text);
  const rates = await measureRates(say);
  const figures: Figures = {
    ...rates,
    ...(await measureHalfLoad(rates['announcesPerSecond'] ?? 0, say)),
    ...(await measureIdle(say)),
    ...(await measureLargeSwarms(say)),
  };
  if (json) console.log(JSON.stringify(figures, null, 2));
  else for (const name of RATIOS) say(`${name}: ${figures[name]?.toFixed(2) ?? 'not measured'}`);
}

/** Announces a second, and their processor time, against the round trips of a bare echo of the same texts. */
async function measureRates(say: Say): Promise<Figures> {
  const redis = await startRedis();
  const redisUrl = redis.kind === 'running' ? redis.url : null;
  if (redis.kind === 'missing') say(redis.sentence);
  const subjects = await startSubjects(redisUrl);
  const figures: Figures = {};
  const rows: Rows = {};
  for (const [name, { subject, kind, order }] of Object.entries(RATES)) {
    const running = subjects.get(subject);
    if (running) rows[name] = () => measure(running, { ...order, port: running.port, subject: kind });
  }
  Object.assign(figures, await medians(rows, say));
  for (const running of subjects.values()) await running.stop();
  if (redis.kind === 'running') await redis.stop();
  for (const name of ['announces', 'keepAlives']) {
    figures[`${name}OfEcho`] = ratio(figures[`${name}PerSecond`], figures['echoPerSecond']);
    figures[`${name}OfEchoByProcessorTime`] = ratio(
      figures['echoMicroseconds'],
      figures[`${name}Microseconds`],
    );
  }
  figures['announcesOfBittorrentTracker'] = ratio(
    figures['announcesPerSecond'],
    figures['bittorrentTrackerPerSecond'],
  );
  figures['redisOfMemory'] = ratio(figures['redisAnnouncesPerSecond'], figures['announcesPerSecond']);
  return figures;
}

async function measureHalfLoad(fullRate: number, say: Say): Promise<Figures> {
  const shoal = await required('shoal');
  const rate = Math.round(fullRate / 2);
  const { perSecond, p50, p99 } = await loaded({
    ...PAIRS,
    seconds: 5,
    rate,
    port: shoal.port,
    subject: 'shoal',
  });
  await shoal.stop();
  say(`half load: ${Math.round(perSecond)} announces/s, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
  return { halfLoadPerSecond: perSecond, halfLoadP50Ms: p50, halfLoadP99Ms: p99 };
}

/** What a connection with one announced member costs over what `ws` itself costs. */
async function measureIdle(say: Say): Promise<Figures> {
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
  const held = await load({ ...IDLE, port: running.port, subject });
  const after = await running.state();
  await held.end();
  await running.stop();
  return {
    heap: (after.heap - before.heap) / IDLE.sockets,
    rss: (after.rss - before.rss) / IDLE.sockets,
  };
}

/** How long one answer takes in a swarm of 100 and in one of 10,000, at a load that neither feels. */
async function measureLargeSwarms(say: Say): Promise<Figures> {
  const rows: Rows = {};
  const stops: (() => Promise<void>)[] = [];
  for (const members of [100, 10_000]) {
    const shoal = await required('shoal');
    const order = { ...BASE, want: 50, swarmSize: members, port: shoal.port, subject: 'shoal' } as const;
    const held = await load({ ...order, sockets: members, hold: true, firstSerial: 1_000 });
    rows[`swarmOf${members}`] = async () => {
      const { p50 } = await loaded({ ...order, sockets: 1, swarmSize: 1_000_000, rate: 200 });
      return { Ms: p50 };
    };
    stops.push(held.end, shoal.stop);
  }
  const figures = await medians(rows, say);
  for (const stop of stops) await stop();
  return { ...figures, largeOfSmall: ratio(figures['swarmOf100Ms'], figures['swarmOf10000Ms']) };
}

async function startSubjects(redisUrl: string | null): Promise<Map<Subject, Running>> {
  const started = new Map<Subject, Running>();
  for (const subject of ['echo', 'shoal', 'bittorrent-tracker', 'shoal-redis'] as const) {
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

async function measure(running: Running, order: LoadOrder): Promise<Figures> {
  const before = await running.state();
  const { perSecond, total } = await loaded(order);
  const after = await running.state();
  return { PerSecond: perSecond, Microseconds: (after.cpu - before.cpu) / total };
}

/** `name` + the figure's own name → the median over all turns. */
async function medians(rows: Rows, say: Say): Promise<Figures> {
  const measured = new Map<string, number[]>();
  for (let turn = 0; turn < TURNS; turn++) {
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

function median(values: readonly number[]): number | null {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}

function ratio(part: number | null | undefined, whole: number | null | undefined): number | null {
  return part && whole ? part / whole : null;
}
