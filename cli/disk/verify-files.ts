/**
 * [HL38] Whether files on disk are those of a share: of each piece and each file. For `verify`, and for finding the content
 * of a resource file. Reads only.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bitfield } from '../../shared/bitfield.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { Descriptors } from './descriptors.ts';
import { contentAt } from './disk-content.ts';
import { Layout } from './layout.ts';
import { rightPieces } from './right-pieces.ts';
import type { OnVerifyProgress } from './right-pieces.ts';
import type { Below } from './target-folder.ts';
import { orNull } from './trouble.ts';

/**
 * `unproved`: it is there in its size, but a piece that it shares with others is not right, which may be theirs.
 * `wrong`: it has another size, or a piece that lies in it alone is not right.
 */
export type FileVerdict = 'right' | 'wrong' | 'missing' | 'unproved';

export interface Verified {
  readonly kind: 'verified';
  readonly pieces: Bitfield;
  /** In the manifest's order. */
  readonly files: readonly FileVerdict[];
  /** Where each of them was looked for. */
  readonly paths: readonly string[];
  readonly isRight: boolean;
}

/** `path`: the file, the share's folder, or the folder in which one of these lies. */
export async function verifyFiles(
  manifest: Manifest,
  path: string,
  onProgress: OnVerifyProgress = () => undefined,
): Promise<Verified | { kind: 'nothing-there' }> {
  const layout = new Layout(manifest);
  const paths = await pathsIn(layout, path);
  if (paths === null) return { kind: 'nothing-there' };
  const descriptors = new Descriptors();
  const contents = [];
  for (const one of paths) contents.push(await contentAt(one, descriptors));
  const pieces = await rightPieces(layout, contents, onProgress);
  await descriptors.closeAll();
  const files = contents.map((content, file) => verdict(layout, file, content?.size ?? null, pieces));
  return { kind: 'verified', pieces, files, paths, isRight: files.every((one) => one === 'right') };
}

/** Whether every file of it is there in its size: quick, and no proof. */
export async function seemsThere(manifest: Manifest, path: string): Promise<boolean> {
  const layout = new Layout(manifest);
  const paths = await pathsIn(layout, path);
  if (paths === null) return false;
  for (const [file, one] of paths.entries()) {
    const found = await orNull(stat(one));
    if (found?.isFile() !== true || found.size !== layout.fileSize(file)) return false;
  }
  return true;
}

function verdict(layout: Layout, file: number, size: number | null, right: Bitfield): FileVerdict {
  if (size === null) return 'missing';
  if (size !== layout.fileSize(file)) return 'wrong';
  const { from, to } = layout.piecesOf(file);
  let verdict: FileVerdict = 'right';
  for (let piece = from; piece < to; piece++) {
    if (right.has(piece)) continue;
    if (layout.segmentsOf(piece).length === 1) return 'wrong';
    verdict = 'unproved';
  }
  return verdict;
}

/** Of the places that may be meant the one in which most of its files lie; null: none lies in any. */
async function pathsIn(layout: Layout, path: string): Promise<string[] | null> {
  let [best, most]: [string[] | null, number] = [null, 0];
  for (const paths of placesIn(layout, path)) {
    let count = 0;
    for (const one of paths) if ((await orNull(stat(one)))?.isFile() === true) count += 1;
    if (count > most) [best, most] = [paths, count];
    if (count === paths.length) break;
  }
  return best;
}

/** Under the names that they are saved by, and under those of the share. */
function* placesIn(layout: Layout, path: string): Generator<string[]> {
  const { top, files } = layout.names;
  const below = (folder: string, all: readonly Below[]): string[] => all.map((one) => join(folder, ...one));
  yield below(path, files);
  yield below(join(path, top), files);
  yield below(path, layout.paths);
  yield below(join(path, layout.name), layout.paths);
  yield layout.paths.map((one) => join(path, ...one.slice(1)));
}
