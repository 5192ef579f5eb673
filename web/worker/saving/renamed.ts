/**
 * [SA15] What is saved under another name than it has in its share, and [UI30] shared under another name than it has on
 * the person's disk. Pure; each name that had to change is told once.
 */
import type { ChosenFiles } from '../../../shared/manifest/file-pieces.ts';
import type { Manifest } from '../../../shared/manifest/resource.ts';
import { distinctPaths } from '../../../shared/manifest/path-tree.ts';
import type { PathList } from '../../../shared/manifest/path-tree.ts';
import { savedPaths } from '../../../shared/manifest/saved-paths.ts';

/** Paths whose last names differ: a file's, or a folder's with all that lies in it; or a file's that lay too deep. */
export interface Renamed {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** Of all that is saved of a share; `chosen`: those files alone, and no empty folders. */
export function renamedIn(
  manifest: Pick<Manifest, 'files' | 'folders'>,
  chosen: ChosenFiles = null,
): Renamed[] {
  const saved = savedPaths(manifest);
  const found = new Map<string, Renamed>();
  const files = chosen ?? manifest.files.keys();
  for (const file of files) note(found, manifest.files[file]?.path ?? [], saved.files[file] ?? []);
  // One that meets another folder is left out, and then it is not known which of them is which.
  const isEachHere = chosen === null && saved.folders.length === manifest.folders.length;
  if (isEachHere)
    for (const [nth, path] of manifest.folders.entries()) note(found, path, saved.folders[nth] ?? []);
  return [...found.values()];
}

/** [UI30] Of what was chosen, with its paths as the person's system has them. */
export function renamedWhenShared(chosen: PathList): Renamed[] {
  const shared = distinctPaths(chosen);
  const found = new Map<string, Renamed>();
  for (const [nth, path] of chosen.files.entries()) note(found, path, shared.files[nth] ?? []);
  // As above.
  const isEachHere = shared.folders.length === chosen.folders.length;
  if (isEachHere)
    for (const [nth, path] of chosen.folders.entries()) note(found, path, shared.folders[nth] ?? []);
  return [...found.values()];
}

function note(found: Map<string, Renamed>, from: readonly string[], to: readonly string[]): void {
  // Of one that lay too deep folders are left out.
  if (from.length !== to.length) return void found.set(from.join('/'), { from, to });
  for (const [depth, name] of from.entries()) {
    if (name === to[depth]) continue;
    const above = from.slice(0, depth + 1);
    found.set(above.join('/'), { from: above, to: to.slice(0, depth + 1) });
  }
}

/** Of one file that is saved by itself. */
export function renamedAlone({ files }: Pick<Manifest, 'files'>, file: number, name: string): Renamed[] {
  const own = files[file]?.path.at(-1) ?? name;
  return own === name ? [] : [{ from: [own], to: [name] }];
}
