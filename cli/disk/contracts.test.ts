/** The ports of storage keep what every implementation of them keeps, over real files. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { activityRules } from '../../shared/peer/contracts/activity-store.ts';
import { filesRules } from '../../shared/peer/contracts/files.ts';
import { libraryRules } from '../../shared/peer/contracts/library-store.ts';
import { pieceStoreRules } from '../../shared/peer/contracts/piece-store.ts';
import { marksRules } from '../../shared/peer/contracts/session-marks.ts';
import { settingsRules } from '../../shared/peer/contracts/settings-store.ts';
import { ONE } from '../../shared/peer/contracts/filled-piece.ts';
import type { PieceStore } from '../../shared/peer/piece-store.ts';
import type { FileContent } from '../../shared/peer/ports.ts';
import { Descriptors } from './descriptors.ts';
import { DiskActivity } from './disk-activity.ts';
import { contentAt, diskFiles } from './disk-content.ts';
import { DiskLibrary } from './disk-library.ts';
import { DiskMarks } from './disk-marks.ts';
import { DiskSettings } from './disk-settings.ts';
import { Notices } from './notices.ts';
import type { DiskNotice } from './notices.ts';
import { openDisk } from './open-disk.ts';
import type { OpenedDisk } from './open-disk.ts';
import { tempFolders } from './testing/temp-folder.ts';

const newFolder = tempFolders();
const notices = new Notices();

describe('[HL33] pieces on disk', () => {
  test.each(pieceStoreRules)('$name', async ({ check }) => {
    const folder = await newFolder();
    let disk: OpenedDisk | null = null;
    let isClosed = false;
    // A state folder is one process's, and that has it open once ([HL43]).
    await check(async (): Promise<PieceStore> => {
      if (isClosed) await disk?.close();
      if (disk === null || isClosed) {
        disk = await openDisk({ stateFolder: join(folder, '.shoal'), targetFolder: folder });
        isClosed = false;
        const { store } = disk;
        const close = store.close.bind(store);
        store.close = () => {
          isClosed = true;
          close();
        };
      }
      return disk.store;
    });
    await (disk as OpenedDisk | null)?.close();
  });
});

describe('[HL36] what is kept beside them', () => {
  test.each(libraryRules)('$name', async ({ check }) => {
    const path = join(await newFolder(), 'library.json');
    await check(() => DiskLibrary.open(path, notices));
  });

  test.each(marksRules)('$name', async ({ check }) => {
    const path = join(await newFolder(), 'session.json');
    await check(async () => new DiskMarks(path, notices));
  });

  test.each(settingsRules)('$name', async ({ check }) => {
    const path = join(await newFolder(), 'settings.json');
    await check(async () => new DiskSettings(path, notices));
  });

  test.each(activityRules)('[HL42] $name', async ({ check }) => {
    const path = join(await newFolder(), 'activity.jsonl');
    await check(() => DiskActivity.open(path, notices));
  });

  test('[HL36] a damaged file is put aside and said, and the next write makes a new one', async () => {
    const told: DiskNotice[] = [];
    const path = join(await newFolder(), 'library.json');
    await writeFile(path, '{"version":1,"entr');
    const library = await DiskLibrary.open(path, new Notices((notice) => told.push(notice)));
    expect(await library.entries()).toEqual([]);
    expect(told).toEqual([{ kind: 'state-damaged', path, aside: `${path}.damaged` }]);
    expect(await readFile(`${path}.damaged`, 'utf8')).toBe('{"version":1,"entr');
    await library.remove(ONE);
  });

  test('[HL36] an entry that makes no sense costs nobody the others', async () => {
    const path = join(await newFolder(), 'library.json');
    const good = {
      infoHash: ONE,
      role: 'receiving',
      intent: 'paused',
      name: 'a',
      totalBytes: 1,
      fileCount: 1,
      addedAt: 1,
      finishedAt: null,
      savedAt: null,
    };
    await writeFile(
      path,
      JSON.stringify({ version: 1, entries: [{ ...good, infoHash: '../x' }, good, null] }),
    );
    expect(await (await DiskLibrary.open(path, notices)).entries()).toEqual([good]);
  });

  test('[HL42] a line that was cut off says nothing, and what is added behind it counts', async () => {
    const path = join(await newFolder(), 'activity.jsonl');
    const row = {
      at: 1,
      direction: 'up',
      peer: 'a',
      infoHash: ONE,
      name: 'a',
      piece: 1,
      bytes: 5,
      isRight: true,
    } as const;
    const first = await DiskActivity.open(path, notices);
    await first.write({ transfers: [row], history: [], traffic: [] });
    await writeFile(path, `${await readFile(path, 'utf8')}{"batch":{"tra`);
    const second = await DiskActivity.open(path, notices);
    await second.write({ transfers: [{ ...row, piece: 2 }], history: [], traffic: [] });
    const third = await DiskActivity.open(path, notices);
    expect((await third.transfers({ limit: 9 })).map(({ piece }) => piece)).toEqual([2, 1]);
  });
});

describe('[HL40] a person’s files on disk', () => {
  test.each(filesRules)('$name', async ({ check }) => {
    const folder = await newFolder();
    const { writeFileSync, statSync } = await import('node:fs');
    const { DiskContent } = await import('./disk-content.ts');
    const descriptors = new Descriptors(4);
    let count = 0;
    const contentOf = (bytes: Uint8Array): FileContent => {
      const path = join(folder, `${count++}`);
      writeFileSync(path, bytes);
      return new DiskContent(path, statSync(path, { bigint: true }), descriptors);
    };
    await check({ files: diskFiles, contentOf });
    await descriptors.closeAll();
    expect(descriptors.count).toBe(0);
    expect(await contentAt(folder, descriptors)).toBeNull();
  });
});
