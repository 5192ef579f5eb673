/**
 * Which files the person wants of a share, and so which pieces are to be fetched ([PK4]): the one owner of both. A
 * piece is wanted when it holds a byte of a wanted file; while all files are wanted there is no set to look into.
 * Counts what is missing of the wanted pieces as they come and go, so that nobody has to look at all of them. Knows no
 * peers.
 */
import { Bitfield } from '../../bitfield.ts';
import { piecesOf } from '../../manifest/file-pieces.ts';
import type { ChosenFiles } from '../../manifest/file-pieces.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import type { WantedSnapshot } from '../io.ts';
import type { PieceLedger } from '../pieces/ledger.ts';

/** Part of the files is wanted. */
interface Part {
  readonly files: readonly number[];
  readonly pieces: Bitfield;
  /** Bytes of these pieces. */
  readonly bytes: number;
  /** Those of them that are not stored, and their bytes. */
  readonly missing: Bitfield;
  missingBytes: number;
}

export class Selection {
  readonly #manifest: Manifest;
  readonly #ledger: PieceLedger;
  /** Null: all. */
  #part: Part | null = null;

  constructor(manifest: Manifest, ledger: PieceLedger, files: ChosenFiles) {
    this.#manifest = manifest;
    this.#ledger = ledger;
    this.choose(files);
  }

  get files(): ChosenFiles {
    return this.#part?.files ?? null;
  }

  choose(files: ChosenFiles): void {
    this.#part = files === null ? null : this.#partOf(files);
  }

  /** Is the piece to be fetched, or was it? */
  wants(piece: number): boolean {
    return this.#part === null || this.#part.pieces.has(piece);
  }

  /** Every wanted piece is stored. */
  get complete(): boolean {
    return this.#part === null ? this.#ledger.complete : this.#part.missing.count === 0;
  }

  /** Bytes of wanted pieces that are not stored. */
  get missingBytes(): number {
    if (this.#part !== null) return this.#part.missingBytes;
    return this.#manifest.totalBytes - this.#ledger.ownedBytes;
  }

  /** Is anything among these that is wanted and not stored? */
  lacksAnyOf(has: Bitfield): boolean {
    return this.#part === null ? has.hasMoreThan(this.#ledger.owned) : has.intersects(this.#part.missing);
  }

  /** The piece is stored now. */
  stored(piece: number): void {
    const part = this.#part;
    if (part?.missing.remove(piece) === true) part.missingBytes -= this.#ledger.size(piece);
  }

  /** Our copy of the piece is gone. */
  lost(piece: number): void {
    const part = this.#part;
    if (part?.pieces.has(piece) === true && part.missing.add(piece))
      part.missingBytes += this.#ledger.size(piece);
  }

  /** Null: all files are wanted. */
  snapshot(): WantedSnapshot | null {
    if (this.#part === null) return null;
    const { files, pieces, bytes, missingBytes } = this.#part;
    const [first = 0] = files;
    return {
      files: files.length,
      onlyFile: files.length === 1 ? first : null,
      pieces: pieces.count,
      bytes,
      storedBytes: bytes - missingBytes,
    };
  }

  #partOf(files: readonly number[]): Part {
    const pieces = piecesOf(this.#manifest, files);
    const missing = Bitfield.empty(pieces.pieces);
    let [bytes, missingBytes] = [0, 0];
    for (const piece of pieces.members()) {
      const size = this.#ledger.size(piece);
      bytes += size;
      if (this.#ledger.owned.has(piece)) continue;
      missing.add(piece);
      missingBytes += size;
    }
    return { files, pieces, bytes, missing, missingBytes };
  }
}
