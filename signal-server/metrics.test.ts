import { describe, expect, test } from 'vitest';
import type { ClientMessage } from '../shared/tracker/messages.ts';
import { openMetrics } from './metrics.ts';
import type { Gauges } from './metrics.ts';
import { HeardLog } from './testing/fakes.ts';

function open(change: Partial<Gauges> = {}) {
  const log = new HeardLog();
  const gauges: Gauges = {
    sockets: () => 1,
    totals: () => ({ swarms: 2, members: 3 }),
    listings: () => 4,
    redis: () => null,
    ...change,
  };
  const metrics = openMetrics(gauges, log);
  /** The samples of one name, as they stand in the text. */
  const samples = async (name: string) =>
    (await metrics.text()).split('\n').filter((line) => line.startsWith(name) && !line.startsWith('#'));
  return { metrics, log, samples };
}

const TYPES: readonly [ClientMessage['type'], string][] = [
  ['announce', 'shoal_announces_total'],
  ['signal', 'shoal_signals_total'],
  ['scrape', 'shoal_scrapes_total'],
  ['publish', 'shoal_publishes_total'],
  ['unpublish', 'shoal_unpublishes_total'],
  ['search', 'shoal_searches_total'],
];

describe('[SV8] metrics', () => {
  test('gauges are read when somebody asks', async () => {
    const now = { sockets: 1, listings: 4 };
    const { samples } = open({ sockets: () => now.sockets, listings: () => now.listings });
    expect(await samples('shoal_sockets')).toEqual(['shoal_sockets 1']);
    [now.sockets, now.listings] = [10_000, 0];
    expect(await samples('shoal_sockets')).toEqual(['shoal_sockets 10000']);
    expect(await samples('shoal_listings')).toEqual(['shoal_listings 0']);
    expect(await samples('shoal_swarms')).toEqual(['shoal_swarms 2']);
    expect(await samples('shoal_peers')).toEqual(['shoal_peers 3']);
  });

  test('Redis is spoken of where there is one, up or not', async () => {
    expect(await open().samples('shoal_redis_up')).toEqual([]);
    let up: 0 | 1 = 0;
    const { samples } = open({ redis: () => up });
    expect(await samples('shoal_redis_up')).toEqual(['shoal_redis_up 0']);
    up = 1;
    expect(await samples('shoal_redis_up')).toEqual(['shoal_redis_up 1']);
  });

  test.each(TYPES)('every message of type %s counts in %s, and in no other', async (type, name) => {
    const { metrics, samples } = open();
    for (let times = 0; times < 3; times++) metrics.begin(type);
    for (const [, other] of TYPES) {
      expect(await samples(other)).toEqual([`${other} ${other === name ? 3 : 0}`]);
    }
    metrics.begin(type);
    expect(await samples(name)).toEqual([`${name} 4`]);
  });

  test('every sixteenth message is timed', async () => {
    const { metrics, samples } = open();
    for (let serial = 1; serial <= 48; serial++) {
      const begun = metrics.begin('announce');
      expect(begun !== null).toBe(serial % 16 === 0);
      metrics.end(begun);
    }
    expect(await samples('shoal_message_seconds_count')).toEqual(['shoal_message_seconds_count 3']);
  });

  test('refusals are counted by their reason', async () => {
    const { metrics, samples } = open();
    for (const why of ['bad-json', 'flooding', 'bad-json']) metrics.rejected(why);
    expect((await samples('shoal_rejections_total')).toSorted()).toEqual([
      'shoal_rejections_total{why="bad-json"} 2',
      'shoal_rejections_total{why="flooding"} 1',
    ]);
  });

  test('a fault of our own is counted and logged', async () => {
    const { metrics, samples, log } = open();
    metrics.failed(new TypeError('a bug'));
    expect(await samples('shoal_failures_total')).toEqual(['shoal_failures_total 1']);
    expect(log.lines).toEqual([
      { level: 'error', text: 'a message could not be handled', fields: { failure: 'TypeError: a bug' } },
    ]);
  });

  test('is what Prometheus reads, each sample with its help and its type', async () => {
    const { metrics } = open();
    expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    const lines = (await metrics.text()).split('\n').filter((line) => line !== '');
    const named = (kind: string) =>
      new Set(lines.flatMap((line) => new RegExp(`^# ${kind} (\\S+)`).exec(line)?.[1] ?? []));
    expect(named('HELP')).toEqual(named('TYPE'));
    for (const line of lines) expect(line).toMatch(/^(?:# (?:HELP|TYPE) )?shoal_/);
  });

  test('two servers in one process count each for itself', async () => {
    const [one, other] = [open(), open()];
    one.metrics.rejected('x');
    expect(await other.samples('shoal_rejections_total')).toEqual([]);
  });
});
