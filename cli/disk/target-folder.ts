/**
 * [HL31] One folder that is written to, and nothing outside it ever: a path is a list of names below it, each folder on
 * the way has to be a real one, and no file is opened through a symbolic link. Knows no shares.
 */
import { constants } from 'node:fs';
import { lstat, mkdir, open, realpath, rmdir } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../shared/assert.ts';
import { isMissing, UnsafePath } from './trouble.ts';

/** Names of folders and the last one, outermost first; below a folder that is known. */
export type Below = readonly string[];

export function staysInside(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\]/.test(name) && !name.includes('\0');
}

// Windows has neither: there the look at each folder has to do.
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

export const READ = constants.O_RDONLY | NO_FOLLOW;
export const READ_WRITE = constants.O_RDWR | NO_FOLLOW;
/** Fails with EEXIST where there is anything of that name. */
export const MAKE = READ_WRITE | constants.O_CREAT | constants.O_EXCL;

export class TargetFolder {
  readonly #given: string;
  #root: Promise<string> | null = null;

  /** It is made when it is first needed. Itself it may be a link: whoever named it meant it. */
  constructor(path: string) {
    this.#given = path;
  }

  /** As it is shown to people. */
  shown(path: Below): string {
    return join(this.#given, ...path);
  }

  /** Rejects where the folder cannot be made. */
  root(): Promise<string> {
    if (this.#root === null) {
      const root = mkdir(this.#given, { recursive: true }).then(() => realpath(this.#given));
      this.#root = root;
      // It is tried again the next time.
      root.catch(() => (this.#root = null));
    }
    return this.#root;
  }

  async absolute(path: Below): Promise<string> {
    assert(path.every(staysInside), 'names that stay inside their folder');
    return join(await this.root(), ...path);
  }

  /** What is there, a link as itself; null: nothing. Rejects with `UnsafePath` where a folder on the way is a link. */
  async look(path: Below): Promise<BigIntStats | null> {
    if (!(await this.#hasFolders(path.slice(0, -1)))) return null;
    return lookAt(await this.absolute(path));
  }

  /** Makes the folders that are missing. */
  async makeFolder(path: Below): Promise<void> {
    if (await this.#hasFolders(path)) return;
    for (let depth = 1; depth <= path.length; depth++) {
      const folder = path.slice(0, depth);
      const absolute = await this.absolute(folder);
      try {
        await mkdir(absolute);
      } catch (error) {
        const found = await lookAt(absolute);
        if (found === null) throw error;
        if (!found.isDirectory()) throw new UnsafePath(this.shown(folder));
      }
    }
  }

  /** `flags`: one of those above. The folders are there already. */
  async open(path: Below, flags: number): Promise<FileHandle> {
    const folders = path.slice(0, -1);
    await this.#hasFolders(folders);
    const absolute = await this.absolute(path);
    const found = flags === MAKE ? null : await lookAt(absolute);
    if (found !== null && !found.isFile()) throw new UnsafePath(this.shown(path));
    const file = await open(absolute, flags);
    try {
      // Whoever put a link in the way meanwhile is found out before a byte is written.
      const [is, isThere] = [await file.stat({ bigint: true }), await this.look(path)];
      if (isThere !== null && isSameFile(is, isThere)) return file;
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    throw new UnsafePath(this.shown(path));
  }

  /** Removes the folder where nothing lies in it, and then the one around it; the first name of the path is the last to go. */
  async removeEmpty(path: Below): Promise<void> {
    for (let depth = path.length; depth > 0; depth--) {
      try {
        await rmdir(await this.absolute(path.slice(0, depth)));
      } catch {
        // Something lies in it, or it is gone already: then so may those around it stay.
        return;
      }
    }
  }

  /** False: one is missing. */
  async #hasFolders(path: Below): Promise<boolean> {
    const folders = path.map((_, depth) => path.slice(0, depth + 1));
    const found = await Promise.all(folders.map(async (folder) => lookAt(await this.absolute(folder))));
    for (const [depth, folder] of folders.entries()) {
      const is = found[depth] ?? null;
      if (is === null) return false;
      if (!is.isDirectory()) throw new UnsafePath(this.shown(folder));
    }
    return true;
  }
}

async function lookAt(absolute: string): Promise<BigIntStats | null> {
  try {
    return await lstat(absolute, { bigint: true });
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export function isSameFile(one: BigIntStats, other: BigIntStats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}
