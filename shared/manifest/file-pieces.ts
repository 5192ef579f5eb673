/**
 * Which pieces some files of a share lie in, and how many bytes of each file are stored ([PK4], [GM1]). Pieces run
 * over the files one behind the other: one piece may hold several files, and a file without bytes lies in none. Each
 * answer is one walk over files and pieces. Knows no state of its own.
 */
import { assert } from '../assert.ts';
import { Bitfield } from '../bitfield.ts';

/** Files of a share, by their indexes in the manifest's list, ascending, each once, one at least; null: all. */
export type ChosenFiles = readonly number[] | null;

interface Layout {
  readonly pieces: readonly { readonly size: number }[];
  readonly files: readonly { readonly size: number }[];
}

/** All pieces that hold a byte of any of these files, which are indexes in the manifest's list, ascending. */
export function piecesOf({ pieces, files }: Layout, chosen: readonly number[]): Bitfield {
  const found = Bitfield.empty(pieces.length);
  let [piece, pieceStart] = [0, 0];
  let [file, fileStart] = [0, 0];
  for (const next of chosen) {
    assert(next >= file && next < files.length, 'files of this share, ascending');
    for (; file < next; file++) fileStart += files[file]?.size ?? 0;
    const fileEnd = fileStart + (files[file]?.size ?? 0);
    // A file without bytes would else be found in the piece around it.
    if (fileEnd === fileStart) continue;
    while (pieceStart + (pieces[piece]?.size ?? Infinity) <= fileStart) {
      pieceStart += pieces[piece]?.size ?? 0;
      piece++;
    }
    // The last one stays where it is: the next file may begin in it.
    let [at, atStart] = [piece, pieceStart];
    while (at < pieces.length && atStart < fileEnd) {
      found.add(at);
      [piece, pieceStart] = [at, atStart];
      atStart += pieces[at]?.size ?? 0;
      at++;
    }
  }
  return found;
}

/** The files that have a byte in this piece, by their indexes, ascending. */
export function filesOf({ pieces, files }: Layout, piece: number): number[] {
  assert(piece >= 0 && piece < pieces.length, 'a piece of this share');
  let from = 0;
  for (let before = 0; before < piece; before++) from += pieces[before]?.size ?? 0;
  const to = from + (pieces[piece]?.size ?? 0);
  const found: number[] = [];
  let fileStart = 0;
  for (const [file, { size }] of files.entries()) {
    const fileEnd = fileStart + size;
    if (fileEnd > from && fileStart < to && size > 0) found.push(file);
    if (fileEnd >= to) break;
    fileStart = fileEnd;
  }
  return found;
}

/** Of each file the bytes that lie in pieces of which `isStored` is true. */
export function storedBytesOf(
  { pieces, files }: Layout,
  isStored: (piece: number) => boolean,
): Float64Array<ArrayBuffer> {
  const stored = new Float64Array(files.length);
  let [piece, pieceStart, fileStart] = [0, 0, 0];
  files.forEach(({ size }, file) => {
    const fileEnd = fileStart + size;
    let bytes = 0;
    while (fileStart < fileEnd && piece < pieces.length) {
      const pieceEnd = pieceStart + (pieces[piece]?.size ?? 0);
      if (pieceEnd > fileStart && isStored(piece))
        bytes += Math.min(pieceEnd, fileEnd) - Math.max(pieceStart, fileStart);
      if (pieceEnd > fileEnd) break;
      pieceStart = pieceEnd;
      piece++;
    }
    stored[file] = bytes;
    fileStart = fileEnd;
  });
  return stored;
}
