/** Shares whose pieces lie in their own files: written in place, named when they are whole, found again, and never lost. */
import {
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { LibraryEntry } from '../../shared/peer/library-store.ts';
import { ContentIndex } from './content-index.ts';
import type { DiskNotice } from './notices.ts';
import { openDisk } from './open-disk.ts';
import type { DiskOptions, OpenedDisk } from './open-disk.ts';
import { makeShare, someBytes } from './testing/made-share.ts';
import type { MadeShare } from './testing/made-share.ts';
import { tempFolders } from './testing/temp-folder.ts';

const newFolder = tempFolders();

interface Scene {
  readonly folder: string;
  readonly told: DiskNotice[];
  readonly disk: OpenedDisk;
  at(...names: string[]): string;
  again(more?: Partial<DiskOptions>): Promise<Scene>;
}

async function scene(more: Partial<DiskOptions> = {}, folder?: string): Promise<Scene> {
  const target = folder ?? (await newFolder());
  const told: DiskNotice[] = [];
  const disk = await openDisk({
    ...{ stateFolder: join(target, '.shoal'), targetFolder: target, onNotice: (notice) => told.push(notice) },
    // Nothing is due by itself: a test says when.
    after: () => () => undefined,
    ...more,
  });
  onTestFinished(() => disk.close());
  return {
    ...{ folder: target, told, disk },
    at: (...names) => join(target, ...names),
    async again(others = more) {
      await disk.close();
      return scene(others, target);
    },
  };
}

const tree = (): MadeShare =>
  makeShare(
    [
      { path: 'Trip/a.bin', bytes: someBytes(50_000, 1) },
      { path: 'Trip/day/b.txt', bytes: someBytes(10, 2) },
      { path: 'Trip/day/none', bytes: new Uint8Array(0) },
      { path: 'Trip/day/c.bin', bytes: someBytes(30_000, 3) },
    ],
    { name: 'Trip', folders: [['Trip', 'empty']] },
  );

async function putAll({ disk }: Scene, share: MadeShare, pieces = share.pieces): Promise<void> {
  expect(await disk.store.putShare(share.record)).toEqual({ kind: 'stored' });
  expect(await disk.store.putPieces(share.infoHash, pieces)).toEqual({ kind: 'stored' });
}

function entryOf({ infoHash, manifest }: MadeShare, more: Partial<LibraryEntry> = {}): LibraryEntry {
  return {
    ...{ infoHash, role: 'receiving', intent: 'downloading', name: manifest.name },
    ...{
      totalBytes: manifest.totalBytes,
      fileCount: manifest.files.length,
      addedAt: 1,
      finishedAt: null,
      savedAt: null,
    },
    ...more,
  };
}

async function namesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => !name.startsWith('.shoal'))
    .sort();
}

async function holds(at: Scene, share: MadeShare, top = ''): Promise<void> {
  for (const { path, bytes } of share.files) {
    const found = await readFile(at.at(top === '' ? path : path.replace(/^[^/]+/, top)));
    expect(Buffer.compare(found, bytes), path).toBe(0);
  }
}

describe('[HL31] files that are received', () => {
  test('have another name until they are whole, and then their own, with their dates', async () => {
    const [here, share] = [await scene(), tree()];
    await putAll(here, share, share.pieces.slice(0, 2));
    expect(await namesIn(here.folder)).toEqual(['Trip/a.bin.part']);
    await here.disk.store.putPieces(share.infoHash, share.pieces.slice(2).reverse());
    expect(await namesIn(here.folder)).toEqual(['Trip/a.bin', 'Trip/day/b.txt', 'Trip/day/c.bin']);
    const outcome = await here.disk.finish(share.infoHash);
    await holds(here, share);
    expect((await lstat(here.at('Trip/empty'))).isDirectory()).toBe(true);
    expect((await stat(here.at('Trip/a.bin'))).mtimeMs).toBe(1_700_000_000_000);
    expect(outcome).toMatchObject({ path: here.at('Trip'), changedNames: [] });
    expect(outcome?.files.map(({ place }) => place)).toEqual(['whole', 'whole', 'whole', 'whole']);
  });

  test('are sparse', async () => {
    const here = await scene();
    const share = makeShare([{ path: 'big.bin', bytes: new Uint8Array(40_000_000) }], {
      pieceBytes: 1_000_000,
    });
    const last = share.pieces.at(-1);
    await putAll(here, share, last === undefined ? [] : [last]);
    const part = await stat(here.at('big.bin.part'));
    expect([part.size, part.blocks * 512 < 3_000_000]).toEqual([40_000_000, true]);
  });

  test('of one plain file lie in the target folder itself', async () => {
    const here = await scene();
    const share = makeShare([{ path: 'film.mkv', bytes: someBytes(20_000) }]);
    await putAll(here, share);
    expect(await namesIn(here.folder)).toEqual(['film.mkv']);
    expect(here.disk.outcomeOf(share.infoHash)?.path).toBe(here.at('film.mkv'));
  });

  test('that lie in no folder together get one of the share’s name', async () => {
    const here = await scene();
    const share = makeShare(
      [
        { path: 'a', bytes: someBytes(10) },
        { path: 'b', bytes: someBytes(10, 1) },
      ],
      { name: 'a and 1 more' },
    );
    await putAll(here, share);
    expect(await namesIn(here.folder)).toEqual(['a and 1 more/a', 'a and 1 more/b']);
  });

  test('a share without bytes is made when it is finished', async () => {
    const here = await scene();
    const share = makeShare([{ path: 'nothing', bytes: new Uint8Array(0) }]);
    await here.disk.store.putShare(share.record);
    await here.disk.finish(share.infoHash);
    expect(await namesIn(here.folder)).toEqual(['nothing']);
  });

  test('[PK4] what nobody wants is kept out of sight, and gets its name when somebody does', async () => {
    const [here, share] = [await scene(), tree()];
    await here.disk.library.put(entryOf(share, { files: [3] }));
    // The piece that c.bin begins in holds the end of a.bin, and all of b.txt.
    await putAll(here, share, share.pieces.slice(3));
    expect(await namesIn(here.folder)).toEqual(['Trip/day/c.bin']);
    const again = await here.again();
    expect(await again.disk.store.ownedPieces(share.infoHash)).toEqual([3, 4]);
    await again.disk.library.put(entryOf(share));
    await again.disk.store.putPieces(share.infoHash, share.pieces.slice(0, 3));
    await again.disk.finish(share.infoHash);
    await holds(again, share);
  });
});

describe('[HL31] nothing is written outside the target folder', () => {
  test('through a folder that is a link: it is refused, said, and goes on when it is gone', async () => {
    const [here, share, outside] = [await scene(), tree(), await newFolder()];
    await mkdir(here.at('Trip'));
    await symlink(outside, here.at('Trip/day'));
    await here.disk.store.putShare(share.record);
    const failed = { kind: 'failed', why: 'unavailable' };
    expect(await here.disk.store.putPieces(share.infoHash, share.pieces)).toEqual(failed);
    expect(await readdir(outside)).toEqual([]);
    expect(here.told).toContainEqual({ kind: 'unsafe-path', path: here.at('Trip/day') });
    await rm(here.at('Trip/day'));
    expect(await here.disk.store.putPieces(share.infoHash, share.pieces)).toEqual({ kind: 'stored' });
    await here.disk.finish(share.infoHash);
    await holds(here, share);
  });

  test('through a link that takes the place of a folder, or of an unfinished file, while it runs', async () => {
    const [here, share, outside] = [await scene(), tree(), await newFolder()];
    await putAll(here, share, share.pieces.slice(0, 1));
    const again = await here.again();
    await writeFile(join(outside, 'a.bin.part'), 'mine');
    await rename(again.at('Trip'), again.at('Other'));
    await symlink(outside, again.at('Trip'));
    expect((await again.disk.store.putPieces(share.infoHash, share.pieces)).kind).toBe('failed');
    expect(await readFile(join(outside, 'a.bin.part'), 'utf8')).toBe('mine');
    await rm(again.at('Trip'));
    await mkdir(again.at('Trip'));
    await symlink(join(outside, 'a.bin.part'), again.at('Trip/a.bin.part'));
    await again.disk.store.putPieces(share.infoHash, share.pieces);
    expect(await readFile(join(outside, 'a.bin.part'), 'utf8')).toBe('mine');
    expect(await readdir(outside)).toEqual(['a.bin.part']);
    expect(await again.disk.store.ownedPieces(share.infoHash)).toEqual([0, 1, 2, 3, 4]);
  });

  test('a link under the file’s own name stays one, and the file is called otherwise', async () => {
    const [here, outside] = [await scene(), await newFolder()];
    const share = makeShare([{ path: 'a.txt', bytes: someBytes(100) }]);
    await symlink(join(outside, 'made-up'), here.at('a.txt'));
    await putAll(here, share);
    expect(await readdir(outside)).toEqual([]);
    expect((await lstat(here.at('a.txt'))).isSymbolicLink()).toBe(true);
    expect(Buffer.compare(await readFile(here.at('a (2).txt')), share.files[0]!.bytes)).toBe(0);
  });

  test('a share that is called like the state folder gets another name', async () => {
    const here = await scene();
    const share = makeShare(
      [
        { path: '.SHOAL/library.json', bytes: someBytes(10) },
        { path: '.SHOAL/b', bytes: someBytes(10) },
      ],
      { name: '.SHOAL' },
    );
    await putAll(here, share);
    expect(await readdir(here.folder)).toEqual(['.SHOAL (2)', '.shoal']);
  });
});

describe('[HL32] nothing that is there is written over', () => {
  test('a file of the same name and size that is something else', async () => {
    const here = await scene();
    const share = makeShare([{ path: 'a.txt', bytes: someBytes(40_000) }]);
    await writeFile(here.at('a.txt'), someBytes(40_000, 9));
    await putAll(here, share);
    expect(Buffer.compare(await readFile(here.at('a.txt')), someBytes(40_000, 9))).toBe(0);
    expect(Buffer.compare(await readFile(here.at('a (2).txt')), someBytes(40_000))).toBe(0);
    const taken = { kind: 'name-taken', path: here.at('a.txt'), instead: here.at('a (2).txt') };
    expect(here.told).toContainEqual(taken);
    expect(here.disk.outcomeOf(share.infoHash)?.changedNames).toEqual([
      { from: ['a.txt'], to: ['a (2).txt'], why: 'taken' },
    ]);
  });

  test('a file that comes while the share does, and an unfinished one of another program', async () => {
    const here = await scene();
    const share = makeShare([{ path: 'a.txt', bytes: someBytes(40_000) }]);
    await writeFile(here.at('a.txt.part'), 'of another program');
    await putAll(here, share, share.pieces.slice(0, 2));
    await writeFile(here.at('a.txt'), 'mine');
    await here.disk.store.putPieces(share.infoHash, share.pieces.slice(2));
    expect(await readFile(here.at('a.txt'), 'utf8')).toBe('mine');
    expect(await readFile(here.at('a.txt.part'), 'utf8')).toBe('of another program');
    expect(Buffer.compare(await readFile(here.at('a (2).txt')), someBytes(40_000))).toBe(0);
  });

  test('a folder of the same name in which something else lies', async () => {
    const [here, share] = [await scene(), tree()];
    await mkdir(here.at('Trip'));
    await writeFile(here.at('Trip/mine'), 'mine');
    await putAll(here, share);
    expect(await readdir(here.at('Trip'))).toEqual(['mine']);
    await here.disk.finish(share.infoHash);
    await holds(here, share, 'Trip (2)');
    expect(here.disk.outcomeOf(share.infoHash)?.changedNames[0]).toEqual({
      ...{ from: ['Trip'], to: ['Trip (2)'], why: 'taken' },
    });
  });

  test('two shares of one name do not meet', async () => {
    const here = await scene();
    const [one, other] = [
      tree(),
      makeShare(
        tree().files.map((file) => ({ ...file, bytes: someBytes(77, 5) })),
        { name: 'Trip' },
      ),
    ];
    await putAll(here, one, one.pieces.slice(0, 1));
    await putAll(here, other);
    await putAll(here, one);
    for (const share of [one, other]) await here.disk.finish(share.infoHash);
    await holds(here, one);
    await holds(here, other, 'Trip (2)');
  });

  test('removing a share takes what is unfinished, and leaves what is whole', async () => {
    const [here, share] = [await scene(), tree()];
    await putAll(here, share, share.pieces.slice(0, 4));
    const removed = await here.disk.store.removeShare(share.infoHash);
    expect(removed).toMatchObject({ kind: 'removed' });
    expect(await namesIn(here.folder)).toEqual(['Trip/a.bin', 'Trip/day/b.txt']);
    expect(await here.disk.store.overview()).toEqual([]);
    const again = await here.again();
    expect(await again.disk.store.share(share.infoHash)).toBeNull();
  });
});

describe('[HL37] what others do to the files', () => {
  test('a file that is deleted while the peer runs is missing, said, and fetched again under its name', async () => {
    const [here, share] = [await scene(), tree()];
    await putAll(here, share);
    let interruptions = 0;
    here.disk.store.onInterrupted(() => (interruptions += 1));
    await rm(here.at('Trip/a.bin'));
    expect(await here.disk.store.piece(share.infoHash, 0)).toBeNull();
    expect(await here.disk.store.ownedPieces(share.infoHash)).toEqual([4]);
    expect(here.told).toContainEqual({ kind: 'file-gone', path: here.at('Trip/a.bin') });
    await new Promise((resolve) => setImmediate(resolve));
    expect(interruptions).toBe(1);
    await here.disk.store.putPieces(share.infoHash, share.pieces.slice(0, 4));
    await here.disk.finish(share.infoHash);
    await holds(here, share);
  });

  test('an unfinished file that is deleted while it is written is begun anew, and none of it counts', async () => {
    const [here, share] = [await scene(), tree()];
    await putAll(here, share, share.pieces.slice(0, 2));
    await rm(here.at('Trip/a.bin.part'));
    await here.disk.store.putPieces(share.infoHash, share.pieces.slice(2, 3));
    expect(await here.disk.store.ownedPieces(share.infoHash)).toEqual([2]);
    await here.disk.store.putPieces(share.infoHash, share.pieces);
    await here.disk.finish(share.infoHash);
    await holds(here, share);
  });

  test('of a file that is changed while nobody looks what is still right stays', async () => {
    const [here, share] = [await scene(), tree()];
    await putAll(here, share);
    await here.disk.close();
    const changed = await readFile(here.at('Trip/a.bin'));
    changed.fill(0, 20_000, 20_010);
    await writeFile(here.at('Trip/a.bin'), changed);
    const again = await scene({}, here.folder);
    expect(await again.disk.store.ownedPieces(share.infoHash)).toEqual([0, 2, 3, 4]);
    await again.disk.store.putPieces(share.infoHash, share.pieces.slice(1, 2));
    expect(Buffer.compare(await readFile(again.at('Trip/a.bin')), changed)).toBe(0);
    expect(Buffer.compare(await readFile(again.at('Trip/a (2).bin')), share.files[0]!.bytes)).toBe(0);
    expect(again.told.map(({ kind }) => kind)).toEqual(['file-changed', 'name-taken']);
  });

  test('a changed file that nobody waits for any more is looked at the next time, and not read on', async () => {
    const share = makeShare([{ path: 'film.mkv', bytes: someBytes(50_000) }], { pieceBytes: 1_000 });
    const here = await scene();
    await putAll(here, share);
    await here.disk.close();
    await writeFile(here.at('film.mkv'), new Uint8Array(50_000));
    const left = await scene({}, here.folder);
    left.disk.stopLooking();
    expect(await left.disk.store.ownedPieces(share.infoHash)).toHaveLength(50);
    const again = await left.again();
    expect(await again.disk.store.ownedPieces(share.infoHash)).toEqual([]);
  });

  test('a file that was only touched is as it was', async () => {
    const [here, share] = [await scene(), tree()];
    await putAll(here, share);
    await here.disk.close();
    await writeFile(here.at('Trip/a.bin'), share.files[0]!.bytes);
    const again = await scene({}, here.folder);
    expect(await again.disk.store.ownedPieces(share.infoHash)).toEqual([0, 1, 2, 3, 4]);
    expect(again.told).toEqual([]);
  });

  test('an unfinished file that was cut is what it still holds', async () => {
    const [here, share] = [await scene(), tree()];
    await putAll(here, share, share.pieces.slice(0, 2));
    const again = await here.again();
    await truncate(again.at('Trip/a.bin.part'), 20_000);
    expect(await again.disk.store.piece(share.infoHash, 0)).toEqual(share.pieces[0]?.bytes);
    expect(await again.disk.store.piece(share.infoHash, 1)).toBeNull();
  });

  test('a state that is damaged costs a look at the files, and nothing is fetched', async () => {
    const [here, share] = [await scene(), tree()];
    await putAll(here, share, share.pieces.slice(0, 4));
    await here.disk.close();
    await writeFile(here.at('.shoal', share.infoHash, 'state.json'), '{"version":1');
    const again = await scene({}, here.folder);
    expect(again.told.map(({ kind }) => kind)).toEqual(['state-damaged']);
    const hashes = share.pieces.map(({ sha256 }) => sha256);
    expect(await again.disk.store.found(hashes)).toEqual([true, true, true, true, false]);
  });
});

describe('[HL38] what is here already', () => {
  const elsewhere = async (share: MadeShare, top = ''): Promise<string> => {
    const folder = await newFolder();
    for (const { path, bytes } of share.files) {
      const at = join(folder, top, path);
      await mkdir(join(at, '..'), { recursive: true });
      await writeFile(at, bytes);
    }
    return folder;
  };
  const found = async ({ disk }: Scene, share: MadeShare): Promise<boolean[]> => {
    await disk.store.putShare(share.record);
    return disk.store.found(share.pieces.map(({ sha256 }) => sha256));
  };

  test('under its own names is used where it is, after a look at every piece', async () => {
    const share = tree();
    const here = await scene({}, await elsewhere(share));
    const before = await stat(here.at('Trip/a.bin'));
    expect(await found(here, share)).toEqual([true, true, true, true, true]);
    await here.disk.finish(share.infoHash);
    expect((await stat(here.at('Trip/a.bin'))).ino).toBe(before.ino);
    expect(await namesIn(here.folder)).toEqual([
      'Trip/a.bin',
      'Trip/day/b.txt',
      'Trip/day/c.bin',
      'Trip/day/none',
    ]);
    expect(here.told).toContainEqual({
      ...{ kind: 'found-here', path: here.at('Trip/a.bin'), from: here.at('Trip/a.bin'), how: 'in-place' },
    });
  });

  test('is counted where it is very much', async () => {
    const files = [1, 2, 3, 4].map((nth) => ({ path: `Trip/${nth}.bin`, bytes: someBytes(1_000, nth) }));
    const share = makeShare(files, { name: 'Trip', pieceBytes: 1_000 });
    const here = await scene({}, await elsewhere(share));
    expect(await found(here, share)).toEqual([true, true, true, true]);
    expect(here.told).toEqual([
      { kind: 'many-found-here', path: here.at('Trip'), files: 4, how: 'in-place' },
    ]);
  });

  test('is the share’s own when it is gathered before, and verified once', async () => {
    const share = tree();
    const here = await scene({}, await elsewhere(share));
    const progress: number[] = [];
    const told = ({ verifiedBytes }: { verifiedBytes: number }): void => void progress.push(verifiedBytes);
    expect(await here.disk.gather(share.infoHash, share.record.manifest, told)).toBe(5);
    expect(progress.at(-1)).toBe(80_010);
    expect(await here.disk.store.ownedPieces(share.infoHash)).toEqual([0, 1, 2, 3, 4]);
    const again = await here.again();
    expect(await again.disk.gather(share.infoHash, share.record.manifest)).toBe(5);
  });

  test('unfinished is gone on with, also where nothing is known of it any more', async () => {
    const [here, share] = [await scene(), tree()];
    await putAll(here, share, share.pieces.slice(1, 3));
    await here.disk.close();
    await rm(here.at('.shoal'), { recursive: true });
    const again = await scene({}, here.folder);
    expect(await found(again, share)).toEqual([false, true, true, false, false]);
    await again.disk.store.putPieces(share.infoHash, share.pieces);
    await again.disk.finish(share.infoHash);
    await holds(again, share);
    expect(await namesIn(again.folder)).toHaveLength(4);
  });

  test('in a folder to look in is copied, by whatever name it has there', async () => {
    const share = tree();
    const other = await newFolder();
    await writeFile(join(other, 'renamed'), share.files[0]!.bytes);
    const here = await scene({ lookIn: [other] });
    expect(await found(here, share)).toEqual([true, true, true, false, false]);
    expect(await namesIn(here.folder)).toEqual(['Trip/a.bin.part']);
    expect(here.told).toContainEqual({
      ...{ kind: 'found-here', path: here.at('Trip/a.bin'), from: join(other, 'renamed'), how: 'copied' },
    });
    await here.disk.store.putPieces(share.infoHash, share.pieces.slice(3));
    await here.disk.finish(share.infoHash);
    await holds(here, share);
    expect(Buffer.compare(await readFile(join(other, 'renamed')), share.files[0]!.bytes)).toBe(0);
  });

  test('is linked where that is wanted, and never written to', async () => {
    const share = makeShare([{ path: 'film.mkv', bytes: someBytes(50_000) }]);
    const other = await elsewhere(share);
    await chmod(join(other, 'film.mkv'), 0o444);
    const here = await scene({ lookIn: [other], links: true });
    expect(await found(here, share)).toEqual([true, true, true, true]);
    expect((await stat(here.at('film.mkv'))).ino).toBe((await stat(join(other, 'film.mkv'))).ino);
    await here.disk.store.dropContent([share.pieces[1]!.sha256]);
    await here.disk.store.putPieces(share.infoHash, share.pieces.slice(1, 2));
    expect((await stat(join(other, 'film.mkv'))).ino).not.toBe((await stat(here.at('film (2).mkv'))).ino);
  });

  test('of a file of which a part is another one only that part is to be fetched', async () => {
    const share = makeShare([{ path: 'film.mkv', bytes: someBytes(50_000) }]);
    const other = await newFolder();
    const older = share.files[0]!.bytes.slice();
    older.fill(0, 17_000, 18_000);
    await writeFile(join(other, 'film.mkv'), older);
    const here = await scene({ lookIn: [other] });
    expect(await found(here, share)).toEqual([true, false, true, true]);
    await here.disk.store.putPieces(share.infoHash, share.pieces.slice(1, 2));
    await holds(here, share);
    expect(Buffer.compare(await readFile(join(other, 'film.mkv')), older)).toBe(0);
  });

  test('in the files of another share is copied whole, and the other stays', async () => {
    const here = await scene();
    const [one, other] = [
      tree(),
      makeShare([{ path: 'alone.bin', bytes: tree().files[0]!.bytes }], { pieceBytes: 10_000 }),
    ];
    await putAll(here, one);
    expect(await found(here, other)).toEqual([true, true, true, true, true]);
    await holds(here, other);
    await here.disk.store.removeShare(one.infoHash);
    expect(await here.disk.store.piece(other.infoHash, 4)).toEqual(other.pieces[4]?.bytes);
  });

  test('[ST9] a piece of another share is adopted into the share’s own file', async () => {
    const here = await scene();
    const bytes = someBytes(16_384 * 3);
    const one = makeShare([{ path: 'one', bytes }]);
    const other = makeShare([
      { path: 'other', bytes: new Uint8Array(Buffer.concat([bytes.subarray(0, 16_384), someBytes(99, 4)])) },
    ]);
    await putAll(here, one, one.pieces.slice(0, 2));
    await here.disk.store.putShare(other.record);
    const wanted = other.pieces.map(({ piece, sha256 }) => ({ piece, sha256 }));
    expect(await here.disk.store.adopt(other.infoHash, wanted)).toEqual({ kind: 'adopted', adopted: [0] });
    expect(await here.disk.store.piece(other.infoHash, 0)).toEqual(other.pieces[0]?.bytes);
    expect(await namesIn(here.folder)).toEqual(['one.part', 'other.part']);
  });

  test('two shares of the same files have them once', async () => {
    const here = await scene();
    const [one, other] = [
      tree(),
      makeShare(tree().files, { name: 'Trip', folders: [['Trip', 'empty']], salt: 'BBBBBBBBBBBBBBBBBBBBBA' }),
    ];
    await putAll(here, one);
    await here.disk.finish(one.infoHash);
    expect(await here.disk.gather(other.infoHash, other.record.manifest)).toBe(5);
    await here.disk.finish(other.infoHash);
    expect(await readdir(here.folder)).toEqual(['.shoal', 'Trip']);
    expect(await namesIn(here.folder)).toHaveLength(4);
  });

  test('is not looked for of one’s own share', async () => {
    const share = tree();
    const here = await scene({}, await elsewhere(share));
    await here.disk.library.put(entryOf(share, { role: 'sharing', intent: 'sharing' }));
    expect(await found(here, share)).toEqual([false, false, false, false, false]);
    await here.disk.store.putPieces(share.infoHash, share.pieces.slice(0, 1));
    expect(await namesIn(here.folder)).toHaveLength(4);
    expect(await here.disk.store.piece(share.infoHash, 0)).toEqual(share.pieces[0]?.bytes);
  });

  test('is looked for until the disk is closed, nobody waits for it or the share is removed, and anew the next time', async () => {
    const share = makeShare([{ path: 'film.mkv', bytes: someBytes(400_000) }], { pieceBytes: 1_000 });
    const here = await scene({}, await elsewhere(share));
    let closed: Promise<unknown> = Promise.resolve();
    let isFirst = true;
    const onProgress = (): void => {
      if (isFirst) closed = here.disk.close();
      isFirst = false;
    };
    expect(await here.disk.gather(share.infoHash, share.record.manifest, onProgress)).toBe(0);
    await closed;
    const left = await scene({}, here.folder);
    const thenLeave = (): void => left.disk.stopLooking();
    expect(await left.disk.gather(share.infoHash, share.record.manifest, thenLeave)).toBe(0);
    const again = await left.again();
    let removed: Promise<unknown> = Promise.resolve();
    isFirst = true;
    const thenRemove = (): void => {
      if (isFirst) removed = again.disk.store.removeShare(share.infoHash);
      isFirst = false;
    };
    expect(await again.disk.gather(share.infoHash, share.record.manifest, thenRemove)).toBe(0);
    expect(await removed).toEqual({ kind: 'removed', freedBytes: 0 });
    expect(await namesIn(again.folder)).toEqual(['film.mkv']);
    expect(await again.disk.gather(share.infoHash, share.record.manifest)).toBe(400);
  });

  test('is looked up once for each content, however many pieces have it', async () => {
    const share = makeShare([{ path: 'disk.img', bytes: new Uint8Array(200_000) }], { pieceBytes: 1_000 });
    const here = await scene({}, await elsewhere(share));
    const lookUps = vi.spyOn(ContentIndex.prototype, 'of');
    expect(await found(here, share)).toEqual(Array(200).fill(true));
    // Whose they are, and whether they are here.
    expect(lookUps).toHaveBeenCalledTimes(2);
    lookUps.mockRestore();
  });

  test('behind a link is not looked for', async () => {
    const share = makeShare([{ path: 'film.mkv', bytes: someBytes(50_000) }]);
    const [other, linked] = [await elsewhere(share), await newFolder()];
    await symlink(other, join(linked, 'elsewhere'));
    const here = await scene({ lookIn: [linked] });
    expect(await found(here, share)).toEqual([false, false, false, false]);
    await link(join(other, 'film.mkv'), join(linked, 'a hard link'));
    const again = await scene({ lookIn: [linked] });
    expect(await found(again, share)).toEqual([true, true, true, true]);
  });
});
