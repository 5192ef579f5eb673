/** The part of `PieceStore`'s contract that is about content: the same bytes of several pieces, segments, compaction. */
import type { PieceStore } from '../piece-store.ts';
import { filled, ONE, TWO } from './filled-piece.ts';
import { same } from './rule.ts';
import type { StoreRule } from './store-rule.ts';

const MEBIBYTE = 1_048_576;
/** More than any rule here needs. */
const MOST_STEPS = 100;

export const contentRules: readonly StoreRule[] = [
  {
    name: '[ST2] a batch far larger than a segment, and a piece that is larger than one, are stored',
    check: async (open) => {
      const store = await open();
      const batch = [1, 2.5, 3, 0.1, 5, 0.2].map((mebibytes, piece) => filled(piece, mebibytes * MEBIBYTE));
      same(await store.putPieces(ONE, batch), { kind: 'stored' }, 'outcome');
      for (const { piece, bytes } of batch) {
        const back = await store.piece(ONE, piece);
        same([back?.length, ends(back)], [bytes.length, ends(bytes)], `piece ${piece}`);
      }
    },
  },
  {
    name: '[ST12] an overview names every share that has a record, and how many of its pieces are stored',
    check: async (open) => {
      const store = await open();
      same(await store.overview(), [], 'of nothing');
      for (const infoHash of [ONE, TWO]) {
        await store.putShare({ infoHash, addedAt: 1, manifest: new Uint8Array([123, 125]) });
      }
      await store.putPieces(TWO, [filled(0, 10), filled(16_383, 10), filled(7, 10)]);
      await store.putPieces(TWO, [filled(7, 10), filled(8, 10)]);
      const byHash = (await store.overview()).sort((one, other) => (one.infoHash < other.infoHash ? -1 : 1));
      same(
        byHash,
        [
          { infoHash: ONE, ownedPieces: 0 },
          { infoHash: TWO, ownedPieces: 4 },
        ],
        'of two',
      );
    },
  },
  {
    name: '[ST12] what a share takes counts content once, and says what others have, too',
    check: async (open) => {
      const store = await open();
      same(await usageOf(store), { bytes: 0 }, 'of nothing');
      await store.putPieces(ONE, [filled(1, 100), filled(2, 30), { ...filled(1, 100), piece: 7 }]);
      same(await usageOf(store), { bytes: 130, one: [130, 0] }, 'a content of two pieces');
      await store.putPieces(TWO, [{ ...filled(1, 100), piece: 0 }, filled(3, 5_000)]);
      same(await usageOf(store), { bytes: 5_130, one: [130, 100], two: [5_100, 100] }, 'put by both');
      await store.adopt(TWO, [filled(2, 30)]);
      same(await usageOf(store), { bytes: 5_130, one: [130, 130], two: [5_130, 130] }, 'adopted');
      await store.putPieces(ONE, [{ ...filled(9, 10), piece: 1 }]);
      same(await usageOf(store), { bytes: 5_140, one: [140, 130], two: [5_130, 130] }, 'of one piece');
      await store.putPieces(ONE, [{ ...filled(9, 10), piece: 7 }]);
      same(await usageOf(store), { bytes: 5_140, one: [40, 30], two: [5_130, 30] }, 'of the other, too');
      await compactAll(store);
      same(await usageOf(store), { bytes: 5_140, one: [40, 30], two: [5_130, 30] }, 'compacted');
      await store.putPieces(ONE, [filled(11, 7)]);
      await store.putPieces(ONE, [filled(12, 8), { ...filled(12, 8), piece: 13 }]);
      same(await usageOf(store), { bytes: 5_155, one: [55, 30], two: [5_130, 30] }, 'put one after another');
      await store.dropContent([filled(11, 7).sha256, filled(12, 8).sha256]);
      same(await usageOf(store), { bytes: 5_140, one: [40, 30], two: [5_130, 30] }, 'dropped');
      await store.removeShare(TWO);
      same(await usageOf(store), { bytes: 40, one: [40, 0] }, 'one removed');
      await store.removeShare(ONE);
      same(await usageOf(store), { bytes: 0 }, 'both removed');
    },
  },
  {
    name: '[ST9] content is found by its SHA-256, whatever share it came with',
    check: async (open) => {
      const store = await open();
      const [first, second, absent] = [filled(1, 10), filled(2, 20), filled(3, 30)];
      await store.putPieces(ONE, [first]);
      await store.putPieces(TWO, [second]);
      const asked = [second, absent, first].map(({ sha256 }) => sha256);
      same(await store.found(asked), [true, false, true], 'found');
      same(await store.found([]), [], 'found of nothing');
      const sized = (bytes: number) => asked.map((sha256) => ({ sha256, bytes }));
      same(await store.contents(sized(10)), [null, null, first.bytes], 'of ten bytes');
      same(await store.contents(sized(20)), [second.bytes, null, null], 'of twenty bytes');
      same(await store.contents([]), [], 'contents of nothing');
    },
  },
  {
    name: '[ST9] the same content of several pieces stays until the last of them is gone',
    check: async (open) => {
      const store = await open();
      const content = filled(4, 100);
      await store.putPieces(ONE, [content, { ...content, piece: 5 }]);
      await store.putPieces(TWO, [{ ...content, piece: 9 }, filled(1, 50)]);
      same(await store.piece(ONE, 5), content.bytes, 'second piece of the share');
      same(await store.removeShare(ONE), { kind: 'removed', freedBytes: 0 }, 'removal of the first');
      same(await store.piece(ONE, 4), null, 'piece of what was removed');
      same(await store.piece(TWO, 9), content.bytes, 'piece of the other');
      same(await store.found([content.sha256]), [true], 'found while it is used');
      same(await store.removeShare(TWO), { kind: 'removed', freedBytes: 150 }, 'removal of the last');
      same(await store.found([content.sha256]), [false], 'found afterwards');
    },
  },
  {
    name: '[ST9] a piece that is put with other content has the later one',
    check: async (open) => {
      const store = await open();
      const [before, after] = [filled(1, 10), { ...filled(7, 30), piece: 1 }];
      await store.putPieces(ONE, [before, filled(2, 10)]);
      same(await store.piece(ONE, 1), before.bytes, 'before');
      await store.putPieces(ONE, [after]);
      same(await store.piece(ONE, 1), after.bytes, 'after');
      same(await store.piece(ONE, 2), filled(2, 10).bytes, 'its neighbour');
      same(await store.ownedPieces(ONE), [1, 2], 'owned');
      same(await store.found([before.sha256, after.sha256]), [false, true], 'found');
    },
  },
  {
    name: '[ST9] a share adopts what is stored already, and is told which pieces that is',
    check: async (open) => {
      const store = await open();
      const [first, second, absent] = [filled(1, 10), filled(2, 20), filled(3, 30)];
      await store.putPieces(ONE, [first, second]);
      const wanted = [
        { piece: 8, sha256: second.sha256 },
        { piece: 7, sha256: absent.sha256 },
        { piece: 0, sha256: first.sha256 },
        { piece: 3, sha256: first.sha256 },
      ];
      same(await store.adopt(TWO, wanted), { kind: 'adopted', adopted: [8, 0, 3] }, 'outcome');
      same(
        await store.adopt(TWO, wanted),
        { kind: 'adopted', adopted: [8, 0, 3] },
        'outcome the second time',
      );
      same(await store.adopt(TWO, []), { kind: 'adopted', adopted: [] }, 'outcome of nothing');
      same(await store.ownedPieces(TWO), [0, 3, 8], 'owned');
      await store.removeShare(ONE);
      same(await store.piece(TWO, 8), second.bytes, 'a piece, after the share it came with was removed');
      same(await store.piece(TWO, 3), first.bytes, 'another one');
    },
  },
  {
    name: '[LB8] the pieces that were written last are known, of each share',
    check: async (open) => {
      const store = await open();
      same(await store.latestPieces(ONE, 3), [], 'of nothing');
      await store.putPieces(ONE, [filled(7, 10), filled(1, 10)]);
      await store.putPieces(ONE, [filled(4, 10)]);
      await store.putPieces(TWO, [filled(9, 10)]);
      await store.putPieces(ONE, [filled(2, 10)]);
      same((await store.latestPieces(ONE, 2)).sort(), [2, 4], 'two');
      same((await store.latestPieces(ONE, 9)).sort(), [1, 2, 4, 7], 'more than there are');
      same(await store.latestPieces(TWO, 9), [9], 'of the other share');
    },
  },
  {
    name: '[LB8] content that is dropped is missing wherever it was, and can be put again',
    check: async (open) => {
      const store = await open();
      const [bad, worse, good] = [filled(1, 10), filled(2, 20), filled(3, 30)];
      await store.putPieces(ONE, [bad, worse, good, { ...bad, piece: 9 }]);
      await store.adopt(TWO, [bad]);
      same(await store.piece(TWO, 1), bad.bytes, 'before');
      const absent = filled(4, 40);
      const dropped = await store.dropContent([bad.sha256, worse.sha256, absent.sha256]);
      same(dropped, { kind: 'stored' }, 'outcome');
      same(await store.dropContent([]), { kind: 'stored' }, 'outcome of nothing');
      same([await store.ownedPieces(ONE), await store.ownedPieces(TWO)], [[3], []], 'owned');
      same([await store.piece(ONE, 1), await store.piece(TWO, 1)], [null, null], 'its pieces');
      same(await store.found([bad.sha256, worse.sha256, good.sha256]), [false, false, true], 'found');
      same(await store.piece(ONE, 3), good.bytes, 'what it was put with');
      await store.putPieces(TWO, [bad]);
      same(await store.piece(TWO, 1), bad.bytes, 'put again');
      same(await store.piece(ONE, 1), null, 'the other, which was not');
      same(await store.removeShare(TWO), { kind: 'removed', freedBytes: 10 }, 'removal');
      same(await store.ownedPieces(ONE), [3], 'owned at the end');
    },
  },
  {
    name: '[ST10] compaction comes to its end, and every piece is read as before',
    check: async (open) => {
      const store = await open();
      for (let piece = 0; piece < 40; piece++) {
        await store.putPieces(piece % 3 === 0 ? ONE : TWO, [filled(piece, 30_000)]);
      }
      await store.putPieces(ONE, [filled(50, 3_000), filled(51, 20), filled(52, 3_000)]);
      await store.adopt(TWO, [filled(51, 20)]);
      const before = await store.ownedPieces(TWO);
      await compactAll(store);
      await store.removeShare(ONE);
      await compactAll(store);
      same(await store.ownedPieces(TWO), before, 'owned');
      for (const piece of before) {
        same(
          await store.piece(TWO, piece),
          filled(piece, piece === 51 ? 20 : 30_000).bytes,
          `piece ${piece}`,
        );
      }
      same(await store.piece(ONE, 0), null, 'a piece of what was removed');
    },
  },
  {
    name: '[ST10] what is read while it is compacted and removed is right or missing',
    check: async (open) => {
      const store = await open();
      for (let piece = 0; piece < 20; piece++) await store.putPieces(ONE, [filled(piece, 9_000)]);
      const compacting = compactAll(store);
      for (let piece = 0; piece < 20; piece++) {
        same(await store.piece(ONE, piece), filled(piece, 9_000).bytes, `piece ${piece}`);
      }
      await compacting;
      same(await store.piece(ONE, 19), filled(19, 9_000).bytes, 'afterwards');
      const [read] = await Promise.all([store.piece(ONE, 3), store.removeShare(ONE)]);
      if (read !== null) same(read, filled(3, 9_000).bytes, 'while it is removed');
    },
  },
];

/** Of each share all it takes, and what others have, too. */
async function usageOf(store: PieceStore): Promise<unknown> {
  const { bytes, shares } = await store.usage();
  const of = (infoHash: string): number[] | undefined => {
    const found = shares.find((share) => share.infoHash === infoHash);
    return found === undefined ? undefined : [found.bytes, found.sharedBytes];
  };
  const [one, two] = [of(ONE), of(TWO)];
  return { bytes, ...(one === undefined ? {} : { one }), ...(two === undefined ? {} : { two }) };
}

async function compactAll(store: PieceStore): Promise<void> {
  for (let step = 0; step < MOST_STEPS; step++) {
    const { kind } = await store.compact();
    if (kind === 'done') return;
    same(kind, 'more', 'a step of compaction');
  }
  throw new Error(`compaction did not end within ${MOST_STEPS} steps`);
}

/** Of large pieces the whole is not compared as text. */
function ends(bytes: Uint8Array | null): unknown {
  return bytes === null ? null : [bytes.slice(0, 20), bytes.slice(-20)];
}
