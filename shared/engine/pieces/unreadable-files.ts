/**
 * [UP7] Which of the person's own files cannot be read any more: the one owner of that. Says which pieces go with each, and
 * which files are left that can be sent whole. Knows no peers; what is here is the ledger's.
 */
import { Bitfield } from '../../bitfield.ts';
import { filesOf, piecesOf, storedBytesOf } from '../../manifest/file-pieces.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import type { FileTrouble, UnreadableSnapshot } from '../io.ts';

type Layout = Pick<Manifest, 'pieces' | 'files'>;

export class UnreadableFiles {
  readonly #layout: Layout;
  /** In the order in which it was noticed. */
  readonly #gone = new Map<number, FileTrouble>();
  readonly #pieces: Bitfield;
  #whole: readonly number[] | null = null;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#pieces = Bitfield.empty(layout.pieces.length);
  }

  /**
   * A piece could not be read, because of that file or (null) of any of those that lie in it. Answers the pieces that are
   * gone now and were not before.
   */
  lose(piece: number, file: number | null, why: FileTrouble): number[] {
    for (const one of file === null ? this.#suspects(piece) : [file])
      if (!this.#gone.has(one)) this.#gone.set(one, why);
    const gone = piecesOf(
      this.#layout,
      [...this.#gone.keys()].sort((a, b) => a - b),
    );
    gone.add(piece);
    const fresh = [...gone.members()].filter((one) => !this.#pieces.has(one));
    for (const one of fresh) this.#pieces.add(one);
    if (fresh.length > 0) this.#whole = null;
    return fresh;
  }

  /** Files of which every byte can be sent, by their indexes, ascending; empty: of no file with any bytes. */
  get whole(): readonly number[] {
    this.#whole ??= this.#wholeFiles();
    return this.#whole;
  }

  /** They are to be tried again. Answers the pieces that were gone. */
  restore(): number[] {
    const pieces = [...this.#pieces.members()];
    for (const piece of pieces) this.#pieces.remove(piece);
    this.#gone.clear();
    this.#whole = null;
    return pieces;
  }

  /** Null: nothing is gone. */
  snapshot(): UnreadableSnapshot | null {
    const [first] = this.#gone;
    if (first === undefined) return null;
    const [file, why] = first;
    const files = this.#gone.size;
    const neighbours = this.#layout.files.length - files - this.whole.length;
    return { why, files, first: this.#layout.files[file]?.path ?? [], neighbours };
  }

  /** Those that lie in the piece, unless one of them is known to be gone. */
  #suspects(piece: number): readonly number[] {
    const files = filesOf(this.#layout, piece);
    return files.some((file) => this.#gone.has(file)) ? [] : files;
  }

  #wholeFiles(): number[] {
    const readable = storedBytesOf(this.#layout, (piece) => !this.#pieces.has(piece));
    const whole = this.#layout.files.flatMap(({ size }, file) =>
      readable[file] === size && !this.#gone.has(file) ? [file] : [],
    );
    return whole.some((file) => (this.#layout.files[file]?.size ?? 0) > 0) ? whole : [];
  }
}
