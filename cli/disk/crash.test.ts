/** Processes that are killed while they store, and disks that lose what was not written for good. */
import { spawn } from 'node:child_process';
import { appendFile, cp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { InfoHash } from '../../shared/ids.ts';
import type { LibraryEntry } from '../../shared/peer/library-store.ts';
import { seededRandom } from '../../shared/random.ts';
import type { DiskNotice, NoticeListener } from './notices.ts';
import { openDisk } from './open-disk.ts';
import type { OpenedDisk } from './open-disk.ts';
import { makeShare, sha256, someBytes } from './testing/made-share.ts';
import type { MadeShare } from './testing/made-share.ts';
import { randomShare, shuffled } from './testing/random-share.ts';
import { tempFolders } from './testing/temp-folder.ts';

const newFolder = tempFolders();

async function openedIn(folder: string, onNotice: NoticeListener = () => undefined): Promise<OpenedDisk> {
  const disk = await openDisk({
    ...{ stateFolder: join(folder, '.shoal'), targetFolder: folder },
    ...{ after: () => () => undefined, onNotice },
  });
  onTestFinished(() => disk.close());
  return disk;
}

/** What a process that was killed at this moment would leave. */
async function asKilled(folder: string): Promise<string> {
  const copy = await newFolder();
  await cp(folder, copy, { recursive: true, preserveTimestamps: true });
  await rm(join(copy, '.shoal/lock'), { force: true });
  return copy;
}

async function wrongPieces({ store }: OpenedDisk, share: MadeShare): Promise<number[]> {
  const wrong: number[] = [];
  for (const piece of await store.ownedPieces(share.infoHash)) {
    const bytes = await store.piece(share.infoHash, piece);
    if (bytes === null || sha256(bytes) !== share.pieces[piece]?.sha256) wrong.push(piece);
  }
  return wrong;
}

async function holds(disk: OpenedDisk, share: MadeShare): Promise<void> {
  const outcome = await disk.finish(share.infoHash);
  expect(outcome?.changedNames).toEqual([]);
  for (const [nth, { bytes }] of share.files.entries()) {
    expect(Buffer.compare(await readFile(outcome?.files[nth]?.at ?? ''), bytes)).toBe(0);
  }
  expect(await disk.store.ownedPieces(share.infoHash)).toEqual(share.pieces.map(({ piece }) => piece));
}

describe('[HL36] a process that is killed', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'leaves every piece that it answered for and no wrong one, whatever the share (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const [folder, share] = [await newFolder(), randomShare(random)];
      const disk = await openedIn(folder);
      await disk.store.putShare(share.record);
      const stored: number[] = [];
      for (const piece of shuffled(share.pieces, random)) {
        await disk.store.putPieces(share.infoHash, [piece]);
        stored.push(piece.piece);
        if (random.below(6) === 0) await disk.sync();
        if (random.below(8) > 0) continue;
        const next = await openedIn(await asKilled(folder));
        expect(await next.store.ownedPieces(share.infoHash)).toEqual([...stored].sort((a, b) => a - b));
        expect(await wrongPieces(next, share)).toEqual([]);
        await next.store.putPieces(share.infoHash, shuffled(share.pieces, random));
        await holds(next, share);
      }
      await holds(disk, share);
    },
  );

  const KEPT = { name: 'film', fileCount: 1, totalBytes: 1, addedAt: 1, finishedAt: null, savedAt: null };
  const FILE = { url: 'https://example.org/a', size: 1, etag: null, lastModified: null, sha256: null };
  test.each<[string, Pick<LibraryEntry, 'role' | 'intent' | 'web'>]>([
    ['the copy of a share of one’s own', { role: 'sharing', intent: 'sharing' }],
    [
      '[WS20] a file without hashes',
      { role: 'receiving', intent: 'downloading', web: { ...FILE, doubted: [] } },
    ],
  ])('leaves also what lies in no file of the target folder: %s', async (_what, entry) => {
    const random = seededRandom(5);
    const [folder, share] = [await newFolder(), randomShare(random)];
    const disk = await openedIn(folder);
    await disk.store.putShare(share.record);
    await disk.library.put({ infoHash: share.infoHash, ...KEPT, ...entry });
    const stored: number[] = [];
    for (const piece of shuffled(share.pieces, random)) {
      await disk.store.putPieces(share.infoHash, [piece]);
      stored.push(piece.piece);
      if (random.below(8) > 0) continue;
      const next = await openedIn(await asKilled(folder));
      expect(await next.store.ownedPieces(share.infoHash)).toEqual([...stored].sort((a, b) => a - b));
      expect(await wrongPieces(next, share)).toEqual([]);
    }
    expect((await readdir(folder)).filter((name) => name !== '.shoal')).toEqual([]);
  });

  test('by SIGKILL, in the middle of anything, and the next one takes its folder over and ends what it began', async () => {
    const folder = await newFolder();
    const random = seededRandom(77);
    const share = randomShare(seededRandom(77));
    for (let round = 0; round < 3; round++) {
      const told = await killedAfter(folder, 77, 1 + random.below(Math.max(2, share.pieces.length - 1)));
      const disk = await openedIn(folder);
      const owned = new Set(await disk.store.ownedPieces(share.infoHash));
      expect(told.filter((piece) => !owned.has(piece))).toEqual([]);
      expect(await wrongPieces(disk, share)).toEqual([]);
      await disk.close();
    }
    const disk = await openedIn(folder);
    await disk.store.putPieces(share.infoHash, share.pieces);
    await holds(disk, share);
  });
});

describe('[HL36] after a power cut', () => {
  const BYTES = someBytes(200_000, 5);
  const share = makeShare([{ path: 'film.mkv', bytes: BYTES }]);

  async function cut(
    infoHash: InfoHash,
    harm: (folder: string, state: string) => Promise<void>,
  ): Promise<OpenedDisk> {
    const folder = await newFolder();
    const disk = await openedIn(folder);
    await disk.store.putShare(share.record);
    await disk.store.putPieces(infoHash, share.pieces.slice(0, 4));
    await disk.sync();
    await disk.store.putPieces(infoHash, share.pieces.slice(4, 8));
    const copy = await asKilled(folder);
    await harm(copy, join(copy, '.shoal', infoHash));
    return openedIn(copy);
  }

  test('a piece whose bytes the disk lost does not count, whatever the journal says', async () => {
    const disk = await cut(share.infoHash, async (folder) => {
      const file = await open(join(folder, 'film.mkv.part'), 'r+');
      await file.write(new Uint8Array(100), 0, 100, 16_384 * 5);
      await file.close();
    });
    expect(await disk.store.ownedPieces(share.infoHash)).toEqual([0, 1, 2, 3, 4, 6, 7]);
  });

  test('a journal that was cut off, or is garbage, is read as far as it makes sense', async () => {
    const disk = await cut(share.infoHash, async (_, state) => {
      const journals = (await readdir(state)).filter((name) => name.startsWith('journal-'));
      expect(journals).toHaveLength(1);
      await appendFile(
        join(state, journals[0] ?? ''),
        '{"p":8}\n{"p":16383}\n{"p":-1}\nnull\n{"f":9,"to":["..","x"]}\n{"p"',
      );
    });
    expect(await disk.store.ownedPieces(share.infoHash)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('of a file that was about to be begun nothing is missed', async () => {
    const folder = await newFolder();
    const disk = await openedIn(folder);
    await disk.store.putShare(share.record);
    await disk.store.putPieces(share.infoHash, share.pieces.slice(0, 1));
    const copy = await asKilled(folder);
    await rm(join(copy, 'film.mkv.part'));
    const notices: DiskNotice[] = [];
    const again = await openedIn(copy, (notice) => notices.push(notice));
    expect([await again.store.ownedPieces(share.infoHash), notices]).toEqual([[], []]);
  });

  test('an unfinished file that is gone takes its pieces with it', async () => {
    const disk = await cut(share.infoHash, (folder) => rm(join(folder, 'film.mkv.part')));
    expect(await disk.store.ownedPieces(share.infoHash)).toEqual([]);
    await disk.store.putPieces(share.infoHash, share.pieces);
    await holds(disk, share);
  });

  test('a file between its two names is found under the one or the other', async () => {
    const folder = await newFolder();
    const disk = await openedIn(folder);
    await disk.store.putShare(share.record);
    await disk.store.putPieces(share.infoHash, share.pieces.slice(0, -1));
    await disk.sync();
    const before = await asKilled(folder);
    await disk.store.putPieces(share.infoHash, share.pieces.slice(-1));
    // It has its own name, and the journal says so; the other name is still there, too.
    const after = await asKilled(folder);
    await writeFile(join(after, 'film.mkv.part'), BYTES);
    const again = await openedIn(after);
    await holds(again, share);
    const earlier = await openedIn(before);
    expect((await earlier.store.ownedPieces(share.infoHash)).length).toBe(share.pieces.length - 1);
  });
});

/** The pieces that it said were stored. */
async function killedAfter(folder: string, seed: number, pieces: number): Promise<number[]> {
  const script = fileURLToPath(new URL('testing/storing.fixture.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder, `${seed}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const told: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (/^\d+$/.test(line)) told.push(Number(line));
    if (told.length >= pieces || line === 'all') break;
  }
  child.kill('SIGKILL');
  await ended;
  return told;
}
