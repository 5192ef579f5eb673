import { expect, test } from 'vitest';
import { unhashedManifest } from '../manifest/unhashed.ts';
import { infoHash } from '../ids.ts';
import type { Keeper } from './keeper.ts';
import { Library, MemoryLibrary } from './library.ts';
import { WebKeeper } from './web-keeper.ts';

const FILE = infoHash('ab'.repeat(32));
const URL = 'https://example.org/film.bin';

test('[WS23] what is doubted at the same time of two who lied is all noted, and what the person knows stays', async () => {
  const manifest = unhashedManifest({ url: URL, name: 'film.bin', size: 5_000_000 });
  if (manifest === null || FILE === null) throw new Error('a file that a share may hold');
  const library = new Library(new MemoryLibrary());
  const keeper = new WebKeeper({ library } as Keeper, {} as ConstructorParameters<typeof WebKeeper>[1]);
  const web = { url: URL, size: 5_000_000, etag: null, lastModified: null, sha256: null, doubted: [] };
  const facts = { name: 'film.bin', totalBytes: 5_000_000, fileCount: 1 };
  const times = { addedAt: 1, finishedAt: null, savedAt: null };
  await library.add({ infoHash: FILE, role: 'receiving', intent: 'downloading', ...facts, ...times, web });
  const sha256 = 'cd'.repeat(32);
  await Promise.all([keeper.doubts(FILE, [1, 2]), keeper.doubts(FILE, [3]), keeper.expects(FILE, sha256)]);
  expect((await library.entry(FILE))?.web).toMatchObject({ doubted: [1, 2, 3], sha256 });
});
