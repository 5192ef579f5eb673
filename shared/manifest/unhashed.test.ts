import { describe, expect, test } from 'vitest';
import { parseManifest, serialiseManifest } from './resource.ts';
import { UNHASHED, unhashedManifest } from './unhashed.ts';

const FILE = { url: 'https://example.org/a/film.mkv', name: 'film.mkv', size: 3_000_000 };

describe('[WS20] the manifest of a file without hashes', () => {
  test('has one file of the size and its address, in pieces that are all unhashed', () => {
    const manifest = unhashedManifest(FILE);
    expect(manifest?.files).toEqual([{ path: ['film.mkv'], size: 3_000_000 }]);
    expect(manifest?.urls).toEqual([{ url: FILE.url, file: 0 }]);
    expect(manifest?.pieces.reduce((sum, { size }) => sum + size, 0)).toBe(3_000_000);
    expect(new Set(manifest?.pieces.map(({ sha256 }) => sha256))).toEqual(new Set([UNHASHED]));
  });

  test('is kept and read again as any other, but for the address, which needs a key of its own', () => {
    const manifest = unhashedManifest({ ...FILE, name: '../x\u202e' });
    const bytes = manifest === null ? null : serialiseManifest(manifest);
    const read = bytes === null ? null : parseManifest(bytes);
    expect(read?.kind === 'parsed' && read.manifest).toEqual({ ...manifest, urls: [] });
  });

  test('of nothing has no pieces', () => {
    expect(unhashedManifest({ ...FILE, size: 0 })?.pieces).toEqual([]);
  });

  test.each([
    ['an address that no share may name', { url: 'ftp://example.org/a' }],
    ['more than a share holds', { size: Number.MAX_SAFE_INTEGER }],
  ])('there is none of %s', (_what, others) => {
    expect(unhashedManifest({ ...FILE, ...others })).toBeNull();
  });
});
