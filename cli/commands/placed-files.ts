/**
 * Where the files of a share lie below a path that a person named ([HL11]): in it, in the folder all of them have in
 * common, or it is the file itself; under the names of the manifest or those that they are saved by. Reads no file.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { savedPaths } from '../../shared/manifest/saved-paths.ts';
import { isMissing, stateOfPath } from './system.ts';

export interface PlacedFile {
  readonly path: string;
  /** Null: there is none, or none that can be read. */
  readonly size: number | null;
  /** ms since 1970; 0 where there is none. */
  readonly modified: number;
}

/** So many files say which way it is. */
const LOOKED_AT = 32;

/** In the manifest's order. */
export async function placedFiles(manifest: Manifest, path: string): Promise<PlacedFile[]> {
  const [best = []] = await ranked(waysFor(manifest, path, (await stateOfPath(path)) === 'file'));
  return Promise.all(best.map(placed));
}

type Way = readonly string[];

function waysFor(manifest: Manifest, path: string, isFile: boolean): Way[] {
  const saved = savedPaths(manifest).files;
  const named = manifest.files.map((file) => file.path);
  if (isFile && named.length === 1) return [[path]];
  return [saved, named].flatMap((paths) => {
    const below = paths.map((parts) => join(path, ...parts));
    const top = paths[0]?.[0];
    const isOneFolder = paths.every((parts) => parts.length > 1 && parts[0] === top);
    return isOneFolder ? [below, paths.map((parts) => join(path, ...parts.slice(1)))] : [below];
  });
}

/** The way first on which most files are; of equal ones the earlier. */
async function ranked(ways: readonly Way[]): Promise<Way[]> {
  const counted = await Promise.all(
    ways.map(async (way) => {
      const states = await Promise.all(way.slice(0, LOOKED_AT).map(stateOfPath));
      return { way, here: states.filter((state) => state === 'file').length };
    }),
  );
  return counted.sort((one, other) => other.here - one.here).map(({ way }) => way);
}

async function placed(path: string): Promise<PlacedFile> {
  try {
    const found = await stat(path);
    return found.isFile()
      ? { path, size: found.size, modified: found.mtimeMs }
      : { path, size: null, modified: 0 };
  } catch (error) {
    if (isMissing(error)) return { path, size: null, modified: 0 };
    throw error;
  }
}
