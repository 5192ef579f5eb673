/** Disks that are full, read-only or crowded, and processes that may not open much: said, nothing lost, and it goes on. */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { seededRandom } from '../../shared/random.ts';
import { Descriptors } from './descriptors.ts';
import { Notices, noticeSentence } from './notices.ts';
import type { DiskNotice } from './notices.ts';
import { DiskUnusable, openDisk } from './open-disk.ts';
import type { OpenedDisk } from './open-disk.ts';
import { makeShare, someBytes } from './testing/made-share.ts';
import type { MadeShare } from './testing/made-share.ts';
import { smallDisk } from './testing/mounts.ts';
import type { Mount } from './testing/mounts.ts';
import { shuffled } from './testing/random-share.ts';
import { tempFolders } from './testing/temp-folder.ts';

const newFolder = tempFolders();
const FULL = { kind: 'failed', why: 'quota' };
const FAILED = { kind: 'failed', why: 'unavailable' };
const STORED = { kind: 'stored' };

async function opened(
  targetFolder: string,
  stateFolder: string,
  told: DiskNotice[] = [],
): Promise<OpenedDisk> {
  const onNotice = (notice: DiskNotice): void => void told.push(notice);
  const disk = await openDisk({ targetFolder, stateFolder, onNotice, after: () => () => undefined });
  onTestFinished(() => disk.close());
  return disk;
}

async function mounted(skip: (why: string) => void, megabytes: number): Promise<Mount> {
  const mount = await smallDisk(await newFolder(), megabytes);
  if (mount === null) {
    skip('no file system can be mounted here');
    throw new Error('skipped');
  }
  onTestFinished(() => mount.unmount());
  return mount;
}

async function isWhole(disk: OpenedDisk, share: MadeShare): Promise<void> {
  const outcome = await disk.finish(share.infoHash);
  for (const [nth, { bytes }] of share.files.entries()) {
    expect(Buffer.compare(await readFile(outcome?.files[nth]?.at ?? ''), bytes)).toBe(0);
  }
}

describe('[HL39] a disk', () => {
  const share = makeShare([{ path: 'film.mkv', bytes: someBytes(6_000_000) }], { pieceBytes: 500_000 });

  test.each(['beside the files', 'on another disk'])(
    '[UI17] that is full, with the state %s, keeps what it has and goes on when there is room',
    async (where) => {
      const mount = await mounted((why) => test.skip(why), 4);
      const told: DiskNotice[] = [];
      const stateFolder = where === 'beside the files' ? join(mount.folder, '.shoal') : await newFolder();
      const disk = await opened(mount.folder, stateFolder, told);
      await disk.store.putShare(share.record);
      const outcomes: unknown[] = [];
      for (const piece of share.pieces) outcomes.push(await disk.store.putPieces(share.infoHash, [piece]));
      const stored = outcomes.filter((outcome) => JSON.stringify(outcome) === JSON.stringify(STORED)).length;
      expect(outcomes.slice(stored)).toEqual(Array(share.pieces.length - stored).fill(FULL));
      expect(stored).toBeGreaterThan(5);
      expect(await disk.store.ownedPieces(share.infoHash)).toEqual([...Array(stored).keys()]);
      expect(told).toContainEqual({ kind: 'no-room', path: join(mount.folder, 'film.mkv') });
      await disk.sync();
      await disk.close();
      const again = await opened(mount.folder, stateFolder, told);
      expect(await again.store.ownedPieces(share.infoHash)).toEqual([...Array(stored).keys()]);
      await mount.remount('size=16m');
      expect(await again.store.putPieces(share.infoHash, share.pieces)).toEqual(STORED);
      await isWhole(again, share);
    },
  );

  test('that has become read-only says so, is read, and goes on when it can be written again', async () => {
    const mount = await mounted((why) => test.skip(why), 16);
    const told: DiskNotice[] = [];
    const disk = await opened(mount.folder, await newFolder(), told);
    await disk.store.putShare(share.record);
    await disk.store.putPieces(share.infoHash, share.pieces.slice(0, 3));
    await disk.sync();
    await disk.close();
    await mount.remount('ro');
    const again = await opened(mount.folder, await newFolder(), told);
    await again.store.putShare(share.record);
    expect(await again.store.putPieces(share.infoHash, share.pieces.slice(3))).toEqual(FAILED);
    expect(told.at(-1)).toMatchObject({ kind: 'not-writable', code: 'EROFS' });
    await mount.remount('rw');
    expect(await again.store.putPieces(share.infoHash, share.pieces)).toEqual(STORED);
    await isWhole(again, share);
  });

  test('whose state folder cannot be written, or is none, is refused with a sentence', async () => {
    const file = join(await newFolder(), 'a file');
    await writeFile(file, '');
    const refused = openDisk({ targetFolder: await newFolder(), stateFolder: join(file, 'state') });
    await expect(refused).rejects.toThrow(DiskUnusable);
    await expect(refused).rejects.toThrow(/cannot be written \(ENOTDIR\)/);
  });

  test('on which a path is too long has the file under a plain name', async () => {
    const parent = await newFolder();
    // The target folder fits into a path, the share's deepest file does not any more.
    const target = join(parent, ...Array.from({ length: 13 }, () => 'd'.repeat(250)));
    const deep = Array.from({ length: 4 }, (_, depth) => `${depth}${'e'.repeat(240)}`).join('/');
    const long = makeShare(
      [
        { path: `Share/${deep}/ö*.bin`, bytes: someBytes(50_000) },
        { path: 'Share/b', bytes: someBytes(10) },
      ],
      { name: 'Share' },
    );
    await mkdir(target, { recursive: true });
    const told: DiskNotice[] = [];
    const disk = await opened(target, join(parent, 'state'), told);
    await disk.store.putShare(long.record);
    expect(await disk.store.putPieces(long.infoHash, long.pieces)).toEqual(STORED);
    await isWhole(disk, long);
    expect(disk.outcomeOf(long.infoHash)?.files[0]?.at).toBe(join(target, 'Share', '__ [1].bin'));
    expect(told.map(({ kind }) => kind)).toEqual(['name-refused']);
    expect(disk.outcomeOf(long.infoHash)?.changedNames[0]?.why).toBe('refused');
  });

  test('with a target folder that is gone says so, and makes it again', async () => {
    const parent = await newFolder();
    const disk = await opened(join(parent, 'target'), join(parent, 'state'));
    await disk.store.putShare(share.record);
    await disk.store.putPieces(share.infoHash, share.pieces);
    await isWhole(disk, share);
  });
});

describe('[HL34] open files', () => {
  test('10,000 small files are received in any order, with few of them open, and found again', async () => {
    const files = Array.from({ length: 10_000 }, (_, nth) => ({
      path: `Many/${nth % 100}/${nth}.txt`,
      bytes: someBytes(1 + (nth % 50), nth),
    }));
    const many = makeShare(files, { name: 'Many', pieceBytes: 4_096 });
    const folder = await newFolder();
    const disk = await opened(folder, join(folder, '.shoal'));
    await disk.store.putShare(many.record);
    const mixed = shuffled(many.pieces, seededRandom(3));
    for (let at = 0; at < mixed.length; at += 16) {
      await disk.store.putPieces(many.infoHash, mixed.slice(at, at + 16));
    }
    expect((await readdir(join(folder, 'Many/42'))).filter((name) => name.endsWith('.part'))).toEqual([]);
    await disk.close();
    const again = await opened(folder, join(folder, '.shoal'));
    expect(await again.store.ownedPieces(many.infoHash)).toHaveLength(many.pieces.length);
    await isWhole(again, many);
  });

  test('are closed when others are needed, the one that was used last at the end', async () => {
    const folder = await newFolder();
    const descriptors = new Descriptors(2);
    let opens = 0;
    const using = async (name: string): Promise<void> => {
      const made = (): Promise<FileHandle> => {
        opens += 1;
        return open(join(folder, name), constants.O_RDWR | constants.O_CREAT);
      };
      await descriptors.using(name, made, (file) => file.write('a'));
    };
    for (const name of ['a', 'b', 'a', 'c', 'a']) await using(name);
    expect([opens, descriptors.count]).toEqual([3, 2]);
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(using));
    expect(descriptors.count).toBeLessThanOrEqual(2);
    await descriptors.closeAll();
    expect(descriptors.count).toBe(0);
  });

  test('where the system has no more are waited for', async () => {
    const folder = await newFolder();
    const descriptors = new Descriptors(10);
    const make = (name: string): Promise<FileHandle> => open(join(folder, name), 'w');
    await descriptors.using(
      'idle',
      () => make('idle'),
      async () => undefined,
    );
    let refusals = 0;
    const crowded = async (): Promise<FileHandle> => {
      await Promise.resolve();
      if (descriptors.count > 1) {
        refusals += 1;
        throw Object.assign(new Error('too many'), { code: 'EMFILE' });
      }
      return make('a');
    };
    expect(await descriptors.using('a', crowded, async () => 'opened')).toBe('opened');
    expect(refusals).toBe(1);
    await descriptors.closeAll();
    const alone = descriptors.using(
      'b',
      () => Promise.reject(Object.assign(new Error(), { code: 'EMFILE' })),
      async () => 1,
    );
    await expect(alone).rejects.toMatchObject({ code: 'EMFILE' });
    expect(descriptors.count).toBe(0);
  });
});

describe('[HL39] what a person hears', () => {
  test('is a sentence that says what happened and what comes next', () => {
    const [path, aside] = ['/d/a\u202etxt', '/d/b'];
    const all: DiskNotice[] = [
      { kind: 'no-room', path },
      ...['EROFS', 'EACCES', 'EFBIG', 'EIO', 'ENOENT', 'EMFILE', 'EXX', ''].map((code) => ({
        kind: 'not-writable' as const,
        path,
        code,
      })),
      { kind: 'unsafe-path', path },
      { kind: 'name-taken', path, instead: aside },
      { kind: 'name-refused', path, instead: aside },
      { kind: 'file-gone', path },
      { kind: 'file-changed', path },
      { kind: 'state-damaged', path, aside },
      ...(['in-place', 'linked', 'copied'] as const).map((how) => ({
        kind: 'found-here' as const,
        path,
        from: aside,
        how,
      })),
      ...(['in-place', 'linked', 'copied'] as const).map((how) => ({
        ...{ kind: 'many-found-here' as const, path, files: 1_200, how },
      })),
    ];
    const sentences = all.map(noticeSentence);
    expect(new Set(sentences).size).toBe(all.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[^\u202e]*\.$/u);
  });

  test('comes once, until something could be written again', () => {
    const told: DiskNotice[] = [];
    const notices = new Notices((notice) => told.push(notice));
    const full = { kind: 'no-room', path: 'a' } as const;
    const gone = { kind: 'file-gone', path: 'a' } as const;
    for (const notice of [full, full, gone, gone]) notices.tell(notice);
    expect(told).toEqual([full, gone]);
    notices.wroteSomething();
    for (const notice of [full, gone]) notices.tell(notice);
    expect(told).toEqual([full, gone, full]);
  });
});

test.each([1, 2, 3, 4])(
  '[HL36] a share that is removed while the disk is told to keep it is nobody’s trouble (%i)',
  async (turns) => {
    const [folder, told] = [await newFolder(), [] as DiskNotice[]];
    const disk = await opened(folder, join(folder, '.shoal'), told);
    const share = makeShare([{ path: 'film.mkv', bytes: someBytes(2_000_000) }], { pieceBytes: 50_000 });
    // Without its record each piece lies in a file of its own.
    await disk.store.putPieces(share.infoHash, share.pieces);
    const synced = disk.sync();
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    await disk.store.removeShare(share.infoHash);
    await synced;
    expect(told).toEqual([]);
    expect(await readdir(join(folder, '.shoal/contents'))).toEqual([]);
  },
);
