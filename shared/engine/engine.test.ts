/** The person's wish, the road of a piece, the world's troubles, the tracker and the times. */
import { describe, expect, test } from 'vitest';
import type { Frame } from '../protocol/frames.ts';
import { linkId, peerId } from '../ids.ts';
import type { PeerId } from '../ids.ts';
import { MAX_LINKS } from '../limits.ts';
import { Lab, testPeer } from './testing/lab.ts';
import type { Output, StoreTrouble } from './io.ts';
import type { LabMachine } from './testing/lab-machine.ts';
import { ScriptedPeer, seedScript } from './testing/scripted-peer.ts';
import { evenPieces, makeShare } from './testing/share.ts';

const SHARE = makeShare({ pieces: evenPieces(8, 150_000, 70_001) });

function seedOf(lab: Lab, nth = 9): LabMachine {
  return lab.machine({ id: testPeer(nth), share: SHARE, as: 'seed' });
}

function leecherOf(lab: Lab, as: 'newcomer' | 'knows' = 'knows', owned: readonly number[] = []): LabMachine {
  return lab.machine({ id: testPeer(5), share: SHARE, as, owned });
}

function honest(nth: number, extended = true): ScriptedPeer {
  return new ScriptedPeer(testPeer(nth), SHARE.infoHash, seedScript({ share: SHARE, extended }));
}

function expectWhole(machine: LabMachine): void {
  expect(Buffer.compare(machine.content ?? new Uint8Array(1), SHARE.bytes)).toBe(0);
}

/** Lets some pieces wait for the store, of which one is stored; then everything fails. */
function fail(lab: Lab, leecher: LabMachine, seed: ScriptedPeer, why: StoreTrouble): void {
  leecher.held.add('store-piece');
  leecher.tell({ kind: 'download-requested' });
  lab.join(leecher, seed);
  lab.until('some pieces wait for the store', () => leecher.jobs.length >= 3);
  leecher.held.clear();
  leecher.work();
  leecher.storeTrouble = why;
  lab.advance(1_000);
}

function count(machine: LabMachine, kind: string): number {
  return machine.reports.filter((report) => report.kind === kind).length;
}

describe('[PL2] [PL3] the road of a piece', () => {
  test('[PL2] nothing is stored before it is hashed', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    leecher.held.add('hash-piece');
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, honest(9));
    lab.settle();
    expect(leecher.jobs.length).toBeGreaterThan(0);
    expect(leecher.orders.some((order) => order.kind === 'store-piece')).toBe(false);
  });

  test('[ST3] with each piece it is said how much still comes, and with the last ones that nothing does', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab, 'knows', [3]);
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, honest(9));
    lab.settle();
    const said = leecher.orders.flatMap((order) =>
      order.kind === 'store-piece' ? [order.awaitedBytes] : [],
    );
    expect(said).toHaveLength(7);
    expect(said[0]).toBeGreaterThan(0);
    expect(said.at(-1)).toBe(0);
    expect(said).toEqual([...said].sort((one, other) => other - one));
  });

  test('[LB12] of each piece it is told what came of whom, once, and all of it together', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, honest(9));
    lab.join(leecher, honest(10));
    lab.until('it completes', () => leecher.snapshot.phase === 'complete', 60_000);
    const came = leecher.reports.filter((report) => report.kind === 'piece-came');
    const bytes = new Map(
      came.map(({ piece, from }) => [piece, from.reduce((sum, part) => sum + part.bytes, 0)]),
    );
    expect(came).toHaveLength(SHARE.pieces.length);
    expect(came.every(({ isRight }) => isRight)).toBe(true);
    SHARE.manifest.pieces.forEach(({ size }, piece) => expect(bytes.get(piece)).toBe(size));
    const senders = new Set(came.flatMap(({ from }) => from.map(({ peer }) => peer)));
    expect(senders).toEqual(new Set([testPeer(9), testPeer(10)]));
  });

  test('[PL3] have and serving wait for the store', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    leecher.held.add('store-piece');
    leecher.tell({ kind: 'download-requested' });
    const watcher = new ScriptedPeer(testPeer(3), SHARE.infoHash, (heard, self) => {
      if (heard.kind === 'handshake') self.say({ kind: 'capability' });
    });
    lab.join(leecher, watcher);
    lab.join(leecher, honest(9));
    lab.settle();
    expect(leecher.orders.filter((order) => order.kind === 'store-piece')).toHaveLength(8);
    watcher.say({ kind: 'request', piece: 0, offset: 0, length: 10 });
    lab.settle();
    expect(watcher.frames('have')).toEqual([]);
    expect(watcher.frames('reject')).toHaveLength(1);
    expect(leecher.snapshot).toMatchObject({
      phase: 'downloading',
      storedBytes: 0,
      receivedBytes: SHARE.bytes.length,
    });
    leecher.held.clear();
    lab.settle();
    const had = watcher.frames('have').flatMap((have) => have.pieces);
    expect(had.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    watcher.say({ kind: 'request', piece: 0, offset: 0, length: 10 });
    lab.settle();
    expect(watcher.frames('piece')).toHaveLength(1);
  });

  test('[PL3] with the last piece everybody hears at once what is here, also who has everything', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    const seed = honest(9);
    leecher.held.add('store-piece');
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, seed);
    lab.settle();
    expect(seed.frames('have')).toEqual([]);
    leecher.held.clear();
    // No time passes from here on.
    lab.settle();
    expect(leecher.snapshot.phase).toBe('complete');
    const told = seed.frames('have').flatMap((have) => have.pieces);
    expect(told.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('[BF1] an unmodified peer learns of new pieces by whole bitfields, soon and not one by one', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    leecher.tell({ kind: 'download-requested' });
    const watcher = new ScriptedPeer(testPeer(3), SHARE.infoHash);
    lab.join(leecher, watcher);
    lab.join(leecher, honest(9));
    lab.until('it completes', () => leecher.snapshot.phase === 'complete');
    lab.advance(3_000);
    const bitfields = watcher.frames('bitfield');
    expect(bitfields.length).toBeGreaterThan(1);
    expect(bitfields.length).toBeLessThan(8);
    expect(bitfields.at(-1)?.bits).toEqual(Uint8Array.of(0xff));
    expect(new Set(watcher.heard.map((one) => one.kind))).toEqual(
      new Set(['handshake', 'capability', 'bitfield']),
    );
  });

  test('[EN1] what was owned at the start is not asked for, and is served', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab, 'knows', [0, 3, 7]);
    leecher.tell({ kind: 'download-requested' });
    const seed = honest(9);
    lab.join(leecher, seed);
    lab.until('it completes', () => leecher.snapshot.phase === 'complete');
    expect(new Set(seed.requests.map((request) => request.piece))).toEqual(new Set([1, 2, 4, 5, 6]));
    expectWhole(leecher);
  });
});

describe("[EN2] the person's wish", () => {
  test('[EN2] nothing is asked for before the person wants it, and the manifest is shown', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab, 'newcomer');
    expect(leecher.snapshot).toMatchObject({ phase: 'looking', manifest: null, totalBytes: 0 });
    const seed = honest(9);
    lab.join(leecher, seed);
    lab.advance(30_000);
    expect(leecher.snapshot).toMatchObject({
      phase: 'ready',
      totalBytes: SHARE.bytes.length,
      stalled: false,
    });
    expect(leecher.snapshot.manifest).toEqual(SHARE.manifest);
    expect(seed.requests).toEqual([]);
    leecher.tell({ kind: 'download-requested' });
    lab.until('it completes', () => leecher.snapshot.phase === 'complete');
  });

  test('[EN2] paused, nothing new is asked for and nothing is lost', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    const seed = honest(9);
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, seed);
    lab.stopWhen('it is under way', () => leecher.store.size > 0);
    const pipe = lab.pipes[0]!;
    pipe.directions[1].held = true;
    lab.settle();
    const asked = seed.requests.length;
    expect(asked).toBeGreaterThan(0);
    leecher.tell({ kind: 'download-paused' });
    expect(leecher.snapshot.phase).toBe('paused');
    pipe.directions[1].held = false;
    lab.advance(60_000);
    expect(seed.requests.length).toBe(asked);
    expect(seed.closed).toBe(false);
    const received = leecher.snapshot.receivedBytes;
    leecher.tell({ kind: 'download-requested' });
    expect(leecher.snapshot.receivedBytes).toBeGreaterThanOrEqual(received);
    lab.until('it completes', () => leecher.snapshot.phase === 'complete');
    expectWhole(leecher);
  });

  test('[EN2] an empty share is complete when it is asked for, and not before', () => {
    const lab = new Lab(1);
    const empty = makeShare({ pieces: [] });
    const leecher = lab.machine({ id: testPeer(5), share: empty, as: 'newcomer' });
    lab.join(leecher, lab.machine({ id: testPeer(9), share: empty, as: 'seed' }));
    lab.settle();
    expect(leecher.snapshot.phase).toBe('ready');
    leecher.tell({ kind: 'download-requested' });
    expect(leecher.snapshot.phase).toBe('complete');
    expect(count(leecher, 'completed')).toBe(1);
  });

  test('[EN2] stopped, all links are closed and nobody is let in; resumed, it goes on where it was', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    leecher.tell({ kind: 'tracker-opened' });
    leecher.tell({ kind: 'download-requested' });
    const first = honest(9);
    const script = first.script;
    let answered = 0;
    first.script = (heard, self) => {
      if (heard.kind !== 'request' || ++answered < 6) script(heard, self);
    };
    lab.join(leecher, first);
    lab.settle();
    const { receivedBytes } = leecher.snapshot;
    expect(receivedBytes).toBeGreaterThan(0);
    leecher.tell({ kind: 'sharing-stopped' });
    lab.settle();
    expect(leecher.snapshot.phase).toBe('stopped');
    expect(leecher.snapshot.peers).toEqual([]);
    expect(first.closed).toBe(true);
    expect(leecher.announces.at(-1)).toMatchObject({ event: 'stopped' });
    expect(leecher.engine.nextWakeup()).toBeNull();
    const late = honest(8);
    lab.join(leecher, late);
    lab.settle();
    expect(late.closed).toBe(true);
    expect(late.heard).toEqual([]);
    leecher.tell({ kind: 'sharing-resumed' });
    expect(leecher.announces.at(-1)).toMatchObject({ event: 'started' });
    expect(leecher.snapshot.receivedBytes).toBe(receivedBytes);
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, honest(7));
    lab.until('it completes', () => leecher.snapshot.phase === 'complete');
    expectWhole(leecher);
  });

  test('[EN2] a download that is asked for while the share is stopped starts it again', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    leecher.tell({ kind: 'tracker-opened' });
    leecher.tell({ kind: 'sharing-stopped' });
    leecher.tell({ kind: 'download-requested' });
    expect(leecher.snapshot.phase).toBe('downloading');
    expect(leecher.announces.map((announce) => announce.event)).toEqual(['started', 'stopped', 'started']);
  });
});

describe("[EN5] the world's troubles", () => {
  test('[PL4] a store that fails stops the download and loses nothing', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    const seed = honest(9);
    fail(lab, leecher, seed, 'unavailable');
    expect(leecher.snapshot).toMatchObject({
      phase: 'failed',
      trouble: { kind: 'store', why: 'unavailable' },
    });
    const stored = [...leecher.store.keys()];
    const asked = seed.requests.length;
    lab.advance(60_000);
    expect(seed.requests.length, 'nothing is asked for while it cannot be kept').toBe(asked);
    expect(seed.closed).toBe(false);
    leecher.storeTrouble = null;
    leecher.tell({ kind: 'room-made' });
    lab.advance(60_000);
    expect(leecher.snapshot.phase, 'room is nothing to it').toBe('failed');
    leecher.tell({ kind: 'download-requested' });
    expect(leecher.snapshot).toMatchObject({ phase: 'downloading', trouble: null });
    lab.until('it completes', () => leecher.snapshot.phase === 'complete');
    expectWhole(leecher);
    const again = seed.requests.slice(asked).map((request) => request.piece);
    for (const piece of stored) expect(again).not.toContain(piece);
  });

  test('[PL4] what is stored goes on being served while nothing more can be', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab, 'knows', [2]);
    leecher.storeTrouble = 'quota';
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, honest(9));
    const asker = new ScriptedPeer(testPeer(3), SHARE.infoHash, (heard, self) => {
      if (heard.kind === 'handshake') self.say({ kind: 'capability' });
    });
    lab.join(leecher, asker);
    lab.settle();
    expect(leecher.snapshot.phase).toBe('full');
    asker.say({ kind: 'request', piece: 2, offset: 0, length: 100 });
    lab.settle();
    expect(asker.frames('piece')).toHaveLength(1);
  });

  describe('[UI17] a store without room', () => {
    const LARGE = makeShare({ pieces: evenPieces(60, 150_000, 70_001) });

    function full() {
      const lab = new Lab(1);
      const leecher = lab.machine({ id: testPeer(5), share: LARGE, as: 'knows' });
      const seed = new ScriptedPeer(testPeer(9), LARGE.infoHash, seedScript({ share: LARGE }));
      leecher.tell({ kind: 'limits-changed', up: null, down: 1_000_000, peerUp: null, peerDown: null });
      fail(lab, leecher, seed, 'quota');
      expect(leecher.snapshot).toMatchObject({ phase: 'full', trouble: null });
      const asked = seed.requests.length;
      const orders = (): Output[] => leecher.orders.filter(({ kind }) => kind === 'store-piece');
      return {
        lab,
        leecher,
        seed,
        /** Pieces that were verified by then, stored or not. */
        verified: new Set(orders().map((order) => 'piece' in order && order.piece)),
        /** Pieces that were asked for since. */
        askedSince: () => seed.requests.slice(asked).map(({ piece }) => piece),
        tries: () => orders().length,
      };
    }

    function expectLargeWhole({ content }: LabMachine): void {
      expect(Buffer.compare(content ?? new Uint8Array(1), LARGE.bytes)).toBe(0);
    }

    test('[UI17] keeps what is verified, asks for nothing, and tries again ever more rarely', () => {
      const { lab, leecher, seed, askedSince, tries } = full();
      const before = tries();
      lab.advance(60_000);
      const inFirstMinute = tries() - before;
      expect(inFirstMinute).toBeGreaterThanOrEqual(4);
      expect(inFirstMinute).toBeLessThanOrEqual(6);
      lab.advance(600_000);
      const later = tries() - before - inFirstMinute;
      expect(later).toBeGreaterThanOrEqual(9);
      expect(later).toBeLessThanOrEqual(10);
      expect(askedSince()).toEqual([]);
      expect([leecher.snapshot.phase, seed.closed]).toEqual(['full', false]);
    });

    test('[UI17] goes on by itself when a later try finds room, and fetches nothing twice', () => {
      const { lab, leecher, verified, askedSince } = full();
      leecher.storeTrouble = null;
      lab.until('it goes on', () => askedSince().length > 0);
      expect(leecher.snapshot).toMatchObject({ phase: 'downloading', stalled: false });
      lab.until('it completes', () => leecher.snapshot.phase === 'complete');
      expectLargeWhole(leecher);
      expect(askedSince().filter((piece) => verified.has(piece))).toEqual([]);
    });

    test('[UI17] goes on at once when something was removed, and stores what waits before it asks', () => {
      const { lab, leecher, askedSince, tries } = full();
      lab.advance(300_000);
      const before = tries();
      leecher.storeTrouble = null;
      leecher.held.add('store-piece');
      leecher.tell({ kind: 'room-made' });
      lab.settle();
      expect(tries() - before, 'one is tried').toBe(1);
      expect(askedSince()).toEqual([]);
      expect(leecher.snapshot.phase).toBe('full');
      leecher.held.clear();
      lab.settle();
      expect(leecher.snapshot).toMatchObject({ phase: 'downloading', stalled: false });
      lab.until('it completes', () => leecher.snapshot.phase === 'complete');
      expectLargeWhole(leecher);
    });

    test('[UI17] with room for one piece more it waits again', () => {
      const { lab, leecher, askedSince } = full();
      leecher.storeTrouble = null;
      leecher.tell({ kind: 'room-made' });
      lab.stopWhen('one more is stored', () => leecher.store.size > 1);
      leecher.storeTrouble = 'quota';
      lab.advance(60_000);
      expect([leecher.snapshot.phase, leecher.store.size, askedSince()]).toEqual(['full', 2, []]);
    });

    test('[UI17] stays paused when the person paused it, and keeps what waited all the same', () => {
      const { lab, leecher, askedSince } = full();
      leecher.tell({ kind: 'download-paused' });
      expect(leecher.snapshot.phase).toBe('paused');
      const had = leecher.store.size;
      leecher.storeTrouble = null;
      leecher.tell({ kind: 'room-made' });
      lab.advance(120_000);
      expect(leecher.snapshot.phase).toBe('paused');
      expect(leecher.store.size).toBeGreaterThan(had);
      expect(askedSince()).toEqual([]);
      leecher.tell({ kind: 'download-requested' });
      lab.until('it completes', () => leecher.snapshot.phase === 'complete');
      expectLargeWhole(leecher);
    });

    test('[UI17] a press of Resume tries at once', () => {
      const { lab, leecher, tries } = full();
      lab.advance(300_000);
      const before = tries();
      leecher.tell({ kind: 'download-requested' });
      expect(tries()).toBe(before + 1);
      lab.settle();
      expect(leecher.snapshot.phase).toBe('full');
    });

    test('[UI17] [PL4] a store that cannot be reached meanwhile fails as it always does', () => {
      const { lab, leecher } = full();
      leecher.storeTrouble = 'unavailable';
      lab.until('it is tried', () => leecher.snapshot.phase === 'failed');
      leecher.storeTrouble = null;
      leecher.tell({ kind: 'download-requested' });
      lab.until('it completes', () => leecher.snapshot.phase === 'complete');
      expectLargeWhole(leecher);
    });

    test('[UI17] goes on after it was stopped and started again', () => {
      const { lab, leecher } = full();
      leecher.tell({ kind: 'sharing-stopped' });
      expect(leecher.snapshot.phase).toBe('stopped');
      leecher.storeTrouble = null;
      leecher.tell({ kind: 'download-requested' });
      lab.join(leecher, new ScriptedPeer(testPeer(8), LARGE.infoHash, seedScript({ share: LARGE })));
      lab.until('it completes', () => leecher.snapshot.phase === 'complete');
      expectLargeWhole(leecher);
    });
  });

  test.each(['changed', 'vanished'] as const)(
    '[UP3] a file that is %s since it was shared is served to nobody any more',
    (why) => {
      const lab = new Lab(1);
      const seed = seedOf(lab);
      seed.tell({ kind: 'tracker-opened' });
      const leecher = leecherOf(lab, 'newcomer');
      leecher.tell({ kind: 'download-requested' });
      lab.join(leecher, seed);
      lab.stopWhen('it is under way', () => leecher.store.size > 0);
      seed.readTrouble = why;
      lab.until('the seed notices', () => seed.snapshot.phase === 'failed');
      lab.settle();
      expect(seed.snapshot).toMatchObject({ trouble: { kind: 'source', why }, peers: [] });
      expect(seed.announces.at(-1)).toMatchObject({ event: 'stopped' });
      const { storedBytes } = leecher.snapshot;
      expect(leecher.snapshot.phase).toBe('downloading');
      // Somebody else has it, too.
      lab.join(leecher, honest(8));
      lab.until('it completes', () => leecher.snapshot.phase === 'complete');
      expect(leecher.snapshot.storedBytes).toBeGreaterThan(storedBytes);
      expectWhole(leecher);
      // The person puts the file back and shares again.
      seed.readTrouble = null;
      seed.tell({ kind: 'sharing-resumed' });
      expect(seed.snapshot).toMatchObject({ phase: 'complete', trouble: null });
    },
  );

  test.each(['seed', 'knows'] as const)('[UP3] a stored piece that is gone is fetched anew (%s)', (as) => {
    const lab = new Lab(1);
    const all = SHARE.pieces.map((_, piece) => piece);
    const keeper = lab.machine({ id: testPeer(5), share: SHARE, as, owned: all });
    if (as === 'knows') keeper.tell({ kind: 'download-requested' });
    lab.settle();
    const reported = count(keeper, 'completed');
    keeper.tell({ kind: 'tracker-opened' });
    const asker = new ScriptedPeer(testPeer(3), SHARE.infoHash, (heard, self) => {
      if (heard.kind === 'handshake') self.say({ kind: 'capability' });
    });
    lab.join(keeper, asker);
    lab.settle();
    keeper.store.delete(4);
    asker.say(
      { kind: 'request', piece: 4, offset: 0, length: 100 },
      { kind: 'request', piece: 4, offset: 100, length: 100 },
    );
    lab.settle();
    expect(asker.frames('reject')).toHaveLength(2);
    expect(asker.closed).toBe(false);
    expect(keeper.snapshot.pieces[4]).toBe(0);
    const seed = honest(9);
    lab.join(keeper, seed);
    lab.until('it is whole again', () => keeper.snapshot.phase === 'complete');
    expect(new Set(seed.requests.map((request) => request.piece))).toEqual(new Set([4]));
    expectWhole(keeper);
    // The person had the file already: this is no second download.
    expect(count(keeper, 'completed')).toBe(reported);
    expect(keeper.announces.filter((announce) => announce.event === 'completed')).toEqual([]);
  });
});

describe('[EN4] connections', () => {
  test('[EN4] a second connection of one peer replaces the first, which loses nothing', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    leecher.tell({ kind: 'download-requested' });
    const silent = new ScriptedPeer(
      testPeer(9),
      SHARE.infoHash,
      seedScript({ share: SHARE, answer: () => null }),
    );
    lab.join(leecher, silent);
    lab.settle();
    expect(silent.requests.length).toBeGreaterThan(0);
    lab.join(leecher, honest(9));
    lab.until('it completes', () => leecher.snapshot.phase === 'complete', 5_000);
    expect(silent.closed).toBe(true);
    expect(leecher.closes).toMatchObject([{ why: { kind: 'duplicate' } }]);
    expect(leecher.snapshot.peers).toHaveLength(1);
  });

  test('[EN4] no more connections than a share may have', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    const peers = Array.from({ length: MAX_LINKS + 5 }, (_, nth) => honest(10 + nth));
    for (const peer of peers) lab.join(leecher, peer);
    lab.settle();
    expect(peers.filter((peer) => peer.closed)).toHaveLength(5);
    expect(leecher.snapshot.peers).toHaveLength(MAX_LINKS);
    // [SW6] One connection that carried nothing made way for the first newcomer; the others came too soon after it.
    expect(leecher.closes.map(({ why }) => why.kind)).toEqual(['useless', ...new Array(4).fill('full')]);
  });

  test('[LB14] no more than the person wants: those that carried least go, and the others come again', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    const seed = honest(9);
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, seed);
    lab.until('it gave something', () => leecher.snapshot.receivedBytes > 0);
    const idle = [10, 11, 12, 13].map((nth) => honest(nth));
    leecher.tell({ kind: 'download-paused' });
    for (const peer of idle) lab.join(leecher, peer);
    lab.settle();
    leecher.tell({ kind: 'link-limit-changed', most: 2 });
    lab.settle();
    expect([seed.closed, idle.filter((peer) => peer.closed).length]).toEqual([false, 3]);
    const more = [14, 15].map((nth) => honest(nth));
    for (const peer of more) lab.join(leecher, peer);
    lab.settle();
    expect(leecher.snapshot.peers).toHaveLength(2);
    leecher.tell({ kind: 'link-limit-changed', most: null });
    const last = [16, 17, 18].map((nth) => honest(nth));
    for (const peer of last) lab.join(leecher, peer);
    lab.settle();
    expect(leecher.snapshot.peers).toHaveLength(5);
  });

  test('[EN4] what comes of a link after it was closed is not heard', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    for (const input of [
      { kind: 'bytes-received', link: linkId(99), bytes: Uint8Array.of(1) },
      { kind: 'bytes-sent', link: linkId(99), bytes: 5 },
      { kind: 'link-closed', link: linkId(99) },
    ] as const) {
      expect(leecher.tell(input)).toEqual([]);
    }
  });

  test('[EN4] a peer that goes frees what it was asked for', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    leecher.tell({ kind: 'download-requested' });
    const silent = new ScriptedPeer(
      testPeer(8),
      SHARE.infoHash,
      seedScript({ share: SHARE, answer: () => null }),
    );
    lab.join(leecher, silent);
    lab.settle();
    silent.close();
    lab.join(leecher, honest(9));
    lab.until('it completes', () => leecher.snapshot.phase === 'complete', 3_000);
    expectWhole(leecher);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    '[EN4] peers that come and go all the time cost no byte, seed %i',
    (seed) => {
      const lab = new Lab(seed);
      const share = makeShare({ pieces: evenPieces(20, 300_000, 3), seed });
      const leecher = lab.machine({ id: testPeer(5), share, as: 'newcomer' });
      leecher.tell({ kind: 'download-requested' });
      for (let round = 0; round < 400 && leecher.snapshot.phase !== 'complete'; round++) {
        const peer = new ScriptedPeer(
          testPeer(10 + round),
          share.infoHash,
          seedScript({ share, extended: round % 3 > 0 }),
        );
        const pipe = lab.join(leecher, peer);
        for (let step = 0; step < 40 + lab.random.below(60) && pipe.ready; step++) {
          pipe.step(lab.random, lab.cut);
          if (leecher.hasJob && lab.random.below(2) === 0) leecher.work();
        }
        peer.close();
        lab.advance(lab.random.below(2_000));
      }
      lab.join(leecher, new ScriptedPeer(testPeer(9_000), share.infoHash, seedScript({ share })));
      lab.until('it completes', () => leecher.snapshot.phase === 'complete');
      expect(Buffer.compare(leecher.content!, share.bytes)).toBe(0);
    },
  );
});

describe('[AN1] [AN2] [AN3] announces', () => {
  const answer = { kind: 'peers-announced', interval: 30, complete: 1, incomplete: 1, peers: [] } as const;

  test('[AN1] started when the tracker can be reached, and again when it comes back', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab, 'newcomer');
    expect(leecher.announces).toEqual([]);
    leecher.tell({ kind: 'tracker-opened' });
    expect(leecher.announces).toMatchObject([{ event: 'started', left: null }]);
    leecher.tell({ kind: 'tracker-lost' });
    lab.advance(300_000);
    expect(leecher.announces).toHaveLength(1);
    leecher.tell({ kind: 'tracker-opened' });
    expect(leecher.announces).toHaveLength(2);
    expect(leecher.announces[1]).toMatchObject({ event: 'started' });
  });

  test.each([1, 2, 3, 4, 5])('[AN2] again every 25 to 30 s, never later, seed %i', (seed) => {
    const lab = new Lab(seed);
    const leecher = leecherOf(lab);
    leecher.tell({ kind: 'tracker-opened' });
    const gaps: number[] = [];
    for (let round = 0; round < 40; round++) {
      leecher.tell(answer);
      const [before, from] = [leecher.announces.length, lab.now];
      lab.until('the next announce', () => leecher.announces.length > before, 31_000);
      gaps.push(lab.now - from);
    }
    expect(Math.max(...gaps)).toBeLessThanOrEqual(30_000);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(25_000);
    expect(Math.max(...gaps) - Math.min(...gaps), 'they are spread').toBeGreaterThan(1_000);
    expect(leecher.announces.slice(1).every((announce) => announce.event === 'update')).toBe(true);
  });

  test.each([
    [10, 8_000, 10_000],
    [0, 1_000, 30_000],
    [100_000, 20_000, 30_000],
  ])('[AN2] a tracker that wants %i s between announces', (interval, least, most) => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    leecher.tell({ kind: 'tracker-opened' });
    leecher.tell({ ...answer, interval });
    lab.until('it announces anew', () => leecher.announces.length === 2, 31_000);
    const from = lab.now;
    lab.until('and once more', () => leecher.announces.length === 3, 31_000);
    expect(lab.now - from).toBeGreaterThanOrEqual(least);
    expect(lab.now - from).toBeLessThanOrEqual(most);
  });

  test('[AN3] completed is said once, and left counts down to nothing', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab, 'newcomer');
    leecher.tell({ kind: 'tracker-opened' });
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, honest(9));
    lab.until('it completes', () => leecher.snapshot.phase === 'complete');
    lab.advance(120_000);
    const events = leecher.announces.map((announce) => announce.event);
    expect(events.filter((event) => event === 'completed')).toHaveLength(1);
    expect(leecher.announces.find((announce) => announce.event === 'completed')?.left).toBe(0);
    const lefts = leecher.announces.map((announce) => announce.left).filter((left) => left !== null);
    expect(lefts).toEqual([...lefts].sort((a, b) => b - a));
    expect(leecher.announces.at(-1)).toMatchObject({ event: 'update', left: 0 });
  });

  test('[AN3] a download that ended while the tracker was away is counted when it is back, once', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    leecher.tell({ kind: 'tracker-opened' });
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, honest(9));
    lab.stopWhen('it is under way', () => leecher.store.size > 0);
    leecher.tell({ kind: 'tracker-lost' });
    lab.until('it completes', () => leecher.snapshot.phase === 'complete');
    for (let round = 0; round < 2; round++) {
      leecher.tell({ kind: 'tracker-opened' });
      leecher.tell({ kind: 'tracker-lost' });
    }
    const events = leecher.announces.map((announce) => announce.event);
    expect(events).toEqual(['started', 'started', 'completed', 'started']);
  });

  test('[AN3] a seed says that nothing is left, and never completed', () => {
    const lab = new Lab(1);
    const seed = seedOf(lab);
    seed.tell({ kind: 'tracker-opened' });
    lab.advance(100_000);
    expect(seed.announces.map((announce) => announce.left)).toEqual(seed.announces.map(() => 0));
    expect(seed.announces.map((announce) => announce.event)).not.toContain('completed');
  });

  test('[AN1] a tracker that goes away leaves a running transfer alone', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    leecher.tell({ kind: 'tracker-opened' });
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, honest(9));
    lab.stopWhen('it is under way', () => leecher.store.size > 0);
    leecher.tell({ kind: 'tracker-lost' });
    expect(leecher.snapshot.trackerOnline).toBe(false);
    lab.until('it completes', () => leecher.snapshot.phase === 'complete');
    expectWhole(leecher);
  });

  test('[ID4] a share that the tracker does not take says so until it does, and asks again by itself', () => {
    const lab = new Lab(1);
    const seed = seedOf(lab);
    seed.tell({ kind: 'tracker-opened' });
    seed.tell({ kind: 'announce-refused' });
    expect(seed.snapshot).toMatchObject({ trackerOnline: false, trackerRefuses: true });
    lab.advance(31_000);
    expect(seed.announces.map(({ event }) => event)).toEqual(['started', 'update']);
    seed.tell({ kind: 'peers-announced', interval: 30, complete: 1, incomplete: 0, peers: [] });
    expect(seed.snapshot).toMatchObject({ trackerOnline: true, trackerRefuses: false });
    seed.tell({ kind: 'announce-refused' });
    seed.tell({ kind: 'tracker-lost' });
    expect(seed.snapshot).toMatchObject({ trackerOnline: false, trackerRefuses: false });
  });

  test('[ID4] under a new id it leaves the swarms that it is in, keeps its connections and dials by the new one', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    leecher.tell({ kind: 'tracker-opened' });
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, honest(9));
    lab.stopWhen('it is under way', () => leecher.store.size > 0);
    const highest = peerId('ff'.repeat(32))!;
    leecher.tell({ kind: 'renamed', own: highest });
    leecher.tell({ kind: 'tracker-opened' });
    const dialled = () => leecher.orders.filter(({ kind }) => kind === 'dial').length;
    const before = dialled();
    leecher.tell({ kind: 'peer-joined', peer: { id: testPeer(30), seed: true } });
    expect(dialled()).toBe(before);
    leecher.tell({ kind: 'peer-joined', peer: { id: highest, seed: true } });
    lab.until('it completes', () => leecher.snapshot.phase === 'complete');
    expect(leecher.closes).toEqual([]);
    expect(leecher.announces.map(({ event }) => event)).toEqual([
      'started',
      'stopped',
      'started',
      'completed',
    ]);
    leecher.tell({ kind: 'announce-refused' });
    leecher.tell({ kind: 'renamed', own: testPeer(31) });
    expect(leecher.announces.at(-1)?.event).toBe('completed');
  });

  test('[AN1] a share that is stopped stays silent when the tracker comes back', () => {
    const lab = new Lab(1);
    const seed = seedOf(lab);
    seed.tell({ kind: 'sharing-stopped' });
    seed.tell({ kind: 'tracker-opened' });
    lab.advance(100_000);
    expect(seed.announces).toEqual([]);
    seed.tell({ kind: 'sharing-resumed' });
    expect(seed.announces).toMatchObject([{ event: 'started' }]);
  });

  test('[AN4] never asks for more peers than the tracker gives or there is room for', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    leecher.tell({ kind: 'tracker-opened' });
    expect(leecher.announces.at(-1)?.want).toBe(50);
    for (let nth = 0; nth < MAX_LINKS; nth++) lab.join(leecher, honest(10 + nth));
    lab.advance(31_000);
    expect(leecher.announces.at(-1)?.want).toBe(0);
    leecher.tell({ kind: 'sharing-stopped' });
    expect(leecher.announces.at(-1)).toMatchObject({ event: 'stopped', want: 0 });
  });
});

describe('[EN6] the snapshot', () => {
  test('[EN6] tells sizes, rates, the time that is left and the peers', () => {
    const lab = new Lab(1);
    const share = makeShare({ pieces: evenPieces(100, 65_536) });
    const leecher = lab.machine({ id: testPeer(5), share, as: 'knows' });
    leecher.tell({ kind: 'download-requested' });
    const asked: Frame[] = [];
    const script = seedScript({ share });
    const seed = new ScriptedPeer(testPeer(9), share.infoHash, (heard, self) => {
      if (heard.kind === 'request') asked.push(heard);
      else script(heard, self);
    });
    lab.join(leecher, seed);
    // One block every 100 ms: 655,360 bytes a second.
    for (let tick = 0; tick < 50; tick++) {
      lab.advance(100);
      const next = asked.shift();
      if (next !== undefined) script(next, seed);
      lab.settle();
    }
    const { snapshot } = leecher;
    expect(snapshot.totalBytes).toBe(6_553_600);
    expect(snapshot.storedBytes).toBe(50 * 65_536);
    expect(snapshot.receivedBytes).toBe(50 * 65_536);
    expect([...snapshot.pieces].filter((state) => state === 2)).toHaveLength(50);
    expect(snapshot.down).toBeGreaterThan(0.8 * 655_360);
    expect(snapshot.down).toBeLessThan(1.2 * 655_360);
    expect(snapshot.eta).toBeGreaterThan(4);
    expect(snapshot.eta).toBeLessThan(6.5);
    expect(snapshot.peers).toMatchObject([{ id: seed.id, role: 'dialler', extended: true, pieces: 100 }]);
    expect(snapshot.stalled).toBe(false);
    lab.advance(15_000);
    expect(leecher.snapshot).toMatchObject({ stalled: true, down: 0, eta: null });
  });

  test('[EN6] a disk that takes long for what is here is no silence of others', () => {
    const lab = new Lab(1);
    const [leecher, seed] = [leecherOf(lab, 'knows', []), seedOf(lab)];
    leecher.held.add('store-piece');
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, seed);
    lab.advance(30_000);
    expect(leecher.snapshot).toMatchObject({ phase: 'downloading', stalled: false, storedBytes: 0 });
    leecher.held.clear();
    lab.advance(1_000);
    expect(leecher.snapshot).toMatchObject({ phase: 'complete' });
  });

  test('[EN6] a snapshot is a copy', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab, 'knows', [0]);
    const before = leecher.snapshot;
    before.pieces.fill(9);
    expect(leecher.snapshot.pieces).toEqual(Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0));
  });

  test('[EN6] how many are online: the tracker counts, without us, and never fewer than are linked', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    expect(leecher.snapshot.online).toBeNull();
    leecher.tell({ kind: 'tracker-opened' });
    expect(leecher.snapshot).toMatchObject({ online: null, trackerOnline: true });
    leecher.tell({ kind: 'peers-announced', interval: 30, complete: 2, incomplete: 3, peers: [] });
    expect(leecher.snapshot.online).toEqual({ seeds: 2, leechers: 2 });
    leecher.tell({ kind: 'peer-joined', peer: { id: testPeer(1), seed: true } });
    expect(leecher.snapshot.online).toEqual({ seeds: 3, leechers: 2 });
    leecher.tell({ kind: 'peer-left', peer: testPeer(1) });
    expect(leecher.snapshot.online).toEqual({ seeds: 2, leechers: 2 });
    leecher.tell({ kind: 'peers-announced', interval: 30, complete: 0, incomplete: 1, peers: [] });
    expect(leecher.snapshot.online).toEqual({ seeds: 0, leechers: 0 });
    lab.join(leecher, honest(9));
    lab.settle();
    expect(leecher.snapshot.online).toEqual({ seeds: 1, leechers: 0 });
  });

  test('[EN6] a seed does not count itself among the seeds', () => {
    const lab = new Lab(1);
    const seed = seedOf(lab);
    seed.tell({ kind: 'tracker-opened' });
    seed.tell({ kind: 'peers-announced', interval: 30, complete: 1, incomplete: 2, peers: [] });
    expect(seed.snapshot.online).toEqual({ seeds: 0, leechers: 2 });
  });
});

describe('[SW1] [SW2] whom to dial', () => {
  const named = (...ids: PeerId[]) =>
    ({
      kind: 'peers-announced',
      interval: 30,
      complete: 0,
      incomplete: 0,
      peers: ids.map((id) => ({ id, seed: false })),
    }) as const;
  const dials = (machine: LabMachine) =>
    machine.orders.flatMap((order) => (order.kind === 'dial' ? [order.peer] : []));
  const announces = (machine: LabMachine) => machine.orders.filter(({ kind }) => kind === 'announce');

  test('[SW2] of those the tracker names, the greater ids are dialled and the smaller ones dial us', () => {
    const lab = new Lab(1);
    const machine = leecherOf(lab);
    machine.tell({ kind: 'tracker-opened' });
    machine.tell(named(testPeer(3), testPeer(5), testPeer(7), testPeer(9)));
    expect(dials(machine)).toEqual([testPeer(7), testPeer(9)]);
    machine.tell({ kind: 'peer-joined', peer: { id: testPeer(8), seed: true } });
    expect(dials(machine)).toEqual([testPeer(7), testPeer(9), testPeer(8)]);
    // Named again while the dial is under way: not dialled twice.
    machine.tell(named(testPeer(7), testPeer(8), testPeer(9)));
    expect(dials(machine)).toHaveLength(3);
  });

  test('[SW2] a dial that failed is tried again, later each time', () => {
    const lab = new Lab(1);
    const machine = leecherOf(lab);
    machine.tell({ kind: 'tracker-opened' });
    machine.tell(named(testPeer(7)));
    const gaps: number[] = [];
    for (let round = 0; round < 4; round++) {
      machine.tell({ kind: 'dial-failed', peer: testPeer(7) });
      const [before, from] = [dials(machine).length, lab.now];
      lab.until('it is dialled again', () => dials(machine).length > before, 130_000);
      gaps.push(lab.now - from);
    }
    expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
    expect(gaps[0]).toBeGreaterThanOrEqual(1_000);
    expect(gaps[3]).toBeGreaterThan(2 * gaps[0]!);
  });

  test('[SW2] a dial of which nothing is heard is given up and tried again', () => {
    const lab = new Lab(1);
    const machine = leecherOf(lab);
    machine.tell({ kind: 'tracker-opened' });
    machine.tell(named(testPeer(7)));
    lab.until('it is dialled again', () => dials(machine).length === 2, 90_000);
  });

  test('[SW2] no more dials than there is room for', () => {
    const lab = new Lab(1);
    const machine = leecherOf(lab);
    machine.tell({ kind: 'tracker-opened' });
    for (let nth = 0; nth < 3; nth++) {
      machine.tell(named(...Array.from({ length: 50 }, (_, at) => testPeer(100 + nth * 50 + at))));
    }
    const dialled = dials(machine).length;
    expect(dialled).toBeGreaterThan(10);
    expect(dialled).toBeLessThanOrEqual(MAX_LINKS);
    expect(new Set(dials(machine)).size).toBe(dialled);
  });

  test('[SW3] who broke the protocol is not dialled again', () => {
    const lab = new Lab(1);
    const machine = leecherOf(lab);
    machine.tell({ kind: 'tracker-opened' });
    machine.tell(named(testPeer(7)));
    const bad = new ScriptedPeer(testPeer(7), SHARE.infoHash, (heard, self) => {
      if (heard.kind === 'handshake') self.say({ kind: 'have', pieces: [0] });
    });
    lab.join(machine, bad);
    lab.settle();
    expect(bad.closed).toBe(true);
    machine.tell(named(testPeer(7)));
    lab.advance(300_000);
    machine.tell({ kind: 'peer-joined', peer: { id: testPeer(7), seed: true } });
    lab.advance(300_000);
    expect(dials(machine)).toEqual([testPeer(7)]);
  });

  test('[SW3] [PN8] who sent more messages than it may is not dialled again', () => {
    const lab = new Lab(1);
    const machine = leecherOf(lab);
    machine.tell({ kind: 'tracker-opened' });
    machine.tell(named(testPeer(7)));
    const link = linkId(1);
    machine.tell({ kind: 'link-opened', link, role: 'dialler', expected: testPeer(7) });
    machine.tell({ kind: 'link-flooded', link });
    machine.tell(named(testPeer(7)));
    lab.advance(300_000);
    expect(dials(machine)).toEqual([testPeer(7)]);
    expect(machine.engine.welcomes(testPeer(7))).toBe(false);
  });

  test('[LB15] a peer that is kicked is dropped, and neither dialled nor let in again', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    leecher.tell({ kind: 'tracker-opened' });
    const peer = honest(9);
    lab.join(leecher, peer);
    lab.join(leecher, honest(10));
    lab.settle();
    leecher.tell({ kind: 'peer-kicked', peer: testPeer(9) });
    lab.settle();
    expect(peer.closed).toBe(true);
    expect(leecher.closes).toMatchObject([{ why: { kind: 'kicked' } }]);
    expect(leecher.engine.welcomes(testPeer(9))).toBe(false);
    const again = honest(9);
    lab.join(leecher, again);
    leecher.tell(named(testPeer(9)));
    lab.advance(300_000);
    expect(again.closed).toBe(true);
    expect(dials(leecher)).not.toContain(testPeer(9));
    expect(leecher.snapshot.peers.map(({ id }) => id)).toEqual([testPeer(10)]);
    // Of somebody who was never here it says the same.
    leecher.tell({ kind: 'peer-kicked', peer: testPeer(99) });
    expect(leecher.engine.welcomes(testPeer(99))).toBe(false);
  });

  test('[SW2] a peer that went away orderly is dialled again after a while', () => {
    const lab = new Lab(1);
    const machine = leecherOf(lab);
    machine.tell({ kind: 'tracker-opened' });
    machine.tell(named(testPeer(7)));
    const peer = honest(7);
    lab.join(machine, peer);
    lab.settle();
    peer.close();
    lab.settle();
    lab.until('it is dialled again', () => dials(machine).length === 2, 30_000);
  });

  test('[EN6] the tracker is away when it could not be reached, not before that was tried', () => {
    const machine = leecherOf(new Lab(1));
    const told = [machine.snapshot.trackerOnline];
    for (const kind of ['tracker-lost', 'tracker-opened', 'tracker-lost'] as const) {
      machine.tell({ kind });
      told.push(machine.snapshot.trackerOnline);
    }
    expect(told).toEqual([true, false, true, false]);
  });

  test('[SW2] with no tracker and no connection a dial that failed is tried again, with the same back-off', () => {
    const lab = new Lab(1);
    const machine = leecherOf(lab);
    machine.tell({ kind: 'tracker-opened' });
    machine.tell(named(testPeer(7)));
    machine.tell({ kind: 'tracker-lost' });
    const gaps: number[] = [];
    for (let round = 0; round < 8; round++) {
      machine.tell({ kind: 'dial-failed', peer: testPeer(7) });
      const [before, from] = [dials(machine).length, lab.now];
      lab.until('it is dialled again', () => dials(machine).length > before, 160_000);
      gaps.push(lab.now - from);
    }
    for (const [round, least] of [2, 4, 8, 16, 32, 64, 120, 120].entries()) {
      expect(gaps[round]).toBeGreaterThanOrEqual(least * 1_000);
      expect(gaps[round]).toBeLessThanOrEqual(least * 1_250 + 1);
    }
    machine.tell({ kind: 'dial-failed', peer: testPeer(7) });
    expect(machine.engine.nextWakeup()).toBeNull();
  });

  test('[PN11] [AN2] a change of the network is announced at once, and whoever could not be reached is dialled', () => {
    const lab = new Lab(1);
    const machine = leecherOf(lab);
    machine.tell({ kind: 'tracker-opened' });
    machine.tell(named(testPeer(7)));
    machine.tell({ kind: 'dial-failed', peer: testPeer(7) });
    const before = [dials(machine).length, announces(machine).length];
    machine.tell({ kind: 'network-changed' });
    expect(dials(machine).length).toBe(before[0]! + 1);
    expect(announces(machine).slice(before[1])).toMatchObject([{ event: 'update', want: 50 }]);
    // Nobody can be told while the tracker is away.
    machine.tell({ kind: 'tracker-lost' });
    machine.tell({ kind: 'network-changed' });
    expect(announces(machine)).toHaveLength(before[1]! + 1);
  });

  test('[SW2] with no tracker a dial of which nothing is heard is given up and tried again', () => {
    const lab = new Lab(1);
    const machine = leecherOf(lab);
    machine.tell({ kind: 'tracker-opened' });
    machine.tell(named(testPeer(7)));
    machine.tell({ kind: 'tracker-lost' });
    lab.until('it is dialled again', () => dials(machine).length === 2, 90_000);
  });

  test.each([true, false])(
    '[SW2] who left and came back is found while the tracker is away, connected when it left: %j',
    (linked) => {
      const lab = new Lab(1);
      const machine = leecherOf(lab);
      machine.tell({ kind: 'tracker-opened' });
      machine.tell(named(testPeer(7)));
      const first = honest(7);
      lab.join(machine, first);
      lab.settle();
      if (!linked) first.close();
      lab.settle();
      machine.tell({ kind: 'peer-left', peer: testPeer(7) });
      machine.tell({ kind: 'tracker-lost' });
      if (linked) first.close();
      lab.settle();
      lab.until('it is dialled again', () => dials(machine).length === 2, 10_000);
      // Its word counts again when the tracker is back.
      machine.tell({ kind: 'dial-failed', peer: testPeer(7) });
      machine.tell({ kind: 'tracker-opened' });
      lab.advance(300_000);
      expect(dials(machine)).toHaveLength(2);
    },
  );

  test('[SW4] those who are gone make room for those who come, in however large a swarm', () => {
    const lab = new Lab(1);
    const machine = leecherOf(lab);
    machine.tell({ kind: 'tracker-opened' });
    // Thousands of smaller ids, who would have to dial us and never do.
    for (let nth = 0; nth < 40; nth++) {
      machine.tell(
        named(
          ...Array.from(
            { length: 50 },
            (_, at) => ('00' + (nth * 50 + at).toString(16).padStart(6, '0')).repeat(8) as PeerId,
          ),
        ),
      );
    }
    machine.tell(named(testPeer(7)));
    expect(dials(machine)).toEqual([testPeer(7)]);
  });

  test('[SW1] a member that left is not dialled', () => {
    const lab = new Lab(1);
    const machine = leecherOf(lab);
    machine.tell({ kind: 'tracker-opened' });
    machine.tell(named(testPeer(7)));
    machine.tell({ kind: 'dial-failed', peer: testPeer(7) });
    machine.tell({ kind: 'peer-left', peer: testPeer(7) });
    lab.advance(300_000);
    expect(dials(machine)).toHaveLength(1);
  });

  test('[SW1] whoever is stopped dials nobody', () => {
    const lab = new Lab(1);
    const machine = leecherOf(lab);
    machine.tell({ kind: 'tracker-opened' });
    machine.tell({ kind: 'sharing-stopped' });
    machine.tell(named(testPeer(7)));
    machine.tell({ kind: 'peer-joined', peer: { id: testPeer(8), seed: true } });
    lab.advance(60_000);
    expect(dials(machine)).toEqual([]);
  });
});
