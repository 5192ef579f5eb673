import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBase64url } from '../../../shared/base64url.ts';
import { pieceSizes } from '../../../shared/geometry.ts';
import type { InfoHash } from '../../../shared/ids.ts';
import type { Manifest } from '../../../shared/manifest/resource.ts';
import { serialiseManifest } from '../../../shared/manifest/resource.ts';
import { BLOB_GROUP_BYTES, READ_AHEAD_BYTES } from '../../../shared/peer/limits.ts';
import { madeUpSha256 } from '../../../shared/peer/contracts/filled-piece.ts';
import { MemoryStore } from '../../../shared/peer/memory-store.ts';
import { blobOf } from './blob-of.ts';
import { attachment } from './content-disposition.ts';
import { ShareReader, MissingPiece } from './share-reader.ts';
import { parseSaveAddress, saveAddress } from './save-messages.ts';

const SHARE = '0a'.repeat(32) as InfoHash;

function bytes(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size).map((_, at) => (at * 7 + (at >> 8)) & 255);
}

function manifestOf(fileSizes: readonly number[], pieceBytes: number): Manifest {
  const totalBytes = fileSizes.reduce((sum, size) => sum + size, 0);
  return {
    trackerIp: 'localhost',
    trackerPort: '8000',
    comment: '',
    creationDate: '2026-01-02T03:04:06+00:00',
    name: 'a share',
    pieces: pieceSizes(totalBytes, pieceBytes).map((size) => ({ sha256: 'ab'.repeat(32), size })),
    files: fileSizes.map((size, at) => ({ path: ['a share', `${at}.bin`], size })),
    folders: [],
    urls: [],
    totalBytes,
    shoal: null,
  };
}

async function storeWith(manifest: Manifest, all: Uint8Array<ArrayBuffer>): Promise<MemoryStore> {
  const store = new MemoryStore();
  let at = 0;
  for (const [piece, { size }] of manifest.pieces.entries()) {
    await store.putPieces(SHARE, [{ piece, sha256: madeUpSha256(piece), bytes: all.slice(at, at + size) }]);
    at += size;
  }
  return store;
}

async function gathered(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

describe('reading a file out of stored pieces', () => {
  test('[SA3] gives exactly its bytes, whatever the sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 7 }),
        fc.integer({ min: 1, max: 200 }),
        async (sizes, pieceBytes) => {
          const manifest = manifestOf(sizes, pieceBytes);
          const all = bytes(manifest.totalBytes);
          const reader = new ShareReader(await storeWith(manifest, all), SHARE, manifest);
          let at = 0;
          for (const [file, size] of sizes.entries()) {
            const read = await gathered(reader.chunks(file));
            expect(read.equals(all.subarray(at, at + size))).toBe(true);
            at += size;
          }
        },
      ),
    );
  });

  test('[SA3] a consumer that takes the buffers away does not harm the next file', async () => {
    const manifest = manifestOf([50, 50, 100], 100);
    const all = bytes(200);
    const reader = new ShareReader(await storeWith(manifest, all), SHARE, manifest);
    const seen = [];
    for (const file of [0, 1, 2]) {
      for await (const chunk of reader.chunks(file)) {
        seen.push(...chunk);
        structuredClone(chunk, { transfer: [chunk.buffer] });
      }
    }
    expect(seen).toEqual([...all]);
  });

  test('[SA3] a missing piece and one of a wrong size are said', async () => {
    const manifest = manifestOf([250], 100);
    for (const wrong of [null, bytes(99), bytes(101)]) {
      const store = await storeWith(manifest, bytes(250));
      const damaged = new MemoryStore();
      for (const piece of [0, 2]) {
        const kept = await store.piece(SHARE, piece);
        if (kept !== null)
          await damaged.putPieces(SHARE, [{ piece, sha256: madeUpSha256(piece), bytes: kept }]);
      }
      if (wrong !== null)
        await damaged.putPieces(SHARE, [{ piece: 1, sha256: madeUpSha256(1), bytes: wrong }]);
      const reader = new ShareReader(damaged, SHARE, manifest);
      await expect(gathered(reader.chunks(0))).rejects.toThrow(MissingPiece);
    }
  });

  test('[SA3] a missing piece ahead harms nobody who stops before it', async () => {
    const manifest = manifestOf([250], 100);
    const store = new MemoryStore();
    await store.putPieces(SHARE, [{ piece: 0, sha256: madeUpSha256(0), bytes: bytes(100) }]);
    const read = [];
    // The others were asked for meanwhile: a failure that nobody hears of would end the service worker.
    for await (const chunk of new ShareReader(store, SHARE, manifest).chunks(0)) {
      read.push(...chunk);
      await new Promise((resolve) => setImmediate(resolve));
      break;
    }
    expect(read).toEqual([...bytes(100)]);
  });

  test('[SA3] reads ahead, and no further than its bound', async () => {
    const manifest = manifestOf([60 * 262_144], 262_144);
    const store = await storeWith(manifest, bytes(manifest.totalBytes));
    let reading = 0;
    let most = 0;
    const read = store.piece.bind(store);
    store.piece = async (share, piece) => {
      most = Math.max(most, ++reading);
      const found = await read(share, piece);
      reading--;
      return found;
    };
    let chunks = 0;
    for await (const chunk of new ShareReader(store, SHARE, manifest).chunks(0)) {
      chunks += chunk.length / 262_144;
      // The consumer is slow: what is ahead is there, and waits.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(chunks).toBe(60);
    expect(most).toBeGreaterThan(8);
    expect(most).toBeLessThanOrEqual(READ_AHEAD_BYTES / 262_144);
  });
});

describe('a file as a Blob', () => {
  /** A file that is called like its share, so that the manifest needs no further key. */
  function plain(size: number, pieceBytes: number): Manifest {
    const manifest = manifestOf([size], pieceBytes);
    return { ...manifest, files: [{ path: [manifest.name], size }] };
  }

  async function stored(manifest: Manifest, all: Uint8Array<ArrayBuffer>): Promise<MemoryStore> {
    const store = await storeWith(manifest, all);
    const text = serialiseManifest(manifest);
    if (text === null) throw new Error('too large');
    await store.putShare({ infoHash: SHARE, manifest: text, addedAt: 0 });
    return store;
  }

  test('[SA6] holds the file’s bytes, across groups of pieces', async () => {
    const size = BLOB_GROUP_BYTES + 3_000_000;
    const all = new Uint8Array(size);
    for (let at = 0; at < size; at += 4_099) all[at] = at % 251;
    const blob = await blobOf(await stored(plain(size, 1_000_000), all), SHARE, 0);
    expect(blob?.type).toBe('application/octet-stream');
    expect(Buffer.from(await blob!.arrayBuffer()).equals(all)).toBe(true);
  });

  test('[SA6] a file without bytes is an empty Blob', async () => {
    expect((await blobOf(await stored(plain(0, 100), bytes(0)), SHARE, 0))?.size).toBe(0);
  });

  test('[SA6] null for an unknown share, an unknown file and a missing piece', async () => {
    const store = await stored(plain(250, 100), bytes(250));
    expect(await blobOf(store, 'ff'.repeat(32) as InfoHash, 0)).toBeNull();
    expect(await blobOf(store, SHARE, 1)).toBeNull();
    await store.putPieces(SHARE, [{ piece: 2, sha256: madeUpSha256(2, 1), bytes: bytes(1) }]);
    expect(await blobOf(store, SHARE, 0)).toBeNull();
  });

  test('[SA6] null for a manifest that cannot be read; a fault of ours is no missing piece', async () => {
    const store = await stored(plain(250, 100), bytes(250));
    store.piece = () => Promise.reject(new TypeError('a fault'));
    await expect(blobOf(store, SHARE, 0)).rejects.toThrow('a fault');
    await store.putShare({ infoHash: SHARE, manifest: new Uint8Array([123]), addedAt: 0 });
    expect(await blobOf(store, SHARE, 0)).toBeNull();
  });
});

describe('the name of a download', () => {
  test.each([
    ['plain.txt', `attachment; filename="plain.txt"; filename*=UTF-8''plain.txt`],
    [
      'Ünïcode — π 100%.txt',
      `attachment; filename="Unicode _ _ 100_.txt"; filename*=UTF-8''%C3%9Cn%C3%AFcode%20%E2%80%94%20%CF%80%20100%25.txt`,
    ],
    [
      `it's "(a)" *.b`,
      `attachment; filename="it's _(a)_ *.b"; filename*=UTF-8''it%27s%20%22%28a%29%22%20%2A.b`,
    ],
    ['a\\b;c=d', `attachment; filename="a_b;c=d"; filename*=UTF-8''a%5Cb%3Bc%3Dd`],
  ])('[SA4] %s', (name, header) => {
    expect(attachment(name)).toBe(header);
  });

  test('[SA4] any name gives a header of plain ASCII in which the exact name stands', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const header = attachment(name);
        expect(header).toMatch(/^attachment; filename="[^"%\\]*"; filename\*=UTF-8''[\w!#$&+\-.^`|~%]*$/);
        expect(header).toMatch(/^[ -~]*$/);
        const exact = decodeURIComponent(header.slice(header.indexOf("UTF-8''") + 7));
        expect(exact).toBe(name.toWellFormed());
      }),
    );
  });
});

describe('addresses of saves', () => {
  const parse = (path: string, basePath = '/') =>
    parseSaveAddress(basePath, new URL(path, 'https://shoal.example'));

  test('[SA2] survive the way through a URL, wherever the page stands', () => {
    for (const basePath of ['/', '/drop/', '/save/', '/a/b%20c/']) {
      for (const file of [0, 9_999, 'zip'] as const) {
        const id = encodeBase64url(bytes(16));
        const target = { infoHash: SHARE, file };
        expect(parse(saveAddress(basePath, target, id), basePath)).toEqual({ target, id });
      }
    }
  });

  test('[SA2] others are no addresses of saves, broken ones name nothing', () => {
    for (const basePath of ['/', '/drop/']) {
      expect(parse(basePath, basePath)).toBeUndefined();
      expect(parse(`${basePath}assets/save/x.js`, basePath)).toBeUndefined();
      for (const rest of ['', 'abc/0', SHARE, `${SHARE}/-1`, `${SHARE}/0/1`, `${SHARE.toUpperCase()}/0`]) {
        expect(parse(`${basePath}save/${rest}`, basePath)).toBeNull();
      }
    }
  });

  test('[SA2] [UI12] those of a Shoal on another path of the origin are none of ours', () => {
    const target = { infoHash: SHARE, file: 0 };
    for (const [ours, theirs] of [
      ['/', '/drop/'],
      ['/drop/', '/'],
      ['/a/', '/b/'],
      ['/a/', '/a/b/'],
    ] as const) {
      expect(parse(saveAddress(theirs, target, 'id'), ours)).toBeUndefined();
    }
  });
});
