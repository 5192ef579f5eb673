/**
 * Finds the resource files in a folder and in those below it ([HL15]), and what `get` remembers there of its downloads.
 * What else is hidden is passed over. Reads no file.
 */
import { readdir, stat } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { dirname, join } from 'node:path';
import { DAEMON_STATE, REMEMBERED_MANIFEST, STATE_FOLDER } from './state-folders.ts';
import { isMissing } from './system.ts';

export interface FoundResource {
  readonly path: string;
  /** Where its content lies. */
  readonly folder: string;
  /** Of a download: nobody has put a resource file there. */
  readonly isRemembered: boolean;
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
  const remembered: Place[] = [];
  let left = MOST_ENTRIES;
  const walk = async (entries: readonly Dirent[], within: string, depth: number): Promise<void> => {
    for (const entry of [...entries].sort(byName)) {
      if (--left < 0 || paths.length + remembered.length >= MOST_RESOURCES) return;
      const path = join(within, entry.name);
      if (entry.name === STATE_FOLDER && entry.isDirectory())
        remembered.push(...(await downloadsIn(path, within)));
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory() && depth < MOST_DEEP) await walk(await entriesOf(path), path, depth + 1);
      else if (/\.torrentinno$/i.test(entry.name) && !entry.isDirectory()) paths.push(path);
    }
  };
  await walk(await readdir(folder, { withFileTypes: true }), folder, 0);
  const placed = paths.map((path) => ({ path, folder: dirname(path), isRemembered: false }));
  // Those last: where somebody has put the resource file there as well, that one counts.
  const found = await Promise.all([...placed, ...remembered].map(described));
  return found.filter((resource) => resource !== null);
}

type Place = Omit<FoundResource, 'signature'>;

/** A folder for each run of `get`, in it one for each share. */
async function downloadsIn(state: string, folder: string): Promise<Place[]> {
  const found: Place[] = [];
  for (const download of await entriesOf(state)) {
    if (!download.isDirectory() || download.name === DAEMON_STATE) continue;
    for (const share of await entriesOf(join(state, download.name))) {
      if (!share.isDirectory()) continue;
      const path = join(state, download.name, share.name, REMEMBERED_MANIFEST);
      found.push({ path, folder, isRemembered: true });
    }
  }
  return found;
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

async function described(place: Place): Promise<FoundResource | null> {
  try {
    const found = await stat(place.path);
    // Opening a pipe waits for whoever writes into it.
    return found.isFile() ? { ...place, signature: `${found.size} ${found.mtimeMs} ${found.ino}` } : null;
  } catch (error) {
    if (isMissing(error)) return null;
    return { ...place, signature: 'unreadable' };
  }
}
