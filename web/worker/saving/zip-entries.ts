/**
 * [SA1] [SA8] What a share is in a zip, and what it and its files are called: the same for every way to save. Each
 * file with its date, each empty folder, no name that deceives. Knows no archive format but its dates.
 */
import type { ChosenFiles } from '../../../shared/manifest/file-pieces.ts';
import { safeSegment } from '../../../shared/manifest/paths.ts';
import type { Manifest } from '../../../shared/manifest/resource.ts';
import { savedName, savedPaths } from '../../../shared/manifest/saved-paths.ts';
import type { SaveTarget } from './save-messages.ts';

/** As client-zip takes them: without `size` it is a folder, whose name ends in a slash. */
export type ZipEntry =
  | {
      readonly kind: 'file';
      readonly file: number;
      readonly name: string;
      readonly size: number;
      readonly lastModified: Date;
    }
  | { readonly kind: 'folder'; readonly name: string; readonly lastModified: Date };

/** A zip tells local time, without a zone, in steps of two seconds. */
const FIRST_DATE = new Date(1980, 0, 1);
const LAST_DATE = new Date(2107, 11, 31, 23, 59, 58);

/**
 * The files in their order, and behind them the empty folders; of a share of which part is wanted the wanted files alone,
 * each called as in the zip of everything ([SA12]).
 */
export function zipEntries(manifest: Manifest, chosen: ChosenFiles = null): ZipEntry[] {
  const saved = savedPaths(manifest);
  const created = Date.parse(manifest.creationDate);
  const files = manifest.files.map(({ size, modified }, file) => ({
    kind: 'file' as const,
    file,
    name: saved.files[file]?.join('/') ?? '',
    size,
    lastModified: zipDate(modified ?? created),
  }));
  if (chosen !== null) return chosen.flatMap((file) => files[file] ?? []);
  const folders = saved.folders.map((path) => ({
    kind: 'folder' as const,
    name: `${path.join('/')}/`,
    lastModified: zipDate(created),
  }));
  return [...files, ...folders];
}

/** `ms` since 1970; NaN where a resource's date is one that only Python reads. */
function zipDate(ms: number): Date {
  const within = Math.min(Math.max(ms, FIRST_DATE.getTime()), LAST_DATE.getTime());
  return Number.isNaN(within) ? FIRST_DATE : new Date(within);
}

/** The download's own name. */
export function downloadName(manifest: Manifest, file: SaveTarget['file']): string {
  if (file === 'zip') return safeSegment(`${savedName(manifest.name)}.zip`);
  return savedPaths(manifest).files[file]?.at(-1) ?? savedName(manifest.name);
}
