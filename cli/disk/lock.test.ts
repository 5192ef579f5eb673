/** [HL43] Who has a state folder. */
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { takeLock } from './lock.ts';
import type { Holder } from './lock.ts';
import { DiskUnusable, openDisk } from './open-disk.ts';
import { tempFolders } from './testing/temp-folder.ts';

const newFolder = tempFolders();

async function lockedBy(holder: Partial<Holder>): Promise<string> {
  const folder = await newFolder();
  const all = { pid: process.pid, host: hostname(), began: null, id: 'an-id', ...holder };
  await writeFile(join(folder, 'lock'), JSON.stringify(all));
  return folder;
}

/** Of a process that has ended. */
function endedPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

describe('[HL43] a state folder', () => {
  test('is one process’s until that lets it go', async () => {
    const folder = await newFolder();
    const first = await takeLock(folder);
    expect(await takeLock(folder)).toEqual({ kind: 'in-use', pid: process.pid, host: hostname() });
    if (first.kind === 'held') await first.lock.release();
    const second = await takeLock(folder);
    expect(second.kind).toBe('held');
    if (second.kind === 'held') await second.lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  test('of a process that was killed is taken over', async () => {
    const folder = await lockedBy({ pid: endedPid() });
    expect((await takeLock(folder)).kind).toBe('held');
    expect(JSON.parse(await readFile(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
  });

  test('of a process whose number somebody else has by now is taken over', async () => {
    for (const pid of [process.pid, process.ppid]) {
      expect((await takeLock(await lockedBy({ pid, began: '1' }))).kind).toBe('held');
    }
  });

  test('of a process that lives is not', async () => {
    expect(await takeLock(await lockedBy({ pid: process.ppid }))).toMatchObject({ kind: 'in-use' });
  });

  test('of another machine is taken over when that has given no sign of life for a while', async () => {
    const folder = await lockedBy({ pid: endedPid(), host: 'elsewhere' });
    expect(await takeLock(folder)).toMatchObject({ kind: 'in-use', host: 'elsewhere' });
    await utimes(join(folder, 'lock'), 1_000, 1_000);
    expect((await takeLock(folder)).kind).toBe('held');
  });

  test('of nobody that can be read is taken over, but for a moment', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'lock'), '');
    expect((await takeLock(folder)).kind).toBe('in-use');
    await utimes(join(folder, 'lock'), 1_000, 1_000);
    expect((await takeLock(folder)).kind).toBe('held');
  });

  test('is had by one alone of many who ask at once', async () => {
    for (let round = 0; round < 20; round++) {
      const folder = await lockedBy({ pid: endedPid() });
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => takeLock(folder)));
      expect(outcomes.filter(({ kind }) => kind === 'held')).toHaveLength(1);
      expect(await readdir(folder)).toEqual(['lock']);
    }
  });

  test('is taken over also where somebody was ended in the middle of that', async () => {
    const folder = await lockedBy({ pid: endedPid() });
    const { id } = JSON.parse(await readFile(join(folder, 'lock'), 'utf8')) as { id: string };
    const claim = join(folder, `lock.after.${createHash('sha256').update(id).digest('hex')}`);
    await writeFile(claim, '{}');
    expect((await takeLock(folder)).kind).toBe('in-use');
    await utimes(claim, 1_000, 1_000);
    expect((await takeLock(folder)).kind).toBe('held');
  });

  test.skipIf(!existsSync('/proc/self'))('[HL17] that cannot be made is refused at once', async () => {
    await expect(takeLock('/proc/shoal/x')).rejects.toThrow(/ENOENT/);
  });

  test('that is in use is refused with a sentence', async () => {
    const folder = await newFolder();
    const options = { stateFolder: join(folder, 'state'), targetFolder: folder };
    const disk = await openDisk(options);
    await expect(openDisk(options)).rejects.toThrow(DiskUnusable);
    await expect(openDisk(options)).rejects.toThrow(/in use by process \d+ on .*\. End that first/);
    await disk.close();
    await (await openDisk(options)).close();
  });
});
