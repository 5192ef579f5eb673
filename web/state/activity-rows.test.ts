import { describe, expect, it } from 'vitest';
import { entryOf, pieceOf, TODAY } from './activity.fixture.ts';
import {
  historyLines,
  historySummary,
  logLevelSentence,
  logLines,
  trafficOf,
  trafficSentence,
} from './activity-rows.ts';
import { shareLabels } from './share-labels.ts';
import { idOf } from './transfer.fixture.ts';

const DAY = 86_400_000;
const MIDNIGHT = Date.UTC(2026, 10, 27);
const failed = (why: 'store' | 'source' | 'broken' | 'other-file') => ({ kind: 'failed' as const, why });

describe('[UI22] the history', () => {
  it('[UI22] says of each what it was, how it ended, how large, long and fast it was', () => {
    const entries = [
      entryOf(),
      entryOf({ id: 2, sentBytes: 5_000_000 }),
      entryOf({ id: 3, end: { kind: 'cancelled' }, receivedBytes: 1_000 }),
      entryOf({ id: 4, end: failed('store') }),
      entryOf({ id: 5, end: failed('source') }),
      entryOf({ id: 6, end: failed('broken'), movedMs: 0, bytesPerSecond: null }),
      entryOf({ id: 9, end: failed('other-file') }),
      entryOf({ id: 7, role: 'sharing', receivedBytes: 0 }),
      entryOf({ id: 8, role: 'sharing', sentBytes: 2_000 }),
    ];
    const lines = historyLines(entries, shareLabels(entries));
    expect(lines[0]).toEqual({
      ...{ id: 1, infoHash: idOf('a'), label: 'film.mkv', type: 'download', result: 'finished', detail: '' },
      ...{ endedAt: TODAY, size: '3.00\u00a0MB', duration: '30 seconds', speed: '100\u00a0kB/s' },
    });
    expect(lines.slice(1).map(({ type, result, detail }) => `${type} ${result}: ${detail}`)).toEqual([
      'download finished: 5.00\u00a0MB sent',
      'download cancelled: 1.00\u00a0kB arrived',
      'download failed: the browser could not store what came',
      'download failed: files could not be read',
      'download failed: something in this page broke',
      'download failed: its server has another file now',
      'share shared: nothing sent',
      'share shared: 2.00\u00a0kB sent',
    ]);
    expect(lines[5]).toMatchObject({ duration: '–', speed: '–' });
    expect(historySummary(entries)).toBe('2 finished downloads, 1 cancelled, 4 failed, 2 shares');
    expect(historySummary([entryOf()])).toBe('1 finished download');
  });

  it('[UI22] is filtered by names, types, results and reasons', () => {
    const entries = [
      entryOf({ id: 1, name: 'Ferien' }),
      entryOf({ id: 2, name: 'Ferien', infoHash: idOf('b') }),
      entryOf({ id: 3, name: '', infoHash: idOf('c'), totalBytes: 0, end: failed('store') }),
    ];
    const labels = shareLabels(entries);
    const found = (filter: string) => historyLines(entries, labels, filter).map(({ id }) => id);
    expect(found(' ferien ')).toEqual([1, 2]);
    expect(found('(2)')).toEqual([2]);
    expect(found('FAILED')).toEqual([3]);
    expect(found('could not store')).toEqual([3]);
    expect(found('without a name')).toEqual([3]);
    expect(found('x'.repeat(10_000))).toEqual([]);
    // Nothing was known of it.
    expect(historyLines(entries, labels)[2]?.size).toBe('–');
  });
});

describe('[UI22] the transfer log', () => {
  it('[UI22] has time, direction, peer, share, piece and bytes, and says what came damaged', () => {
    const rows = [pieceOf({ piece: 12_345 }), pieceOf({ id: 2, direction: 'up', isRight: false })];
    expect(logLines(rows, shareLabels(rows))).toEqual([
      {
        ...{ id: 1, at: TODAY, direction: 'down', peer: 'ab12cd34', label: 'film.mkv', piece: '12,345' },
        ...{ bytes: '262,144', damaged: false },
      },
      expect.objectContaining({ id: 2, direction: 'up', piece: '0', damaged: true }),
    ]);
  });

  it('[LB12] [UI22] says what the log level keeps out of it', () => {
    expect(logLevelSentence('all', false)).toBe('');
    expect(logLevelSentence('all', true)).toMatch(/No piece has come or gone yet/);
    expect(logLevelSentence('errors', true)).toMatch(/only pieces that arrive damaged are logged, and none/);
    expect(logLevelSentence('errors', false)).toMatch(/are logged now/);
    expect(logLevelSentence('off', true)).toMatch(/not logged/);
    expect(logLevelSentence('off', false)).toMatch(/what comes and goes now is not logged/);
  });
});

describe('[UI22] the traffic of the last 30 days', () => {
  const days = [
    { day: MIDNIGHT - 30 * DAY, down: 9e9, up: 9e9 },
    { day: MIDNIGHT - 29 * DAY, down: 1_000, up: 0 },
    { day: MIDNIGHT - DAY, down: 4_000, up: 2_000 },
  ];

  it('[UI22] has each day up to the present one in UTC, also those on which nothing moved', () => {
    const traffic = trafficOf({ down: 1, up: 1, days }, TODAY);
    expect(traffic.times).toHaveLength(30);
    expect([traffic.times[0], traffic.times[29]]).toEqual([(MIDNIGHT - 29 * DAY) / 1_000, MIDNIGHT / 1_000]);
    expect(traffic.down.filter((bytes) => bytes > 0)).toEqual([1_000, 4_000]);
    expect(traffic.up[28]).toBe(2_000);
    expect(trafficSentence(traffic)).toBe(
      'In the last 30 days 5.00\u00a0kB downloaded and 2.00\u00a0kB uploaded, most of it on Nov 26 (6.00\u00a0kB).',
    );
  });

  it('[UI22] is empty where nothing moved in them', () => {
    const none = { times: [], down: [], up: [] };
    expect(trafficOf({ down: 1, up: 1, days: days.slice(0, 1) }, TODAY)).toEqual(none);
    expect(trafficSentence(none)).toBe(
      'In the last 30 days 0\u00a0bytes downloaded and 0\u00a0bytes uploaded.',
    );
  });
});
