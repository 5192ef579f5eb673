/**
 * What an operator can watch ([SV8]): prom-client (imported here alone), in Prometheus' text format. Hot counters
 * are plain numbers that are read when somebody asks.
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { ClientMessage } from '../shared/tracker/messages.ts';

export interface Gauges {
  sockets(): number;
  totals(): { readonly swarms: number; readonly members: number };
  listings(): number;
  /** 1 while the shared registry is reached, 0 while this process is on its own; null without one. */
  redis(): 0 | 1 | null;
}

export interface Metrics {
  /** Milliseconds that never go back. */
  now(): number;
  /** When it began, if this message is one of those that are timed. */
  begin(type: ClientMessage['type']): number | null;
  end(begun: number | null): void;
  rejected(why: string): void;
  failed(failure: unknown): void;
  text(): Promise<string>;
  readonly contentType: string;
}

/** Timing every message would cost a tenth of handling one. */
const TIMED_OF = 16;

type CountName = ClientMessage['type'];

export function openMetrics(gauges: Gauges, log: { error(fields: object, text: string): void }): Metrics {
  const register = new Registry();
  collectDefaultMetrics({ register, prefix: 'shoal_' });
  const messages: Record<CountName, number> = {
    announce: 0,
    signal: 0,
    scrape: 0,
    publish: 0,
    unpublish: 0,
    search: 0,
    challenge: 0,
    prove: 0,
  };
  addGauges(register, gauges);
  addCounters(register, messages);
  const rejections = new Counter({
    name: 'shoal_rejections_total',
    help: 'Messages, sockets and requests that were refused, by reason.',
    labelNames: ['why'],
    registers: [register],
  });
  const failures = new Counter({
    name: 'shoal_failures_total',
    help: 'Messages that failed by our own fault.',
    registers: [register],
  });
  const latency = new Histogram({
    name: 'shoal_message_seconds',
    help: 'From having read a message to having answered it; every 16th message is timed.',
    buckets: [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5],
    registers: [register],
  });
  const now = () => performance.now();
  let turn = 0;
  return {
    now,
    begin: (type) => {
      messages[type] += 1;
      turn = (turn + 1) % TIMED_OF;
      return turn === 0 ? now() : null;
    },
    end: (begun) => {
      if (begun !== null) latency.observe((now() - begun) / 1000);
    },
    rejected: (why) => rejections.inc({ why }),
    failed: (failure) => {
      failures.inc();
      log.error({ failure: String(failure) }, 'a message could not be handled');
    },
    text: () => register.metrics(),
    contentType: register.contentType,
  };
}

function addGauges(register: Registry, gauges: Gauges): void {
  const add = (name: string, help: string, value: () => number | null) =>
    new Gauge({
      name,
      help,
      registers: [register],
      collect() {
        const present = value();
        if (present !== null) this.set(present);
      },
    });
  add('shoal_sockets', 'Open tracker sockets.', () => gauges.sockets());
  add('shoal_swarms', 'Swarms with a member on this instance.', () => gauges.totals().swarms);
  add('shoal_peers', 'Members announced on this instance.', () => gauges.totals().members);
  add('shoal_listings', 'Public shares in the directory.', () => gauges.listings());
  if (gauges.redis() !== null) {
    add('shoal_redis_up', '1 while Redis is reached, 0 while this instance is on its own.', () =>
      gauges.redis(),
    );
  }
}

function addCounters(register: Registry, messages: Record<CountName, number>): void {
  const add = (type: CountName, name: string) =>
    new Counter({
      name,
      help: `Messages of type ${type} that were read.`,
      registers: [register],
      collect() {
        this.reset();
        this.inc(messages[type]);
      },
    });
  add('announce', 'shoal_announces_total');
  add('signal', 'shoal_signals_total');
  add('scrape', 'shoal_scrapes_total');
  add('publish', 'shoal_publishes_total');
  add('unpublish', 'shoal_unpublishes_total');
  add('search', 'shoal_searches_total');
  add('challenge', 'shoal_challenges_total');
  add('prove', 'shoal_proofs_total');
}
