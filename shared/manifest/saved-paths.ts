/**
 * What files, folders and the share are called where they are saved ([MF9]): as in the manifest, without what
 * deceives, safe and distinct. A name that has nothing of the kind is kept exactly. Knows no disk and no archive.
 */
import { plainName } from './display.ts';
import { distinctPaths } from './path-tree.ts';
import type { PathList } from './path-tree.ts';
import { safeSegment } from './paths.ts';
import type { Manifest } from './manifest.ts';

/** A path for every file of the manifest, in its order, and for every folder in which nothing lies. */
export function savedPaths({ files, folders }: Pick<Manifest, 'files' | 'folders'>): PathList<string[]> {
  return distinctPaths({ files: files.map(({ path }) => path), folders }, savedName);
}

/** [MF10] Of the resource file of a share that is called so. */
export function resourceFileName(name: string): string {
  return safeSegment(`${savedName(name)}.torrentinno`);
}

export function savedName(name: string): string {
  return safeSegment(plainName(name));
}
