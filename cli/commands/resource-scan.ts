/** Finds the resource files in a folder and in those below it ([HL15]). Hidden ones are passed over. Reads no file. */
import { readdir, stat } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { isMissing } from './system.ts';

export interface FoundResource {
  readonly path: string;
  /** Another one: it was written anew. */
  readonly signature: string;
}

const MOST_DEEP = 8;
/** What a daemon looks after, and how many entries it looks at to find that. */
export const MOST_RESOURCES = 10_000;
const MOST_ENTRIES = 500_000;

/** Rejects where the folder itself cannot be read; of what cannot be read below it nothing is found. */
export async function foundResources(folder: string): Promise<FoundResource[]> {
  const paths: string[] = [];
  let left = MOST_ENTRIES;
  const walk = async (entries: readonly Dirent[], within: string, depth: number): Promise<void> => {
    for (const entry of [...entries].sort(byName)) {
      if (--left < 0 || paths.length >= MOST_RESOURCES) return;
      if (entry.name.startsWith('.')) continue;
      const path = join(within, entry.name);
      if (entry.isDirectory() && depth < MOST_DEEP) await walk(await entriesOf(path), path, depth + 1);
      else if (/\.torrentinno$/i.test(entry.name) && !entry.isDirectory()) paths.push(path);
    }
  };
  await walk(await readdir(folder, { withFileTypes: true }), folder, 0);
  const found = await Promise.all(paths.map(described));
  return found.filter((resource) => resource !== null);
}

function byName(one: Dirent, other: Dirent): number {
  return one.name < other.name ? -1 : Number(one.name > other.name);
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    // Gone meanwhile, or not ours to read: what lies in it is not looked after.
    return [];
  }
}

async function described(path: string): Promise<FoundResource | null> {
  try {
    const found = await stat(path);
    // Opening a pipe waits for whoever writes into it.
    return found.isFile() ? { path, signature: `${found.size} ${found.mtimeMs} ${found.ino}` } : null;
  } catch (error) {
    if (isMissing(error)) return null;
    return { path, signature: 'unreadable' };
  }
}
