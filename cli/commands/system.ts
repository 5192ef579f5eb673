/** What the system says about paths, in words ([HL17]): which path, what about it, what to do. */
import { randomBytes } from 'node:crypto';
import { access, constants, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { displayName } from '../../shared/manifest/display.ts';
import { madeFolder } from '../made-folder.ts';
import { notDone } from './exit.ts';
import type { Ended } from './exit.ts';

export type PathState = 'file' | 'folder' | 'other' | 'missing';

/** Whatever cannot be looked at is missing; that it may be there and is not ours is told by who opens it. */
export async function stateOfPath(path: string): Promise<PathState> {
  try {
    const found = await stat(path);
    return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
  } catch {
    return 'missing';
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
}

/** `what`: the file or folder, as it is shown. */
export function systemSentence(error: unknown, what: string): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `There is no ${what.replace(/^the /, '')}.`;
    case 'ENOTDIR':
      return `${what} cannot be used: a part of its path is a file.`;
    case 'EACCES':
    case 'EPERM':
      return `You have no right to use ${what}. Choose another place, or change its rights.`;
    case 'EROFS':
      return `Nothing can be written to ${what}: that file system is read-only. Choose another place.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `There is no more room for ${what}. Free some space on the disk, then try again.`;
    case 'EISDIR':
      return `${what} is a folder, and a file is needed.`;
    case 'EEXIST':
      return `${what} is there already.`;
    case 'ENAMETOOLONG':
      return `${what}: this name is too long for the file system.`;
    case 'EMFILE':
    case 'ENFILE':
      return `${what} could not be opened: too many files are open. Close some programs, then try again.`;
    default:
      return `${what} cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export function systemEnded(error: unknown, what: string): Ended {
  return notDone(systemSentence(error, what));
}

/** Makes it where it is missing; ends the command where nothing can be written into it. */
export async function writableFolder(folder: string): Promise<void> {
  const what = `the folder ${displayName(folder)}`;
  if ((await stateOfPath(folder)) === 'file')
    throw notDone(`${displayName(folder)} is a file, and a folder is needed.`);
  try {
    await madeFolder(folder);
  } catch (error) {
    // On a disk that is read-only it is told that the folder is missing: the one above says why.
    const above = dirname(folder);
    if (isMissing(error) && above !== folder) await writableFolder(above);
    throw systemEnded(error, what);
  }
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw systemEnded(error, what);
  }
}

/** Whole or not at all. `replace`: what is there already goes. */
export async function writeWhole(path: string, bytes: Uint8Array, replace: boolean): Promise<void> {
  const what = `the file ${displayName(path)}`;
  const state = await stateOfPath(path);
  if (state === 'folder') throw notDone(`${displayName(path)} is a folder. Name a file to write.`);
  if (state !== 'missing' && !replace) {
    throw notDone(
      `${displayName(path)} is there already. Choose another name with -o, or add --force to replace it.`,
    );
  }
  const draft = join(dirname(path), `.shoal-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(draft, bytes, { flag: 'wx' });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    if (codeOf(error) === 'ENOENT') {
      throw notDone(
        `There is no folder ${displayName(dirname(path))}. Make it first, or choose another place.`,
      );
    }
    throw systemEnded(error, what);
  }
}
