/** What is written down of what happens, without a peer around it. */
import { describe, expect, test } from 'vitest';
import type { Report } from '../engine/io.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { Activity } from './activity.ts';
import { MemoryActivity } from './activity-store.ts';
import type { ActivityBatch, ActivityStore } from './activity-store.ts';
import { DAY_MS, MOST_LOGGED_ROWS, NOTE_EVERY_MS } from './limits.ts';
import type { LogLevel } from './settings.ts';
import { FakeClock, settled } from './testing/fake-clock.ts';
import type { PeerListener, TransferSnapshot } from './verbs.ts';

const ONE = 'a1'.repeat(32) as InfoHash;
const TWO = 'b2'.repeat(32) as InfoHash;
const PEER = 'ab12cd34'.repeat(8) as PeerId;
const OTHER = 'ef'.repeat(32) as PeerId;
const TODAY = Date.UTC(2026, 10, 26, 12);
const YEAR_MS = 365 * DAY_MS;

/** A wall clock that is set at will. */
class SetClock extends FakeClock {
  setBy = 0;

  constructor() {
    super(TODAY);
  }

  override today(): number {
    return super.today() + this.setBy;
  }
}

/** Counts what is written, and refuses it when told. */
class Watched extends MemoryActivity {
  readonly batches: ActivityBatch[] = [];
  refuses = false;

  override async write(batch: ActivityBatch): Promise<readonly number[]> {
    if (this.refuses) return null as unknown as readonly number[];
    this.batches.push(batch);
    return super.write(batch);
  }
}

function scene(store: ActivityStore & Partial<Watched> = new Watched(), clock = new SetClock()) {
  const level: { now: LogLevel | null } = { now: 'all' };
  const told: string[] = [];
  const activity = new Activity({ clock, activity: store }, () => level.now);
  const listener: PeerListener = {
    snapshotsTaken: () => told.push('snapshots'),
    manifestKnown: () => told.push('manifest'),
    removed: () => told.push('removed'),
    busyChanged: () => told.push('busy'),
    reported: ({}, { kind }) => told.push(kind),
    shareBroke: () => told.push('broke'),
  };
  const hears = activity.beside(listener);
  return {
    ...{ activity, clock, level, told, hears },
    named: (infoHash: InfoHash, name: string, totalBytes = 1_000) =>
      hears.manifestKnown(infoHash, { name, totalBytes } as Manifest),
    came: (infoHash: InfoHash, piece: number, bytes = 100, isRight = true, peer = PEER) => {
      const event: Report = { kind: 'piece-came', piece, isRight, from: [{ peer, bytes }] };
      hears.reported(infoHash, event);
    },
    saw: (infoHash: InfoHash, phase: string, more: Partial<TransferSnapshot> = {}) =>
      hears.snapshotsTaken([{ infoHash, role: 'receiving', ...QUIET, ...more, phase } as TransferSnapshot]),
    log: () => store.transfers({ limit: 1_000 }),
  };
}

/** Nothing is wrong and nobody is here. */
const QUIET = { trouble: null, web: null, unreadable: null, peers: [], trackerOnline: true };

describe('[LB11] the history', () => {
  test('[LB11] has a download when it has ended, with what came, how long it took and how fast that was', async () => {
    const { activity, clock, named, came, hears } = scene();
    activity.downloadAsked(ONE);
    named(ONE, 'Ferien', 3_000);
    await clock.advance(500);
    came(ONE, 0, 1_000);
    // Pauses do not count.
    await clock.advance(60_000);
    came(ONE, 1, 1_000);
    await clock.advance(1_500);
    expect(await activity.history()).toEqual([]);
    came(ONE, 2, 1_000);
    hears.reported(ONE, { kind: 'completed' });
    activity.sent(ONE, PEER, 0, 400);
    await clock.advance(NOTE_EVERY_MS);
    expect(await activity.history()).toMatchObject([
      {
        ...{ infoHash: ONE, role: 'receiving', name: 'Ferien', totalBytes: 3_000, end: { kind: 'finished' } },
        ...{ begunAt: TODAY, endedAt: TODAY + 62_000, receivedBytes: 3_000, sentBytes: 400 },
        ...{ movedMs: 2_000, bytesPerSecond: 1_500 },
      },
    ]);
  });

  test('[LB11] has a share that is made, with what is sent of it', async () => {
    const { activity, clock, named } = scene();
    activity.made(ONE);
    named(ONE, 'Ours', 800);
    activity.sent(ONE, PEER, 0, 400);
    await clock.advance(1_000);
    activity.sent(ONE, PEER, 1, 400);
    await clock.advance(NOTE_EVERY_MS);
    expect(await activity.history()).toMatchObject([
      { role: 'sharing', name: 'Ours', end: { kind: 'finished' }, sentBytes: 800, bytesPerSecond: 800 },
    ]);
  });

  test.each([
    [{ kind: 'store', why: 'unavailable' }, 'store'],
    [{ kind: 'source', why: 'changed' }, 'source'],
    [{ kind: 'broken' }, 'broken'],
  ] as const)('[LB11] has a download that failed by %j', async (trouble, why) => {
    const { activity, saw } = scene();
    activity.downloadAsked(ONE);
    saw(ONE, 'downloading');
    saw(ONE, 'failed', { trouble });
    expect(await activity.history()).toMatchObject([{ end: { kind: 'failed', why }, bytesPerSecond: null }]);
    // It goes on, and is another row then.
    saw(ONE, 'downloading');
    saw(ONE, 'complete');
    expect(await activity.history()).toMatchObject([
      { end: { kind: 'finished' } },
      { end: { kind: 'failed', why } },
    ]);
  });

  test('[LB11] has a download that was taken back, and outlives the share', async () => {
    const { activity, named, hears } = scene();
    activity.downloadAsked(ONE);
    named(ONE, 'Ferien');
    hears.removed(ONE);
    hears.removed(TWO);
    expect(await activity.history()).toMatchObject([{ name: 'Ferien', end: { kind: 'cancelled' } }]);
    // The same link once more.
    activity.downloadAsked(ONE);
    hears.removed(ONE);
    expect(await activity.history()).toHaveLength(2);
  });

  test('[LB11] one that ended stays as it ended, whatever becomes of the share', async () => {
    const { activity, hears, saw } = scene();
    activity.downloadAsked(ONE);
    hears.reported(ONE, { kind: 'completed' });
    saw(ONE, 'complete');
    saw(ONE, 'downloading'); // pieces were lost
    saw(ONE, 'complete');
    hears.removed(ONE);
    expect(await activity.history()).toMatchObject([{ end: { kind: 'finished' } }]);
  });

  test('[LB11] [WS41] has a file at a web address when it is a share, and as that', async () => {
    const { activity, hears, saw, named, came } = scene();
    const web = { right: 1 } as TransferSnapshot['web'];
    saw(ONE, 'downloading', { web });
    named(ONE, 'film.bin', 100);
    came(ONE, 0);
    saw(ONE, 'complete', { web });
    hears.reported(ONE, { kind: 'completed' });
    expect(await activity.history()).toEqual([]);
    hears.becameShare?.(ONE, TWO);
    hears.removed(ONE);
    saw(TWO, 'complete');
    expect(await activity.history()).toHaveLength(1);
    activity.sent(TWO, PEER, 0, 400);
    await activity.close();
    expect(await activity.history()).toMatchObject([
      { infoHash: TWO, name: 'film.bin', end: { kind: 'finished' }, receivedBytes: 100, sentBytes: 400 },
    ]);
  });

  test('[LB11] [WS12] has one that is another file by now as failed, and what is loaded then as another row', async () => {
    const { activity, hears, saw } = scene();
    const web = { right: 1 } as TransferSnapshot['web'];
    saw(ONE, 'downloading', { web });
    hears.fileChanged?.(ONE, 'begins');
    hears.removed(ONE);
    saw(ONE, 'downloading', { web });
    hears.removed(ONE);
    expect(await activity.history()).toMatchObject([
      { end: { kind: 'cancelled' } },
      { end: { kind: 'failed', why: 'other-file' } },
    ]);
  });

  test('[LB11] a download goes on after a restart, and is one row', async () => {
    const store = new Watched();
    const first = scene(store);
    first.activity.downloadAsked(ONE);
    first.came(ONE, 0, 100);
    await first.activity.close();
    const second = scene(store);
    second.saw(ONE, 'downloading');
    second.came(ONE, 1, 100);
    second.hears.reported(ONE, { kind: 'completed' });
    expect(await second.activity.history()).toMatchObject([{ begunAt: TODAY, receivedBytes: 200 }]);
  });

  test('[LB11] one that is removed without being opened was taken back', async () => {
    const store = new Watched();
    const first = scene(store);
    first.activity.downloadAsked(ONE);
    await first.activity.close();
    const second = scene(store);
    second.hears.removed(ONE);
    expect(await second.activity.history()).toMatchObject([{ end: { kind: 'cancelled' } }]);
  });

  test('[LB11] does not end before it began where the clock is set back by a year', async () => {
    const { activity, clock, hears } = scene();
    activity.downloadAsked(ONE);
    clock.setBy = -YEAR_MS;
    hears.reported(ONE, { kind: 'completed' });
    expect(await activity.history()).toMatchObject([{ begunAt: TODAY, endedAt: TODAY }]);
  });

  test('[LB11] that is cleared is empty, and what is sent afterwards brings nothing back', async () => {
    const { activity, clock, hears } = scene();
    activity.downloadAsked(ONE);
    activity.downloadAsked(TWO);
    hears.reported(ONE, { kind: 'completed' });
    await activity.clearHistory();
    activity.sent(ONE, PEER, 0, 100);
    await clock.advance(NOTE_EVERY_MS);
    expect(await activity.history()).toEqual([]);
    hears.reported(TWO, { kind: 'completed' });
    expect(await activity.history()).toMatchObject([{ infoHash: TWO }]);
  });

  test('[ST5] that cannot be written is written with what happens next', async () => {
    const store = new Watched();
    const { activity, hears } = scene(store);
    store.refuses = true;
    activity.downloadAsked(ONE);
    hears.reported(ONE, { kind: 'completed' });
    expect(await activity.history()).toEqual([]);
    store.refuses = false;
    activity.downloadAsked(TWO);
    expect(await activity.history()).toMatchObject([{ infoHash: ONE, end: { kind: 'finished' } }]);
  });

  test('tells the listener behind it everything', async () => {
    const { hears, named, saw, told } = scene();
    named(ONE, 'a');
    saw(ONE, 'ready');
    hears.reported(ONE, { kind: 'manifest-accepted' });
    hears.busyChanged(true);
    hears.shareBroke(ONE, 'a fault');
    hears.removed(ONE);
    expect(told).toEqual(['manifest', 'snapshots', 'manifest-accepted', 'busy', 'broke', 'removed']);
  });
});

describe('[LB12] the transfer log', () => {
  test('[LB12] has a row for each piece that came, and of whom', async () => {
    const { clock, named, hears, log } = scene();
    named(ONE, 'Ferien');
    const from = [
      { peer: PEER, bytes: 70 },
      { peer: OTHER, bytes: 30 },
    ];
    hears.reported(ONE, { kind: 'piece-came', piece: 7, isRight: true, from });
    await clock.advance(NOTE_EVERY_MS);
    const row = { at: TODAY, direction: 'down', infoHash: ONE, name: 'Ferien', piece: 7, isRight: true };
    expect(await log()).toMatchObject([
      { ...row, peer: 'efefefef', bytes: 30 },
      { ...row, peer: 'ab12cd34', bytes: 70 },
    ]);
  });

  test('[LB12] has one row of all blocks of a piece that one peer was sent', async () => {
    const { activity, clock, log } = scene();
    for (const [peer, piece] of [
      [PEER, 1],
      [OTHER, 1],
      [PEER, 1],
      [PEER, 2],
      [PEER, 1],
    ] as const) {
      activity.sent(ONE, peer, piece, 10);
    }
    await clock.advance(NOTE_EVERY_MS - 1);
    activity.sent(ONE, PEER, 1, 10);
    await clock.advance(3 * NOTE_EVERY_MS);
    expect((await log()).map(({ peer, piece, bytes }) => [peer, piece, bytes])).toEqual([
      ['ab12cd34', 1, 40],
      ['ab12cd34', 2, 10],
      ['efefefef', 1, 10],
    ]);
  });

  test('[LB12] is written every 5 s at most, in one go, and not at all where nothing moved', async () => {
    const store = new Watched();
    const { clock, came } = scene(store);
    await clock.advance(60_000);
    expect(store.batches).toEqual([]);
    for (let piece = 0; piece < 100; piece++) {
      came(ONE, piece);
      await clock.advance(100);
    }
    expect(store.batches.map(({ transfers }) => transfers.length)).toEqual([50, 50]);
    await clock.advance(60_000);
    expect(store.batches.map(({ transfers }) => transfers.length)).toEqual([50, 50]);
  });

  test('[LB12] is whole after a clean end, and nothing is written after it', async () => {
    const store = new Watched();
    const { activity, clock, came } = scene(store);
    came(ONE, 1);
    activity.sent(ONE, PEER, 2, 10);
    await activity.close();
    came(ONE, 3);
    activity.made(TWO);
    await clock.advance(60_000);
    expect(store.batches.map(({ transfers }) => transfers.map(({ piece }) => piece))).toEqual([[1, 2]]);
  });

  test('[LB12] keeps the name of a share that was removed meanwhile, and learns one that is told late', async () => {
    const { activity, clock, named, came, hears, log } = scene();
    named(ONE, 'gone');
    came(ONE, 1);
    activity.sent(ONE, PEER, 2, 10);
    hears.removed(ONE);
    came(TWO, 3);
    named(TWO, 'late');
    await clock.advance(2 * NOTE_EVERY_MS);
    expect((await log()).map(({ piece, name }) => [piece, name])).toEqual([
      [2, 'gone'],
      [3, 'late'],
      [1, 'gone'],
    ]);
  });

  test('[LB12] is in the order in which it happened where the clock is set back by a year', async () => {
    const { clock, came, log } = scene();
    came(ONE, 1);
    await clock.advance(10);
    clock.setBy = -YEAR_MS;
    came(ONE, 2);
    await clock.advance(NOTE_EVERY_MS);
    expect((await log()).map(({ piece, at }) => [piece, at])).toEqual([
      [2, TODAY + 10 - YEAR_MS],
      [1, TODAY],
    ]);
  });

  test.each([
    ['off', []],
    ['errors', [2]],
    ['all', [2, 1]],
  ] as const)('[LB12] [LB14] at %s has what belongs there', async (now, pieces) => {
    const { activity, clock, level, came, log } = scene();
    // Before it is known, too.
    const expected: number[] = [];
    for (const known of [null, now]) {
      expected.push(...pieces);
      level.now = known;
      came(ONE, 1, 100, true);
      came(ONE, 2, 100, false);
      level.now = now;
      await clock.advance(NOTE_EVERY_MS);
      expect((await log()).map(({ piece }) => piece)).toEqual(expected);
    }
    expect(await activity.totals()).toMatchObject({ down: 400 });
  });

  test('[LB14] what was gathered is forgotten when it is switched off', async () => {
    const { activity, clock, level, came, log } = scene();
    came(ONE, 1);
    activity.sent(ONE, PEER, 1, 10);
    level.now = 'off';
    activity.levelChanged();
    await clock.advance(2 * NOTE_EVERY_MS);
    expect(await log()).toEqual([]);
  });

  test('[LB12] of more than it keeps the oldest is forgotten before it is written', async () => {
    const store = new Watched();
    const { activity, clock, came } = scene(store);
    for (let piece = 0; piece < 2 * MOST_LOGGED_ROWS + 5; piece++) came(ONE, piece, 1);
    for (let piece = 0; piece <= MOST_LOGGED_ROWS; piece++) activity.sent(ONE, PEER, piece, 1);
    await clock.advance(NOTE_EVERY_MS);
    await activity.close();
    for (const { transfers } of store.batches) expect(transfers.length).toBeLessThanOrEqual(MOST_LOGGED_ROWS);
    const [newest] = await store.transfers({ limit: 1 });
    expect(newest).toMatchObject({ direction: 'up', piece: MOST_LOGGED_ROWS });
  });

  test('[ST5] that cannot be written is as if it had not been put', async () => {
    const store = new Watched();
    const { activity, clock, came, log } = scene(store);
    store.refuses = true;
    came(ONE, 1);
    await clock.advance(NOTE_EVERY_MS);
    store.refuses = false;
    came(ONE, 2);
    await clock.advance(NOTE_EVERY_MS);
    expect((await log()).map(({ piece }) => piece)).toEqual([2]);
    expect((await activity.totals()).down).toBe(200);
  });
});

describe('[LB13] totals', () => {
  test('[LB13] are of days in UTC, and of all', async () => {
    const { activity, clock, came } = scene();
    came(ONE, 1, 100);
    await clock.advance(DAY_MS / 2);
    came(ONE, 2, 10);
    activity.sent(ONE, PEER, 1, 5);
    await clock.advance(NOTE_EVERY_MS);
    const [first, second] = [Date.UTC(2026, 10, 26), Date.UTC(2026, 10, 27)];
    expect(await activity.totals()).toEqual({
      ...{ down: 110, up: 5 },
      days: [
        { day: first, down: 100, up: 0 },
        { day: second, down: 10, up: 5 },
      ],
    });
  });

  test('[LB13] are of the last 90 days, and lose nothing by a clock that is set back by a year', async () => {
    const { activity, clock, came } = scene();
    clock.setBy = -90 * DAY_MS;
    came(ONE, 1, 1);
    await clock.advance(NOTE_EVERY_MS);
    clock.setBy = -YEAR_MS;
    came(ONE, 2, 10);
    await clock.advance(NOTE_EVERY_MS);
    expect((await activity.totals()).days).toHaveLength(2);
    clock.setBy = 0;
    came(ONE, 3, 100);
    await clock.advance(NOTE_EVERY_MS);
    expect(await activity.totals()).toEqual({
      ...{ down: 111, up: 0 },
      days: [{ day: Date.UTC(2026, 10, 26), down: 100, up: 0 }],
    });
  });
});

describe('[LB16] what is forgotten', () => {
  test('[LB16] is everything, also what is not written yet', async () => {
    const { activity, clock, came, log } = scene();
    activity.downloadAsked(ONE);
    came(ONE, 1);
    await clock.advance(NOTE_EVERY_MS);
    came(ONE, 2);
    await activity.forget();
    await clock.advance(NOTE_EVERY_MS);
    await settled();
    expect([await activity.history(), await log()]).toEqual([[], []]);
    expect(await activity.totals()).toEqual({ down: 0, up: 0, days: [] });
  });
});
