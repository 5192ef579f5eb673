/**
 * [HL38] What lies in some folders, by size: where content may be that need not be fetched. A list is made when it is
 * needed and holds for half a minute. Follows no links; leaves out what is unfinished and state folders.
 */
import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { nameKey } from '../../shared/manifest/path-tree.ts';
import { DEEPEST_FOLDER, LIST_LIFE_MS, MOST_CANDIDATES, MOST_LOOKED_THROUGH } from './limits.ts';
import { orNull } from './trouble.ts';

export class LocalFiles {
  readonly #folders: readonly string[];
  /** State folders and others that hold no content. */
  readonly #leftOut: ReadonlySet<string>;
  #list: Promise<ReadonlyMap<number, readonly string[]>> | null = null;
  #listedAt = -Infinity;

  constructor(folders: readonly string[], leftOut: readonly string[]) {
    this.#folders = folders;
    this.#leftOut = new Set(leftOut);
  }

  /** Files of this size, those of this name first; some of them where there are very many. */
  async find(size: number, name: string): Promise<string[]> {
    if (size === 0 || this.#folders.length === 0) return [];
    const found = (await this.#current()).get(size) ?? [];
    const isNamesake = (path: string): boolean => nameKey(basename(path)) === nameKey(name);
    return [...found.filter(isNamesake), ...found.filter((path) => !isNamesake(path))].slice(
      0,
      MOST_CANDIDATES,
    );
  }

  /** What lies there may be something else now. */
  forget(): void {
    this.#list = null;
  }

  #current(): Promise<ReadonlyMap<number, readonly string[]>> {
    const now = performance.now();
    if (this.#list === null || now - this.#listedAt > LIST_LIFE_MS) {
      this.#listedAt = now;
      this.#list = this.#listed();
    }
    return this.#list;
  }

  async #listed(): Promise<ReadonlyMap<number, readonly string[]>> {
    const bySize = new Map<number, string[]>();
    let left = MOST_LOOKED_THROUGH;
    const walk = async (folder: string, depth: number): Promise<void> => {
      if (depth > DEEPEST_FOLDER || this.#leftOut.has(folder)) return;
      for (const entry of await entriesOf(folder)) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) await walk(path, depth + 1);
        else if (entry.isFile() && !entry.name.endsWith('.part') && left-- > 0) await note(bySize, path);
      }
    };
    for (const folder of this.#folders) await walk(folder, 0);
    return bySize;
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  return (await orNull(readdir(folder, { withFileTypes: true }))) ?? [];
}

async function note(bySize: Map<number, string[]>, path: string): Promise<void> {
  const size = (await orNull(lstat(path)))?.size ?? 0;
  const known = bySize.get(size);
  if (known === undefined) bySize.set(size, [path]);
  else known.push(path);
}
