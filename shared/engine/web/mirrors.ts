/**
 * Where the bytes of a share can be had by address ([WS1]): the manifest's `urls` sorted into mirrors, and which bytes
 * of which files a block is made of. Pieces run over the files one behind the other, so a block may lie in several. Pure.
 */
import { assert } from '../../assert.ts';
import { Bitfield } from '../../bitfield.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import type { BlockRange } from '../../protocol/frames.ts';

/** At most one address for each file: the first of each, the second, and so on. By the files' indexes. */
export type Mirror = ReadonlyMap<number, string>;

/** Bytes of one file, from `from` on, that stand in a block from `at` on. */
export interface FileSpan {
  readonly file: number;
  readonly from: number;
  readonly at: number;
  readonly length: number;
}

/** A share may name ten thousand addresses of one file; each mirror is a source that is kept, counted and told of. */
const MOST_MIRRORS = 16;

/** In the manifest's order; the same address of the same file twice is one. */
export function mirrorsOf({ urls }: Pick<Manifest, 'urls'>): Mirror[] {
  const mirrors: Map<number, string>[] = [];
  /** By file. */
  const counts = new Map<number, number>();
  const seen = new Set<string>();
  for (const { url, file } of urls) {
    const nth = counts.get(file) ?? 0;
    if (nth === MOST_MIRRORS || seen.has(`${file} ${url}`)) continue;
    seen.add(`${file} ${url}`);
    counts.set(file, nth + 1);
    const mirror = mirrors[nth] ?? new Map<number, string>();
    mirrors[nth] = mirror.set(file, url);
  }
  return mirrors;
}

/** The host, and its port where it has one of its own, as an address names it. */
export function hostOf(url: string): string {
  return /^https?:\/\/([^/]+)\//.exec(url)?.[1] ?? '';
}

/** Where pieces and files of a share begin. */
export class Layout {
  readonly #pieceStarts: Float64Array;
  readonly #fileStarts: Float64Array;
  readonly #pieceCount: number;

  constructor({ pieces, files }: Pick<Manifest, 'pieces' | 'files'>) {
    this.#pieceStarts = startsOf(pieces);
    this.#fileStarts = startsOf(files);
    this.#pieceCount = pieces.length;
  }

  /** In the block's order; a file without bytes is in none. */
  spansOf({ piece, offset, length }: BlockRange): FileSpan[] {
    const begin = this.#start(this.#pieceStarts, piece) + offset;
    const end = begin + length;
    const spans: FileSpan[] = [];
    let at = begin;
    for (let file = lastNotBehind(this.#fileStarts, begin); at < end; file++) {
      const to = Math.min(end, this.#start(this.#fileStarts, file + 1));
      if (to > at)
        spans.push({
          file,
          from: at - this.#start(this.#fileStarts, file),
          at: at - begin,
          length: to - at,
        });
      at = Math.max(at, to);
    }
    return spans;
  }

  /** The pieces of which every byte lies in a file that `has` is true of. */
  piecesWithin(has: (file: number) => boolean): Bitfield {
    const within = Bitfield.empty(this.#pieceCount);
    for (let piece = 0; piece < this.#pieceCount; piece++) {
      const size = this.#start(this.#pieceStarts, piece + 1) - this.#start(this.#pieceStarts, piece);
      if (this.spansOf({ piece, offset: 0, length: size }).every(({ file }) => has(file))) within.add(piece);
    }
    return within;
  }

  #start(starts: Float64Array, index: number): number {
    const start = starts[index];
    assert(start !== undefined, 'a piece and a file of this share');
    return start;
  }
}

/** And behind the last one the end of all. */
function startsOf(parts: readonly { readonly size: number }[]): Float64Array {
  const starts = new Float64Array(parts.length + 1);
  parts.forEach(({ size }, index) => (starts[index + 1] = (starts[index] ?? 0) + size));
  return starts;
}

/** The last index whose start is not behind `place`: of several that begin there the last, which has bytes. */
function lastNotBehind(starts: Float64Array, place: number): number {
  let [low, high] = [0, starts.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? Infinity) <= place) low = middle;
    else high = middle;
  }
  return low;
}
