/** Bytes into and out of open files, and whole files to another name, never over one that is there. Knows no shares. */
import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { copyFile, link, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { isTaken } from './free-path.ts';
import type { WholeFacts } from './share-state.ts';
import { isNoLink } from './trouble.ts';

export async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    // A disk that is nearly full takes a part, and refuses the next one.
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}

/** Below this the system's allocator does as well. */
const PAGES_FROM_BYTES = 131_072;

/**
 * Room for a piece ([HL64]). Node takes memory for a buffer that can be resized straight from the system and gives it back
 * there; others come from an allocator that keeps what lies between smaller ones, which was as much again as was in use.
 * Not for WebCrypto, which refuses them.
 */
export function pageBytes(count: number): Uint8Array<ArrayBuffer> {
  if (count < PAGES_FROM_BYTES) return new Uint8Array(count);
  return new Uint8Array(new ArrayBuffer(count, { maxByteLength: count }), 0, count);
}

/** False: the file ends before. */
export async function readAll(file: FileHandle, into: Uint8Array, at: number): Promise<boolean> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, at + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}

/** Another name for the file. Rejects with EEXIST where there is anything of that name. */
export async function movedNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!isNoLink(error)) throw error;
    // No hard links here: a file of our own keeps the place until it is taken.
    await (await open(to, 'wx')).close();
    return rename(from, to).catch(async (fault: unknown) => {
      await rm(to, { force: true });
      throw fault;
    });
  }
  await rm(from);
}

/** A copy that takes no room where the file system can do that. False: there is something of that name. */
export async function copiedNew(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    // Half a copy is nothing to go on with.
    await rm(to, { force: true });
    throw error;
  }
}

export function factsOf({ size, mtimeNs }: BigIntStats): WholeFacts {
  return { size: Number(size), modified: `${mtimeNs}` };
}

export function isAsNoted(stats: BigIntStats, { size, modified }: WholeFacts): boolean {
  return stats.isFile() && Number(stats.size) === size && `${stats.mtimeNs}` === modified;
}
