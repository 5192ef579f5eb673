/**
 * The contract of `PieceStore` as functions, so that the same rules run in Node and in a real browser, over every
 * implementation. Each rule gets an opener of one and the same fresh store; it throws when the store breaks it.
 */
import type { InfoHash } from '../../ids.ts';
import type { ShareRecord } from '../piece-store.ts';
import { contentRules } from './piece-contents.ts';
import { filled, ONE, TWO } from './filled-piece.ts';
import { same } from './rule.ts';
import type { OpenStore, StoreRule } from './store-rule.ts';

export type { OpenStore, StoreRule };

export const pieceStoreRules: readonly StoreRule[] = [
  {
    name: '[ST1] an empty store holds nothing',
    check: async (open) => {
      const store = await open();
      same(await store.shares(), [], 'shares');
      same(await store.share(ONE), null, 'share');
      same(await store.piece(ONE, 0), null, 'piece');
      same(await store.ownedPieces(ONE), [], 'owned pieces');
      same(await store.found([filled(0, 1).sha256]), [false], 'found');
      same(await store.contents([{ sha256: filled(0, 1).sha256, bytes: 1 }]), [null], 'contents');
      same(await store.compact(), { kind: 'done' }, 'compact');
    },
  },
  {
    name: '[ST1] a share comes back as it was put, and the later record holds',
    check: async (open) => {
      const store = await open();
      same(await store.putShare(record(ONE, 3)), { kind: 'stored' }, 'outcome');
      await store.putShare(record(TWO, 4));
      await store.putShare(record(ONE, 5));
      same(await store.share(ONE), record(ONE, 5), 'share one');
      same((await store.shares()).map(({ addedAt }) => addedAt).sort(), [4, 5], 'shares');
    },
  },
  {
    name: '[ST1] pieces come back byte for byte, also from a view into a larger buffer',
    check: async (open) => {
      const store = await open();
      const within = new Uint8Array(5_000).map((_, at) => at * 7).subarray(1_000, 1_777);
      same(await store.putPieces(ONE, [{ ...filled(9, 777), bytes: within }]), { kind: 'stored' }, 'outcome');
      const back = await store.piece(ONE, 9);
      same(back, within.slice(), 'piece');
      same(back?.buffer.byteLength, 777, 'bytes kept for it');
    },
  },
  {
    name: '[ST1] indexes of owned pieces ascend as numbers, up to the last piece there can be',
    check: async (open) => {
      const store = await open();
      await store.putPieces(
        ONE,
        [10, 9, 2, 16_383, 0, 100].map((piece) => filled(piece, 3)),
      );
      same(await store.ownedPieces(ONE), [0, 2, 9, 10, 100, 16_383], 'owned');
    },
  },
  {
    name: '[ST1] shares do not see each other’s pieces',
    check: async (open) => {
      const store = await open();
      await store.putPieces(ONE, [filled(1, 1)]);
      await store.putPieces(TWO, [filled(1, 2), filled(2, 2)]);
      same(await store.piece(ONE, 2), null, 'piece of the other');
      same(await store.piece(ONE, 1), filled(1, 1).bytes, 'own piece');
      same(await store.ownedPieces(ONE), [1], 'owned');
    },
  },
  {
    name: '[ST2] a batch of 16 pieces and an empty batch are stored',
    check: async (open) => {
      const store = await open();
      const batch = Array.from({ length: 16 }, (_, piece) => filled(piece, 65_536));
      same(await store.putPieces(ONE, batch), { kind: 'stored' }, 'outcome of the batch');
      same(await store.putPieces(ONE, []), { kind: 'stored' }, 'outcome of nothing');
      same((await store.ownedPieces(ONE)).length, 16, 'owned');
      same(await store.piece(ONE, 15), batch[15]?.bytes, 'last piece');
    },
  },
  {
    name: '[ST2] a piece put twice is there once',
    check: async (open) => {
      const store = await open();
      await store.putPieces(ONE, [filled(4, 10), filled(4, 10)]);
      await store.putPieces(ONE, [filled(4, 10)]);
      same(await store.ownedPieces(ONE), [4], 'owned');
      same(await store.piece(ONE, 4), filled(4, 10).bytes, 'piece');
    },
  },
  {
    name: '[ST1] what was put is a copy, and what was read is the reader’s own',
    check: async (open) => {
      const store = await open();
      const piece = filled(0, 100);
      await store.putPieces(ONE, [piece]);
      piece.bytes.fill(0);
      const first = await store.piece(ONE, 0);
      same(first, filled(0, 100).bytes, 'after the writer changed his bytes');
      first?.fill(1);
      structuredClone(first, { transfer: first === null ? [] : [first.buffer] });
      same(await store.piece(ONE, 0), filled(0, 100).bytes, 'after a reader changed and transferred hers');
    },
  },
  {
    name: '[ST1] removing a share takes its record and all its pieces, and leaves the others',
    check: async (open) => {
      const store = await open();
      for (const share of [ONE, TWO]) {
        await store.putShare(record(share, 1));
        await store.putPieces(share, [filled(0, 5), filled(16_383, 5)]);
      }
      same((await store.removeShare(ONE)).kind, 'removed', 'outcome');
      same(await store.share(ONE), null, 'record');
      same(await store.ownedPieces(ONE), [], 'pieces');
      same(await store.ownedPieces(TWO), [0, 16_383], 'the other’s pieces');
      same(
        (await store.shares()).map(({ infoHash }) => infoHash),
        [TWO],
        'records',
      );
      same(await store.removeShare(ONE), { kind: 'removed', freedBytes: 0 }, 'removing it again');
    },
  },
  {
    name: '[ST5] a closed store fails every write and reads as empty, and does not reject',
    check: async (open) => {
      const store = await open();
      await store.putShare(record(ONE, 1));
      await store.putPieces(ONE, [filled(0, 5)]);
      store.close();
      const failed = { kind: 'failed', why: 'unavailable' };
      same(await store.putShare(record(ONE, 2)), failed, 'put share');
      same(await store.putPieces(ONE, [filled(1, 5)]), failed, 'put pieces');
      same(await store.removeShare(ONE), failed, 'remove');
      same(await store.adopt(ONE, [filled(0, 5)]), failed, 'adopt');
      same(await store.compact(), failed, 'compact');
      same(await store.found([filled(0, 5).sha256]), [false], 'found');
      same(await store.contents([{ sha256: filled(0, 5).sha256, bytes: 5 }]), [null], 'contents');
      same(await store.piece(ONE, 0), null, 'piece');
      same(await store.share(ONE), null, 'share');
      same(await store.shares(), [], 'shares');
      same(await store.overview(), [], 'overview');
      same(await store.usage(), { bytes: 0, shares: [] }, 'usage');
      same(await store.ownedPieces(ONE), [], 'owned');
    },
  },
  {
    name: '[ST1] what was stored is there after the store is opened again',
    lastingOnly: true,
    check: async (open) => {
      const before = await open();
      await before.putShare(record(ONE, 7));
      await before.putPieces(ONE, [filled(3, 70_000)]);
      before.close();
      const after = await open();
      same(await after.share(ONE), record(ONE, 7), 'share');
      same(await after.piece(ONE, 3), filled(3, 70_000).bytes, 'piece');
    },
  },
  {
    name: '[ST1] two connections see what the other one stored',
    lastingOnly: true,
    check: async (open) => {
      const [writer, reader] = [await open(), await open()];
      await writer.putPieces(ONE, [filled(3, 10)]);
      same(await reader.piece(ONE, 3), filled(3, 10).bytes, 'piece');
    },
  },
  ...contentRules,
];

function record(infoHash: InfoHash, addedAt: number): ShareRecord {
  return { infoHash, addedAt, manifest: new Uint8Array([123, addedAt, 125]) };
}
