/** Real files on disk behind Blobs, as Node gives them. */
import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InfoHash } from '../../shared/ids.ts';
import { FileSource } from '../../shared/peer/block-sources.ts';
import { filesRules } from '../../shared/peer/contracts/files.ts';
import { hashPieces } from '../../shared/peer/hashing.ts';
import { BlobContent } from './blob-content.ts';
import { clock, digest, files } from './platform.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-blobs-'));
});
afterAll(() => rm(folder, { recursive: true }));

function bytes(size: number, salt: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size).map((_, at) => (at * 13 + salt * 29 + (at >> 7)) & 255);
}

async function onDisk(count: number): Promise<{ paths: string[]; contents: BlobContent[] }> {
  const paths = Array.from({ length: count }, (_, nth) => join(folder, `${crypto.randomUUID()} ${nth}.bin`));
  for (const [nth, path] of paths.entries()) await writeFile(path, bytes(1_000, nth));
  return {
    paths,
    contents: await Promise.all(paths.map(async (path) => new BlobContent(await openAsBlob(path)))),
  };
}

describe('a Blob as a person’s file', () => {
  test.each(filesRules)('[PE1] $name', ({ check }) =>
    check({ files, contentOf: (content) => new BlobContent(new Blob([content])) }),
  );

  test('[SO1] files that are joined are read together, each of them where it lies', async () => {
    const { contents } = await onDisk(3);
    const everything = files.join(contents);
    expect(everything.size).toBe(3_000);
    const all = new Uint8Array(Buffer.concat([0, 1, 2].map((nth) => bytes(1_000, nth))));
    expect(await everything.read(900, 2_100)).toEqual({ kind: 'read', bytes: all.slice(900, 2_100) });
  });

  test.each([
    ['NotFoundError', 'vanished'],
    ['AbortError', 'vanished'],
    ['NotReadableError', 'changed'],
    ['SecurityError', 'changed'],
  ] as const)('[SO4] what a browser means by %s', async (name, why) => {
    const blob = new Blob(['abc']);
    blob.slice = () =>
      Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new DOMException('', name)) });
    expect(await new BlobContent(blob).read(0, 3)).toEqual({ kind: 'unreadable', why });
  });

  test('[SO4] what no browser should throw is no reason to give up', async () => {
    for (const thrown of [null, 'text', {}]) {
      const blob = new Blob(['abc']);
      blob.slice = () => Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(thrown) });
      expect(await new BlobContent(blob).read(0, 3)).toEqual({ kind: 'unreadable', why: 'changed' });
    }
  });
});

describe('files that change on disk', () => {
  test('[SO4] hashing names the file that changed or vanished', async () => {
    const { paths, contents } = await onDisk(3);
    const ports = { digest, files, clock };
    expect((await hashPieces(contents, 700, ports)).kind).toBe('hashed');
    await writeFile(paths[1] ?? '', bytes(999, 9));
    expect(await hashPieces(contents, 700, ports)).toMatchObject({ kind: 'unreadable', file: 1 });
    await rm(paths[0] ?? '');
    expect(await hashPieces(contents, 700, ports)).toMatchObject({ kind: 'unreadable', file: 0 });
  });

  test('[SO4] a file that changed takes its own pieces with it and no others', async () => {
    const { paths, contents } = await onDisk(3);
    const hashed = await hashPieces(contents, 500, { digest, files, clock });
    const pieces = hashed.kind === 'hashed' ? hashed.pieces : [];
    const source = new FileSource('e5'.repeat(32) as InfoHash, pieces, files.join(contents), digest);
    await writeFile(paths[1] ?? '', bytes(1_000, 77));
    await utimes(paths[1] ?? '', 1, 1);
    const kinds = [];
    for (let piece = 0; piece < 6; piece++) kinds.push((await source.read(piece, 0, 500)).kind);
    expect(kinds).toEqual(['block', 'block', 'unreadable', 'unreadable', 'block', 'block']);
    expect(await source.read(2, 0, 500)).toEqual({ kind: 'unreadable', why: 'changed' });
  });
});
