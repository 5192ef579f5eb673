import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import type { ManifestPiece } from '../manifest/manifest.ts';
import { hashPieces } from './hashing.ts';
import { FileSource, StoreSource } from './block-sources.ts';
import { sha256Hex } from './digests.ts';
import { MemoryStore } from './memory-store.ts';
import { PieceCache } from './piece-cache.ts';
import type { PieceStore } from './piece-store.ts';
import type { FileContent } from './ports.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { MemoryFile, memoryFiles } from './testing/memory-files.ts';
import { nodeDigest } from './testing/node-ports.ts';

const SHARE = 'e5'.repeat(32) as InfoHash;
const OTHER = 'f6'.repeat(32) as InfoHash;

function bytes(size: number, salt: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size).map((_, at) => (at * 13 + salt * 29 + (at >> 7)) & 255);
}

async function piecesOf(files: readonly FileContent[], pieceBytes: number): Promise<ManifestPiece[]> {
  const ports = { digest: nodeDigest, files: memoryFiles, clock: new FakeClock() };
  const outcome = await hashPieces(files, pieceBytes, ports);
  if (outcome.kind !== 'hashed') throw new Error(outcome.kind);
  return outcome.pieces;
}

function sourceOf(pieces: readonly ManifestPiece[], files: readonly FileContent[]): FileSource {
  return new FileSource(SHARE, pieces, memoryFiles.join(files), nodeDigest);
}

describe('a person’s files as a source', () => {
  test('[SO1] serves every block of pieces that run over files, empty ones among them', async () => {
    const contents = [bytes(1_000, 1), bytes(0, 2), bytes(1, 3), bytes(2_500, 4)];
    const files = contents.map((content) => new MemoryFile(content));
    const all = Buffer.concat(contents);
    const source = sourceOf(await piecesOf(files, 300), files);
    for (let piece = 0; piece * 300 < all.length; piece++) {
      const size = Math.min(300, all.length - piece * 300);
      for (const [offset, length] of [
        [0, size],
        [size >> 1, size - (size >> 1)],
        [size - 1, 1],
      ] as const) {
        const start = piece * 300 + offset;
        expect(await source.read(piece, offset, length)).toEqual({
          kind: 'block',
          bytes: new Uint8Array(all.subarray(start, start + length)),
        });
      }
    }
  });

  test('[SO2] blocks of a piece take one read, and so do several pieces in order', async () => {
    const file = new MemoryFile(bytes(4_000_000, 5));
    const source = sourceOf(await piecesOf([file], 262_144), [file]);
    file.reads = 0;
    await Promise.all([0, 65_536, 131_072].map((offset) => source.read(5, offset, 65_536)));
    expect(file.reads).toBe(1);
    await source.read(6, 0, 65_536);
    await Promise.all([5, 6, 7, 8, 9].map((piece) => source.read(piece, 0, 65_536)));
    expect(file.reads).toBe(2);
    await source.read(1, 0, 65_536);
    expect(file.reads).toBe(3);
  });

  test('[SO3] bytes that changed behind everybody’s back are not served', async () => {
    const content = bytes(1_000, 6);
    const pieces = await piecesOf([new MemoryFile(content)], 400);
    content[450] = 255 - (content[450] ?? 0);
    const source = sourceOf(pieces, [new MemoryFile(content)]);
    expect(await source.read(0, 0, 400)).toEqual({ kind: 'block', bytes: content.slice(0, 400) });
    expect(await source.read(1, 0, 10)).toEqual({ kind: 'unreadable', why: 'changed' });
    expect(await source.read(2, 0, 200)).toEqual({ kind: 'block', bytes: content.slice(800) });
  });

  test('[SO4] a file that cannot be read takes its own pieces with it and no others', async () => {
    const files = [0, 1, 2].map((nth) => new MemoryFile(bytes(1_000, nth)));
    const source = sourceOf(await piecesOf(files, 500), files);
    files[1]?.becomes('changed');
    const kinds = [];
    for (let piece = 0; piece < 6; piece++) kinds.push((await source.read(piece, 0, 500)).kind);
    expect(kinds).toEqual(['block', 'block', 'unreadable', 'unreadable', 'block', 'block']);
    expect(await source.read(2, 0, 500)).toEqual({ kind: 'unreadable', why: 'changed' });
  });
});

describe('the store as a source', () => {
  /** With one piece of these bytes; answers its hash. */
  async function stored(
    store: PieceStore,
    piece: number,
    content: Uint8Array<ArrayBuffer>,
    infoHash = SHARE,
  ) {
    const sha256 = await sha256Hex(nodeDigest, content);
    await store.putPieces(infoHash, [{ piece, sha256, bytes: content }]);
    return sha256;
  }

  function storeSource(store: PieceStore, infoHash = SHARE, cache = new PieceCache()): StoreSource {
    return new StoreSource(infoHash, { store, digest: nodeDigest }, cache);
  }

  test('[SO1] serves blocks of stored pieces, from the store once', async () => {
    const store = new MemoryStore();
    const content = bytes(1_000, 9);
    const sha256 = await stored(store, 3, content);
    const source = storeSource(store);
    expect(await source.read(3, 100, 50, sha256)).toEqual({ kind: 'block', bytes: content.slice(100, 150) });
    store.close();
    expect(await source.read(3, 0, 1_000, sha256)).toEqual({ kind: 'block', bytes: content });
  });

  test('[SO1] a piece that is not there, or shorter than it must be, is missing', async () => {
    const store = new MemoryStore();
    const sha256 = await stored(store, 0, bytes(10, 1));
    const source = storeSource(store);
    expect(await source.read(1, 0, 5, sha256)).toEqual({ kind: 'unreadable', why: 'missing' });
    expect(await source.read(0, 5, 6, sha256)).toEqual({ kind: 'unreadable', why: 'missing' });
  });

  test('[SO3] a stored piece that is not what it was is missing wherever it is, until it comes again', async () => {
    const [store, content] = [new MemoryStore(), bytes(1_000, 2)];
    const rotten = content.map((byte, at) => (at === 900 ? byte ^ 1 : byte));
    const sha256 = await sha256Hex(nodeDigest, content);
    await store.putPieces(SHARE, [{ piece: 0, sha256, bytes: rotten }]);
    await store.adopt(OTHER, [{ piece: 7, sha256 }]);
    const source = storeSource(store);
    expect(await source.read(0, 0, 10, sha256)).toEqual({ kind: 'unreadable', why: 'missing' });
    expect([await store.ownedPieces(SHARE), await store.ownedPieces(OTHER)]).toEqual([[], []]);
    await store.putPieces(SHARE, [{ piece: 0, sha256, bytes: content }]);
    expect(await source.read(0, 895, 10, sha256)).toEqual({ kind: 'block', bytes: content.slice(895, 905) });
  });

  test('[SO2] shares with one cache do not get each other’s pieces', async () => {
    const [store, cache] = [new MemoryStore(), new PieceCache()];
    for (const [share, salt] of [
      [SHARE, 1],
      [OTHER, 2],
    ] as const) {
      const content = bytes(10, salt);
      const sha256 = await stored(store, 0, content, share);
      const read = await storeSource(store, share, cache).read(0, 0, 10, sha256);
      expect(read).toEqual({ kind: 'block', bytes: content });
    }
  });
});

describe('piece cache', () => {
  test('[SO2] holds its bound, oldest use first out, and always keeps the last', () => {
    const cache = new PieceCache(100);
    for (const key of ['a', 'b', 'c']) cache.add(key, bytes(40, 0));
    const kept = (...keys: string[]) => keys.filter((key) => cache.get(key) !== undefined);
    expect(kept('a')).toEqual([]);
    cache.get('b');
    cache.add('d', bytes(20, 0));
    cache.add('e', bytes(10, 0));
    expect(kept('c', 'd', 'e', 'b')).toEqual(['d', 'e', 'b']);
    // 70 of 100 bytes: one of 30 fits beside them, one of 31 does not.
    cache.add('f', bytes(30, 0));
    expect(kept('d', 'e', 'b', 'f')).toEqual(['d', 'e', 'b', 'f']);
    cache.add('f', bytes(31, 0));
    expect(kept('d', 'e', 'b', 'f')).toEqual(['e', 'b', 'f']);
    cache.add('large', bytes(500, 0));
    expect(kept('e', 'b', 'f', 'large')).toEqual(['large']);
    cache.remove('large');
    cache.remove('never there');
    // Nothing is left to count.
    cache.add('g', bytes(100, 0));
    cache.remove('g');
    for (const key of ['h', 'i']) cache.add(key, bytes(50, 0));
    expect(kept('h', 'i')).toEqual(['h', 'i']);
  });

  test('[SO2] readers share a load; a load that failed is tried again', async () => {
    const cache = new PieceCache();
    let loads = 0;
    const load = async () => {
      loads += 1;
      if (loads === 1) throw new Error('broken');
      return loads;
    };
    const first = [cache.sharing('k', load), cache.sharing('k', load)];
    expect((await Promise.allSettled(first)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await Promise.all([cache.sharing('k', load), cache.sharing('k', load)])).toEqual([2, 2]);
  });
});
