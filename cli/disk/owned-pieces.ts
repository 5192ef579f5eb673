/**
 * Which pieces of a share are here: those that lie in its files, and those with content in a file of its own. Owns both,
 * in which order they came, and of each file how many are still missing. A piece is in one of the two at most.
 */
import { Bitfield } from '../../shared/bitfield.ts';
import { MAX_PIECES } from '../../shared/limits.ts';
import type { Layout } from './layout.ts';
import { REMEMBERED_LATEST } from './limits.ts';
import type { LooseContents } from './loose-contents.ts';

export class OwnedPieces {
  readonly #contents: LooseContents;
  readonly #inPlace = Bitfield.empty(MAX_PIECES);
  readonly #loose = new Map<number, string>();
  #layout: Layout | null = null;
  /** Of each file the pieces that do not lie in it. */
  #missing = new Uint32Array();
  #latest: number[] = [];

  constructor(contents: LooseContents) {
    this.#contents = contents;
  }

  /** Before anything is in place. */
  layOut(layout: Layout): void {
    this.#layout = layout;
    this.#missing = Uint32Array.from({ length: layout.fileCount }, (_, file) => {
      const { from, to } = layout.piecesOf(file);
      return to - from;
    });
  }

  get count(): number {
    return this.#inPlace.count + this.#loose.size;
  }

  get inPlaceCount(): number {
    return this.#inPlace.count;
  }

  has(piece: number): boolean {
    return this.isInPlace(piece) || this.#loose.has(piece);
  }

  isInPlace(piece: number): boolean {
    return piece < MAX_PIECES && this.#inPlace.has(piece);
  }

  /** The content of one that is not in place; undefined: it is, or is not here. */
  looseOf(piece: number): string | undefined {
    return this.#loose.get(piece);
  }

  /** Ascending. */
  all(): number[] {
    return [...this.#inPlace.members(), ...this.#loose.keys()].sort((a, b) => a - b);
  }

  inPlace(): number[] {
    return [...this.#inPlace.members()];
  }

  loose(): (readonly [piece: number, sha256: string, bytes: number])[] {
    return [...this.#loose].map(([piece, sha256]) => [piece, sha256, this.#contents.sizeOf(sha256) ?? 0]);
  }

  bits(): Bitfield {
    return this.#inPlace.copy();
  }

  /** Those that came last, at most so many, the last one at the end. */
  latest(most: number): number[] {
    const here = [...this.#latest].reverse().filter((piece) => this.has(piece));
    return [...new Set(here)].slice(0, most).reverse();
  }

  /** Of the pieces that lie in these files. */
  bytesIn(isCounted: (file: number) => boolean): number {
    const segments = this.inPlace().flatMap((piece) => this.#layout?.segmentsOf(piece) ?? []);
    return segments.reduce((sum, { file, length }) => sum + (isCounted(file) ? length : 0), 0);
  }

  /** Whether all of the file's pieces lie in it. */
  isWhole(file: number): boolean {
    return this.#missing[file] === 0;
  }

  // Changes

  came(piece: number): void {
    this.#latest.push(piece);
    if (this.#latest.length > 2 * REMEMBERED_LATEST) this.#latest = this.#latest.slice(-REMEMBERED_LATEST);
  }

  /** It lies in the share's files. */
  async addInPlace(piece: number): Promise<void> {
    await this.releaseLoose(piece);
    if (!this.#inPlace.add(piece)) return;
    for (const file of this.filesOf(piece)) this.#missing[file] = (this.#missing[file] ?? 1) - 1;
  }

  dropInPlace(piece: number): void {
    if (!this.isInPlace(piece)) return;
    this.#inPlace.remove(piece);
    for (const file of this.filesOf(piece)) this.#missing[file] = (this.#missing[file] ?? 0) + 1;
  }

  /** Nothing in it is here any more. */
  dropFile(file: number): void {
    const { from, to } = this.#layout?.piecesOf(file) ?? { from: 0, to: 0 };
    for (let piece = from; piece < to; piece++) this.dropInPlace(piece);
  }

  /** Its content, of so many bytes, lies in a file of its own. */
  async addLoose(piece: number, sha256: string, bytes: number): Promise<void> {
    const before = this.#loose.get(piece);
    if (before === sha256) return;
    this.dropInPlace(piece);
    this.#loose.set(piece, sha256);
    this.#contents.use(sha256, bytes);
    if (before !== undefined) await this.#contents.release(before);
  }

  /** Answers the bytes that are free now. */
  async releaseLoose(piece: number): Promise<number> {
    const sha256 = this.#loose.get(piece);
    if (sha256 === undefined) return 0;
    this.#loose.delete(piece);
    return this.#contents.release(sha256);
  }

  /** Content that nobody has any more. */
  forgetLoose(sha256: string): void {
    for (const [piece, own] of [...this.#loose]) if (own === sha256) this.#loose.delete(piece);
  }

  filesOf(piece: number): number[] {
    return this.#layout?.segmentsOf(piece).map(({ file }) => file) ?? [];
  }
}
