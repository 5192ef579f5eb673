/** [LB7] What is here already, whatever share it came with. */
import { describe, expect, test } from 'vitest';
import { MAX_ADOPTING_BYTES, LOOKED_UP_TOGETHER } from '../../limits.ts';
import type { Output } from '../io.ts';
import { Lab, testPeer } from '../testing/lab.ts';
import type { LabMachine, MachineOptions } from '../testing/lab-machine.ts';
import { ScriptedPeer, seedScript } from '../testing/scripted-peer.ts';
import { evenPieces, joinedShare, makeShare } from '../testing/share.ts';
import type { TestShare } from '../testing/share.ts';

const SHARE = makeShare({ pieces: evenPieces(8, 150_000, 70_001) });
const ALL = [0, 1, 2, 3, 4, 5, 6, 7];

interface Scene {
  readonly lab: Lab;
  readonly machine: LabMachine;
  readonly sender: ScriptedPeer;
}

function scene(more: Partial<MachineOptions> = {}, share: TestShare = SHARE): Scene {
  const lab = new Lab(1);
  const machine = lab.machine({ id: testPeer(5), share, as: 'knows', elsewhere: [], ...more });
  const sender = new ScriptedPeer(testPeer(9), share.infoHash, seedScript({ share }));
  return { lab, machine, sender };
}

function asked({ sender }: Scene): number[] {
  return [...new Set(sender.requests.map(({ piece }) => piece))].sort((one, other) => one - other);
}

function ordered<Kind extends Output['kind']>(machine: LabMachine, kind: Kind): (Output & { kind: Kind })[] {
  return machine.orders.filter((order): order is Output & { kind: Kind } => order.kind === kind);
}

function expectWhole({ machine }: Scene, share: TestShare = SHARE): void {
  expect(Buffer.compare(machine.content ?? new Uint8Array(1), share.bytes)).toBe(0);
}

describe('[LB7] what is here already', () => {
  test('[LB7] all of it: the share completes with nobody connected, and once', () => {
    const { lab, machine } = scene({ elsewhere: ALL });
    machine.tell({ kind: 'download-requested' });
    lab.settle();
    expect(machine.snapshot).toMatchObject({ phase: 'complete', foundBytes: 0, stalled: false });
    expect(machine.snapshot).toMatchObject({
      storedBytes: SHARE.bytes.length,
      receivedBytes: SHARE.bytes.length,
    });
    expect([...machine.snapshot.pieces]).toEqual(ALL.map(() => 2));
    expect(machine.reports).toEqual([{ kind: 'completed' }]);
    expect(ordered(machine, 'store-piece')).toEqual([]);
  });

  test('[LB7] only the manifest comes from a peer, and no piece is asked of it', () => {
    const all = scene({ as: 'newcomer', elsewhere: ALL });
    all.machine.tell({ kind: 'download-requested' });
    all.lab.join(all.machine, all.sender);
    all.lab.until('it completes', () => all.machine.snapshot.phase === 'complete');
    expect(asked(all)).toEqual([]);
    expectWhole(all);
  });

  test('[LB7] a part of it: the rest alone is fetched, and peers hear of what was adopted', () => {
    const part = scene({ elsewhere: [0, 3, 7] });
    const watcher = new ScriptedPeer(testPeer(3), SHARE.infoHash, (heard, self) => {
      if (heard.kind === 'handshake') self.say({ kind: 'capability' });
    });
    part.lab.join(part.machine, watcher);
    part.lab.join(part.machine, part.sender);
    part.lab.settle();
    part.machine.tell({ kind: 'download-requested' });
    part.lab.until('it completes', () => part.machine.snapshot.phase === 'complete');
    part.lab.settle();
    expect(asked(part)).toEqual([1, 2, 4, 5, 6]);
    expect(
      watcher
        .frames('have')
        .flatMap(({ pieces }) => pieces)
        .sort(),
    ).toEqual(ALL);
    expectWhole(part);
  });

  test('[LB7] nothing is looked for before the person wants it, and with each intent anew', () => {
    const one = scene();
    one.lab.join(one.machine, one.sender);
    one.lab.advance(5_000);
    expect(ordered(one.machine, 'look-up-pieces')).toEqual([]);
    one.machine.held.add('hash-piece');
    one.machine.tell({ kind: 'download-requested' });
    one.lab.settle();
    one.machine.tell({ kind: 'download-paused' });
    for (const piece of SHARE.pieces.keys())
      one.machine.elsewhere.add(SHARE.manifest.pieces[piece]?.sha256 ?? '');
    const before = ordered(one.machine, 'look-up-pieces').length;
    one.machine.held.clear();
    one.lab.settle();
    one.machine.tell({ kind: 'sharing-stopped' });
    expect(ordered(one.machine, 'look-up-pieces')).toHaveLength(before);
    one.machine.tell({ kind: 'download-requested' });
    one.lab.settle();
    expect(one.machine.snapshot.phase).toBe('complete');
    expectWhole(one);
  });
});

describe('[LB7] which piece is asked of whom meanwhile', () => {
  test('[LB7] nobody is asked for what is looked up or read, and for what is not here at once', () => {
    const one = scene({ elsewhere: [2, 3] });
    one.machine.held.add('look-up-pieces').add('adopt-pieces');
    one.machine.tell({ kind: 'download-requested' });
    one.lab.join(one.machine, one.sender);
    one.lab.advance(3_000);
    expect(asked(one)).toEqual([]);
    one.machine.held.delete('look-up-pieces');
    one.lab.until('all but two are here', () => one.machine.store.size === 6);
    one.lab.advance(60_000);
    expect(asked(one)).toEqual([0, 1, 4, 5, 6, 7]);
    expect(one.machine.snapshot).toMatchObject({ phase: 'downloading', foundBytes: 300_000 });
    one.machine.held.clear();
    one.lab.settle();
    expect(one.machine.snapshot.phase).toBe('complete');
    expect(asked(one)).toEqual([0, 1, 4, 5, 6, 7]);
  });

  test('[LB7] what turns out not to be here is fetched', () => {
    const one = scene({ elsewhere: ALL });
    one.machine.held.add('adopt-pieces');
    one.machine.tell({ kind: 'download-requested' });
    one.lab.join(one.machine, one.sender);
    one.lab.settle();
    one.machine.elsewhere.delete(SHARE.manifest.pieces[5]?.sha256 ?? '');
    one.machine.held.clear();
    one.lab.until('it completes', () => one.machine.snapshot.phase === 'complete');
    expect(asked(one)).toEqual([5]);
    expect(one.machine.snapshot.foundBytes).toBe(0);
    expectWhole(one);
  });

  test.each([
    ['download-paused', 'paused'],
    ['sharing-stopped', 'stopped'],
  ] as const)('[LB7] after %s nothing more is read, and later it goes on', (kind, phase) => {
    const large = makeShare({ pieces: evenPieces(5, MAX_ADOPTING_BYTES / 2) });
    const one = scene({ elsewhere: [0, 1, 2, 3, 4] }, large);
    one.machine.held.add('adopt-pieces');
    one.machine.tell({ kind: 'download-requested' });
    one.lab.settle();
    expect(ordered(one.machine, 'adopt-pieces').map(({ pieces }) => pieces)).toEqual([[0], [1]]);
    one.machine.tell({ kind });
    one.machine.held.clear();
    one.lab.settle();
    expect(one.machine.snapshot).toMatchObject({ phase, storedBytes: MAX_ADOPTING_BYTES });
    expect(ordered(one.machine, 'adopt-pieces')).toHaveLength(2);
    one.machine.tell({ kind: 'download-requested' });
    one.lab.settle();
    expect(one.machine.snapshot.phase).toBe('complete');
    expect(ordered(one.machine, 'adopt-pieces')).toHaveLength(5);
    expectWhole(one, large);
  });

  test('[LB7] many pieces are looked up in groups', () => {
    const many = makeShare({ pieces: evenPieces(LOOKED_UP_TOGETHER + 1, 10) });
    const one = scene({}, many);
    one.machine.tell({ kind: 'download-requested' });
    expect(ordered(one.machine, 'look-up-pieces').map(({ pieces }) => pieces.length)).toEqual([
      LOOKED_UP_TOGETHER,
      1,
    ]);
  });

  test('[LB7] [EN6] the time to go counts what has to come, and a share that reads is not stalled', () => {
    const one = scene({ elsewhere: [0, 1, 2, 3, 4, 5] });
    one.machine.held.add('adopt-pieces');
    one.machine.tell({ kind: 'download-requested' });
    one.lab.join(one.machine, one.sender);
    one.lab.until('a piece is here', () => one.machine.store.size > 0);
    const { eta, down, receivedBytes, foundBytes, totalBytes } = one.machine.snapshot;
    expect(foundBytes).toBe(900_000);
    expect(eta).toBeCloseTo((totalBytes - receivedBytes - 900_000) / down);
    one.lab.until('the rest is here', () => one.machine.store.size === 2);
    one.lab.advance(9_000);
    one.machine.held.clear();
    one.machine.work();
    one.machine.held.add('adopt-pieces');
    one.lab.advance(9_000);
    expect(one.machine.snapshot).toMatchObject({ phase: 'downloading', stalled: false });
    one.lab.advance(2_000);
    expect(one.machine.snapshot.stalled).toBe(true);
  });
});

describe('[LB7] [UI17] a store that has no room to give it to the share', () => {
  test('[LB7] [UI17] it waits, is tried again, and comes from nobody; then the rest is fetched', () => {
    const one = scene({ elsewhere: [0, 3] });
    one.machine.storeTrouble = 'quota';
    one.machine.held.add('look-up-pieces');
    one.machine.tell({ kind: 'download-requested' });
    one.machine.held.clear();
    one.machine.work();
    one.lab.settle();
    expect(one.machine.snapshot).toMatchObject({ phase: 'full', trouble: null, foundBytes: 300_000 });
    one.lab.join(one.machine, one.sender);
    const tries = (): number => ordered(one.machine, 'adopt-pieces').length;
    const before = tries();
    one.lab.advance(60_000);
    expect(tries() - before).toBeGreaterThanOrEqual(4);
    expect(tries() - before).toBeLessThanOrEqual(6);
    expect(asked(one)).toEqual([]);
    one.machine.storeTrouble = null;
    one.machine.tell({ kind: 'room-made' });
    one.lab.until('it completes', () => one.machine.snapshot.phase === 'complete');
    expect(asked(one)).toEqual([1, 2, 4, 5, 6, 7]);
    expect(one.machine.snapshot.foundBytes).toBe(0);
    expectWhole(one);
  });

  test('[LB7] [UI17] what is gone by then is fetched', () => {
    const one = scene({ elsewhere: [0, 3] });
    one.machine.storeTrouble = 'quota';
    one.machine.tell({ kind: 'download-requested' });
    one.lab.settle();
    expect(one.machine.snapshot.phase).toBe('full');
    one.machine.elsewhere.clear();
    one.machine.storeTrouble = null;
    one.lab.join(one.machine, one.sender);
    one.machine.tell({ kind: 'download-requested' });
    one.lab.until('it completes', () => one.machine.snapshot.phase === 'complete');
    expect(asked(one)).toEqual(ALL);
    expectWhole(one);
  });
});

describe('[LB7] the same content twice in one share', () => {
  const TWINS = joinedShare([1, 2, 1, 1, 3].map((seed) => makeShare({ pieces: [200_000], seed })));

  test('[LB7] is fetched once', () => {
    const one = scene({}, TWINS);
    one.machine.tell({ kind: 'download-requested' });
    one.machine.tell({ kind: 'order-changed', order: { kind: 'sequential' } });
    one.lab.join(one.machine, one.sender);
    one.lab.until('it completes', () => one.machine.snapshot.phase === 'complete');
    expect(asked(one).length).toBeLessThan(5);
    expectWhole(one, TWINS);
  });

  test('[LB7] is read once', () => {
    const one = scene({ elsewhere: [0] }, TWINS);
    one.machine.tell({ kind: 'download-requested' });
    one.lab.join(one.machine, one.sender);
    one.lab.until('it completes', () => one.machine.snapshot.phase === 'complete');
    expect(ordered(one.machine, 'adopt-pieces').map(({ pieces }) => pieces)).toEqual([[0, 2, 3]]);
    expect(asked(one)).toEqual([1, 4]);
    expectWhole(one, TWINS);
  });
});

describe('[EN1] [LB7] in whatever order things happen', () => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))(
    '[EN1] seed %i: everybody gets everything',
    (seed) => {
      const lab = new Lab(seed);
      const elsewhere = ALL.filter((piece) => (seed >> (piece % 5)) % 2 === 0);
      const machine = lab.machine({ id: testPeer(5), share: SHARE, as: 'newcomer', elsewhere });
      const other = lab.machine({ id: testPeer(6), share: SHARE, as: 'newcomer', elsewhere: [seed % 8] });
      const sender = lab.machine({ id: testPeer(9), share: SHARE, as: 'seed' });
      lab.join(machine, sender);
      lab.join(machine, other);
      machine.tell({ kind: 'download-requested' });
      other.tell({ kind: 'download-requested' });
      if (seed % 3 === 0) machine.elsewhere.clear();
      lab.until('both complete', () =>
        [machine, other].every(({ snapshot }) => snapshot.phase === 'complete'),
      );
      for (const { content } of [machine, other]) {
        expect(Buffer.compare(content ?? new Uint8Array(1), SHARE.bytes)).toBe(0);
      }
    },
  );
});
