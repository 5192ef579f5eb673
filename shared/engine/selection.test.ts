/** [PK4] [PK5] [PK6] A share of which some files are wanted, through the only door of the machine. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../bitfield.ts';
import { piecesOf } from '../manifest/file-pieces.ts';
import { seededRandom } from '../random.ts';
import { Selection } from './download/selection.ts';
import type { ChosenFiles } from '../manifest/file-pieces.ts';
import { PieceLedger } from './pieces/ledger.ts';
import { Lab, testPeer } from './testing/lab.ts';
import type { LabMachine, MachineOptions } from './testing/lab-machine.ts';
import { bitsOf, ScriptedPeer, seedScript } from './testing/scripted-peer.ts';
import { evenPieces, makeShare } from './testing/share.ts';

/** Twelve pieces of 40,000 bytes; the files' borders lie inside pieces, and one file is empty. */
const SIZES = [100_000, 0, 30_000, 150_000, 200_000];
const PIECES = 12;
const SHARE = makeShare({
  pieces: evenPieces(PIECES, 40_000),
  files: SIZES.map((size, nth) => ({ path: ['share.bin', `${nth}`], size })),
});
/** The pieces of each file, by hand. */
const OF_FILE = [[0, 1, 2], [], [2, 3], [3, 4, 5, 6], [7, 8, 9, 10, 11]];

function piecesOfFiles(...files: readonly number[]): number[] {
  return [...new Set(files.flatMap((file) => OF_FILE[file] ?? []))].sort((one, other) => one - other);
}

interface Scene {
  readonly lab: Lab;
  readonly machine: LabMachine;
  readonly sender: ScriptedPeer;
}

function scene(more: Partial<MachineOptions> = {}): Scene {
  const lab = new Lab(1);
  const machine = lab.machine({ id: testPeer(5), share: SHARE, as: 'knows', ...more });
  const sender = new ScriptedPeer(testPeer(9), SHARE.infoHash, seedScript({ share: SHARE }));
  machine.tell({ kind: 'tracker-opened' });
  return { lab, machine, sender };
}

function choose({ machine }: Pick<Scene, 'machine'>, files: ChosenFiles): void {
  machine.tell({ kind: 'files-chosen', files });
}

function joined(stage: Scene): Scene {
  stage.lab.join(stage.machine, stage.sender);
  return stage;
}

function asked({ sender }: Scene): number[] {
  return [...new Set(sender.requests.map(({ piece }) => piece))].sort((one, other) => one - other);
}

function stored({ machine }: Pick<Scene, 'machine'>): number[] {
  return [...machine.store.keys()].sort((one, other) => one - other);
}

function completions({ machine }: Scene): number {
  return machine.reports.filter(({ kind }) => kind === 'completed').length;
}

describe('[PK4] which pieces are fetched', () => {
  test('[PK4] those of the wanted files alone, chosen before the download is asked for', () => {
    const stage = scene();
    choose(stage, [2, 4]);
    joined(stage).lab.settle();
    expect(asked(stage)).toEqual([]);
    expect(stage.machine.snapshot.phase).toBe('ready');
    stage.machine.tell({ kind: 'download-requested' });
    stage.lab.settle();
    expect(asked(stage)).toEqual(piecesOfFiles(2, 4));
    expect(stored(stage)).toEqual(piecesOfFiles(2, 4));
    expect(stage.machine.snapshot).toMatchObject({
      phase: 'complete',
      storedBytes: 280_000,
      wanted: { files: 2, onlyFile: null, pieces: 7, bytes: 280_000, storedBytes: 280_000 },
    });
    expect(completions(stage)).toBe(1);
  });

  test('[PK4] chosen before the manifest is known', () => {
    const stage = scene({ as: 'newcomer', files: [0] });
    stage.machine.tell({ kind: 'download-requested' });
    joined(stage).lab.advance(5_000);
    expect(stored(stage)).toEqual(piecesOfFiles(0));
    expect(stage.machine.snapshot.phase).toBe('complete');
  });

  test('[PK4] of files without bytes nothing is fetched', () => {
    const stage = scene();
    choose(stage, [1]);
    stage.machine.tell({ kind: 'download-requested' });
    joined(stage).lab.settle();
    expect(asked(stage)).toEqual([]);
    expect(stage.machine.snapshot).toMatchObject({
      phase: 'complete',
      wanted: { files: 1, onlyFile: 1, pieces: 0, bytes: 0, storedBytes: 0 },
    });
  });

  test('[PK4] what is under way of a file that is not wanted any more is taken back', () => {
    const stage = scene();
    const { machine, sender, lab } = stage;
    sender.script = (heard, peer) => {
      if (heard.kind === 'handshake')
        peer.say(
          { kind: 'capability' },
          { kind: 'bitfield', bits: bitsOf(PIECES, [...SHARE.pieces.keys()]) },
        );
    };
    machine.tell({ kind: 'download-requested' });
    joined(stage).lab.settle();
    expect(asked(stage).length).toBeGreaterThan(1);
    const before = new Set(asked(stage));
    choose(stage, [4]);
    lab.settle();
    const wanted = new Set(piecesOfFiles(4));
    const cancelled = new Set(sender.frames('cancel').map(({ piece }) => piece));
    expect([...before].filter((piece) => !wanted.has(piece)).every((piece) => cancelled.has(piece))).toBe(
      true,
    );
    expect([...cancelled].some((piece) => wanted.has(piece))).toBe(false);
    // What was taken back and comes all the same is no violation, and is not kept.
    sender.script = seedScript({ share: SHARE });
    for (const { piece, offset, length } of sender.requests)
      sender.say({ kind: 'piece', piece, offset, data: SHARE.pieces[piece]!.slice(offset, offset + length) });
    lab.settle();
    expect(machine.closes).toEqual([]);
    expect(stored(stage)).toEqual([...wanted]);
    expect(machine.snapshot.phase).toBe('complete');
  });

  test('[PK4] nothing is asked of a peer that has unwanted pieces alone, and it is nobody who can send', () => {
    const stage = scene();
    choose(stage, [4]);
    stage.machine.tell({ kind: 'download-requested' });
    stage.sender.script = seedScript({ share: SHARE, has: piecesOfFiles(0) });
    joined(stage).lab.settle();
    expect(stage.machine.snapshot.senders).toBe(0);
    stage.sender.say({ kind: 'have', pieces: [7] });
    stage.lab.settle();
    expect(asked(stage)).toEqual([7]);
  });

  test('[PK4] [LB7] of what is here already only the wanted files are adopted', () => {
    const stage = scene({ elsewhere: [0, 1, 7, 8] });
    choose(stage, [4]);
    stage.machine.tell({ kind: 'download-requested' });
    joined(stage).lab.settle();
    expect(stored(stage)).toEqual(piecesOfFiles(4));
    expect(asked(stage)).toEqual([9, 10, 11]);
    expect(stage.machine.snapshot.foundBytes).toBe(0);
  });

  test.each(['look-up-pieces', 'adopt-pieces'] as const)(
    '[PK4] [LB7] files that are let be and wanted again while %s is under way are adopted once',
    (kind) => {
      const stage = scene({ elsewhere: [...SHARE.pieces.keys()] });
      const { machine, lab } = stage;
      machine.held.add(kind);
      machine.tell({ kind: 'download-requested' });
      lab.settle();
      choose(stage, [0]);
      choose(stage, [0, 3, 4]);
      machine.tell({ kind: 'download-requested' });
      choose(stage, [0, 4]);
      machine.held.clear();
      lab.settle();
      expect(machine.snapshot.phase).toBe('complete');
      expect(stored(stage)).toEqual(expect.arrayContaining(piecesOfFiles(0, 4)));
      choose(stage, null);
      lab.settle();
      expect(machine.content).not.toBeNull();
      expect(machine.snapshot.foundBytes).toBe(0);
    },
  );

  test('[PK4] [UI17] who wants less on a full disk is rid of what waits for room', () => {
    const stage = scene();
    const { machine, lab } = stage;
    machine.tell({ kind: 'download-requested' });
    machine.storeTrouble = 'quota';
    joined(stage).lab.settle();
    expect(machine.snapshot.phase).toBe('full');
    machine.storeTrouble = null;
    choose(stage, [1]);
    // The one that is being tried answers when it does; none of the others waits.
    lab.advance(5_000);
    expect(machine.snapshot.phase).toBe('complete');
    choose(stage, [0]);
    lab.advance(5_000);
    expect(machine.snapshot.phase).toBe('complete');
    expect(stored(stage)).toEqual(expect.arrayContaining(piecesOfFiles(0)));
  });
});

describe('[PK5] a partial seed', () => {
  test('[PK5] [AN2] [AN3] announces what it lacks, never that it completed, until it did', () => {
    const stage = scene();
    choose(stage, [0]);
    stage.machine.tell({ kind: 'download-requested' });
    joined(stage).lab.settle();
    const told = () => stage.machine.announces.map(({ event, left }) => [event, left]);
    expect(told().at(-1)).toEqual(['update', 480_000 - 120_000]);
    expect(told().some(([event, left]) => event === 'completed' || left === 0)).toBe(false);
    choose(stage, null);
    stage.lab.settle();
    expect(told().filter(([event]) => event === 'completed')).toEqual([['completed', 0]]);
    expect(completions(stage)).toBe(2);
  });

  test('[PK5] goes on by itself when more is wanted, and what is here is not asked for again', () => {
    const stage = scene();
    choose(stage, [0]);
    stage.machine.tell({ kind: 'download-requested' });
    joined(stage).lab.settle();
    choose(stage, [0, 2]);
    expect(stage.machine.snapshot.phase).toBe('downloading');
    stage.lab.settle();
    expect(stage.machine.snapshot.phase).toBe('complete');
    expect(asked(stage)).toEqual(piecesOfFiles(0, 2));
    expect(stage.sender.requests.length).toBe(
      new Set(stage.sender.requests.map((one) => `${one.piece}/${one.offset}`)).size,
    );
    expect(completions(stage)).toBe(2);
  });

  test('[PK5] a paused one stays paused when more is wanted, and is complete when nothing is missing of less', () => {
    const stage = scene();
    choose(stage, [0]);
    stage.machine.tell({ kind: 'download-requested' });
    joined(stage).lab.settle();
    choose(stage, [0, 4]);
    stage.machine.tell({ kind: 'download-paused' });
    choose(stage, [0, 3, 4]);
    stage.lab.settle();
    expect(stage.machine.snapshot.phase).toBe('paused');
    choose(stage, [0]);
    expect(stage.machine.snapshot.phase).toBe('complete');
  });

  test('[PK5] a stopped one stays stopped when more is wanted', () => {
    const stage = scene();
    choose(stage, [0]);
    stage.machine.tell({ kind: 'download-requested' });
    joined(stage).lab.settle();
    stage.machine.tell({ kind: 'sharing-stopped' });
    choose(stage, [0, 4]);
    expect(stage.machine.snapshot.phase).toBe('stopped');
    choose(stage, [0]);
    expect(completions(stage)).toBe(1);
    choose(stage, [0, 4]);
    stage.machine.tell({ kind: 'sharing-resumed' });
    expect(stage.machine.snapshot.phase).toBe('paused');
  });

  test('[PK5] is opened again complete, and misses what it lacks of the wanted files only', () => {
    const here = piecesOfFiles(0);
    const whole = scene({ owned: here, files: [0] });
    expect(whole.machine.snapshot.phase).toBe('complete');
    whole.machine.tell({ kind: 'pieces-lost', pieces: [] });
    expect(whole.machine.snapshot.phase).toBe('complete');
    const lacking = scene({ owned: here, files: [0] });
    lacking.machine.tell({ kind: 'pieces-lost', pieces: [1] });
    expect(lacking.machine.snapshot.phase).toBe('downloading');
    lacking.machine.held.add('store-piece');
    joined(lacking).lab.settle();
    expect(asked(lacking)).toEqual([1]);
    lacking.machine.tell({ kind: 'piece-stored', piece: 1 });
    expect(lacking.machine.snapshot.phase).toBe('complete');
    expect(completions(lacking)).toBe(0);
  });

  test('[PK5] misses nothing when a piece is lost that is not wanted', () => {
    const stage = scene();
    stage.machine.tell({ kind: 'download-requested' });
    joined(stage).lab.settle();
    choose(stage, [0]);
    stage.machine.tell({ kind: 'pieces-lost', pieces: [10] });
    stage.machine.store.delete(10);
    stage.lab.settle();
    expect(stage.machine.snapshot.phase).toBe('complete');
    expect(stage.machine.announces.at(-1)?.event).toBe('completed');
  });

  test('[PK5] serves what it has, and dials no seeds', () => {
    const stage = scene({ owned: piecesOfFiles(0), files: [0] });
    const other = stage.lab.machine({ id: testPeer(6), share: SHARE, as: 'knows', files: [0, 2] });
    other.tell({ kind: 'download-requested' });
    stage.lab.join(stage.machine, other);
    stage.lab.settle();
    expect(stored({ machine: other })).toEqual(piecesOfFiles(0));
    const peers = [
      { id: testPeer(8), seed: true },
      { id: testPeer(9), seed: false },
    ];
    stage.machine.tell({ kind: 'peers-announced', interval: 30, complete: 1, incomplete: 2, peers });
    const dialled = () =>
      stage.machine.orders.flatMap((order) => (order.kind === 'dial' ? [order.peer] : []));
    expect(dialled()).toEqual([testPeer(9)]);
    choose(stage, [0, 4]);
    expect(dialled()).toContain(testPeer(8));
  });
});

describe('[PK6] what a super-seed shows to who wants part', () => {
  test('[PK6] is refused once, and again after it is told anew or other files are wanted', () => {
    const stage = scene({ files: [4] });
    const { machine, sender, lab } = stage;
    machine.tell({ kind: 'download-requested' });
    sender.script = (heard, peer) => {
      if (heard.kind === 'handshake')
        peer.say({ kind: 'capability' }, { kind: 'bitfield', bits: bitsOf(PIECES, []) });
    };
    joined(stage).lab.settle();
    const refused = () => sender.frames('reject').map(({ piece }) => piece);
    sender.say({ kind: 'have', pieces: [7] });
    lab.settle();
    expect(refused()).toEqual([]);
    sender.say({ kind: 'have', pieces: [0] }, { kind: 'have', pieces: [1] });
    lab.settle();
    expect(refused()).toEqual([0]);
    sender.say({ kind: 'bitfield', bits: bitsOf(PIECES, [7, 1]) });
    lab.settle();
    expect(refused()).toEqual([0, 1]);
    choose(stage, [0]);
    lab.settle();
    expect(refused()).toEqual([0, 1, 7]);
  });

  test.each([1, 2, 3, 4, 5])(
    '[PK6] two that want the same file have it of a lone seed at once, seed %i',
    (rng) => {
      const lab = new Lab(rng);
      const seed = lab.machine({ id: testPeer(1), share: SHARE, as: 'seed' });
      const [one, two] = [5, 6].map((nth) =>
        lab.machine({ id: testPeer(nth), share: SHARE, as: 'knows', files: [2] }),
      );
      for (const machine of [one!, two!]) {
        machine.tell({ kind: 'download-requested' });
        lab.join(seed, machine);
      }
      lab.join(one!, two!);
      lab.until(
        'both have it',
        () => [one, two].every((machine) => machine?.snapshot.phase === 'complete'),
        2_000,
      );
      expect([stored({ machine: one! }), stored({ machine: two! })]).toEqual([
        [2, 3],
        [2, 3],
      ]);
    },
  );

  test('[PK6] who refuses is told of everything, and others are shown pieces one by one as before', () => {
    const lab = new Lab(1);
    const seed = lab.machine({ id: testPeer(1), share: SHARE, as: 'seed' });
    const [choosy, plain] = [5, 6].map((nth) => {
      const peer = new ScriptedPeer(testPeer(nth), SHARE.infoHash, (heard, self) => {
        if (heard.kind === 'handshake') self.say({ kind: 'capability' });
      });
      lab.join(seed, peer);
      lab.settle();
      return peer;
    });
    const told = (peer: ScriptedPeer) => {
      const last = peer.frames('bitfield').at(-1);
      const pieces = last === undefined ? [] : [...Bitfield.parse(last.bits, PIECES)!.members()];
      return new Set([...pieces, ...peer.frames('have').flatMap((have) => have.pieces)]).size;
    };
    expect(told(plain!)).toBeLessThan(PIECES);
    const shown = choosy!.frames('have')[0]!.pieces[0]!;
    choosy!.say({ kind: 'reject', piece: shown, offset: 0, length: 16_384 });
    lab.settle();
    expect(told(choosy!)).toBe(PIECES);
    expect(told(plain!)).toBeLessThan(PIECES);
    expect(seed.closes).toEqual([]);
  });
});

describe('[PK4] whatever is chosen in whatever order', () => {
  const files = fc.option(fc.subarray([0, 1, 2, 3, 4], { minLength: 1 }), { nil: null });

  test('[PK4] the counts are those of a model', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('choose' as const), files }),
      fc.record({ kind: fc.constantFrom('stored' as const, 'lost' as const), piece: fc.nat(PIECES - 1) }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const { manifest } = SHARE;
        const ledger = new PieceLedger(
          manifest.pieces,
          Bitfield.empty(PIECES),
          (size) => new Uint8Array(size),
        );
        const selection = new Selection(manifest, ledger, null);
        let chosen: ChosenFiles = null;
        for (const one of steps) {
          if (one.kind === 'choose') selection.choose((chosen = one.files));
          else if (one.kind === 'stored' && ledger.isAbsent(one.piece)) {
            ledger.adopted(one.piece);
            selection.stored(one.piece);
          } else if (one.kind === 'lost' && ledger.owned.has(one.piece)) {
            ledger.lost(one.piece);
            selection.lost(one.piece);
          }
          const wanted = chosen === null ? [...SHARE.pieces.keys()] : piecesOfFiles(...chosen);
          const missing = wanted.filter((piece) => !ledger.owned.has(piece));
          expect(selection.complete).toBe(missing.length === 0);
          expect(selection.missingBytes).toBe(missing.length * 40_000);
          for (let piece = 0; piece < PIECES; piece++) {
            expect(selection.wants(piece)).toBe(wanted.includes(piece));
            expect(selection.lacksAnyOf(Bitfield.of(PIECES, [piece]))).toBe(missing.includes(piece));
          }
        }
      }),
    );
  });

  test('[PK4] [PK5] in the end what is wanted is here, and nothing was looked up while it was not wanted', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(fc.tuple(files, fc.nat(40)), { maxLength: 6 }),
        files,
        (rng, choices, last) => {
          const lab = new Lab(rng);
          const machine = lab.machine({
            ...{ id: testPeer(5), share: SHARE, as: 'knows' },
            ...(rng % 2 === 0 ? { elsewhere: [1, 3, 8] } : {}),
          });
          let wanted = new Set<number>(SHARE.pieces.keys());
          const [random, senders] = [seededRandom(rng), [8, 9]];
          const unwanted: number[] = [];
          for (const nth of senders) {
            const sender = new ScriptedPeer(testPeer(nth), SHARE.infoHash, seedScript({ share: SHARE }));
            lab.join(machine, sender);
          }
          const tell = (input: Parameters<LabMachine['tell']>[0]) => machine.tell(input);
          tell({ kind: 'download-requested' });
          for (const [chosen, steps] of [...choices, [last, 0] as const]) {
            wanted = new Set(
              chosen === null ? SHARE.pieces.keys() : piecesOf(SHARE.manifest, chosen).members(),
            );
            const before = machine.orders.length;
            tell({ kind: 'files-chosen', files: chosen });
            if (random.below(4) === 0) tell({ kind: 'download-paused' });
            if (random.below(2) === 0) tell({ kind: 'download-requested' });
            lab.steps(steps);
            for (const order of machine.orders.slice(before))
              if (order.kind === 'look-up-pieces')
                unwanted.push(
                  ...order.pieces.map(({ piece }) => piece).filter((piece) => !wanted.has(piece)),
                );
          }
          tell({ kind: 'download-requested' });
          lab.settle();
          expect(machine.snapshot.phase).toBe('complete');
          expect([...wanted].filter((piece) => !machine.store.has(piece))).toEqual([]);
          expect(machine.snapshot.wanted?.storedBytes).toBe(machine.snapshot.wanted?.bytes);
          expect(machine.snapshot.foundBytes).toBe(0);
          expect(unwanted).toEqual([]);
          expect(machine.closes).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('[PK4] choosing among 10,000 files and 10,000 pieces looks at each a few times', () => {
  const count = 10_000;
  const pieces = Array.from({ length: count }, (_, nth) => ({
    sha256: nth.toString(16).padStart(64, '0'),
    size: 1_000,
  }));
  let sizes = 0;
  const manifest = {
    ...SHARE.manifest,
    pieces: pieces.map((piece) => ({
      ...piece,
      get size() {
        sizes++;
        return piece.size;
      },
    })),
    files: pieces.map((_, nth) => ({ path: ['s', `${nth}`], size: 1_000 })),
    totalBytes: count * 1_000,
  };
  const ledger = new PieceLedger(manifest.pieces, Bitfield.empty(count), (size) => new Uint8Array(size));
  const selection = new Selection(manifest, ledger, null);
  sizes = 0;
  selection.choose(manifest.files.flatMap((_, nth) => (nth % 2 === 0 ? [nth] : [])));
  expect(selection.snapshot()).toMatchObject({ files: count / 2, pieces: count / 2 });
  expect(sizes).toBeLessThan(6 * count);
});
