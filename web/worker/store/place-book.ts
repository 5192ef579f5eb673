/**
 * Owner of one agreement: segments, places, directories, owned pieces and what shares take say the same, before and
 * after every transaction ([ST1] [ST12]). A piece has a place if and only if it is owned; a place is in its segment's directory; a segment
 * is there exactly as long as a place is in it. One book is one transaction's: who changes content changes it here.
 */
import { assert } from '../../../shared/assert.ts';
import { directoryOf } from './directory.ts';
import type { FiledSegments } from './filed-segments.ts';
import { countIn, withoutPieces, withPieces } from './owned-pieces.ts';
import type { OwnedBits } from './owned-pieces.ts';
import { abort, beginWriting } from './schema.ts';
import type { Database, Listed, Owned, Place, PieceKey, SegmentKey, Writing } from './schema.ts';
import { segmentId } from './segment-keys.ts';
import type { MakeSegment } from './segments.ts';
import { inOne, settled } from './settled.ts';
import { added, Usages } from './usage.ts';

/** A piece that gets a place, and the one that it has. */
export interface Move {
  readonly key: PieceKey;
  readonly from: Place | undefined;
}

/** Bytes that are to be written, and the pieces that have them as their content. */
export interface Content {
  readonly sha256: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly uses: readonly Move[];
}

/** `bits`: what it owns from now on; undefined: nothing, the share is removed. */
interface OwnedChange {
  readonly before: Owned | undefined;
  readonly bits: OwnedBits;
}

interface OpenDirectory {
  readonly key: SegmentKey;
  readonly bytes: number;
  readonly before: readonly Listed[];
  pieces: Listed[];
}

export class PlaceBook {
  readonly #transaction: Writing;
  readonly #directories = new Map<string, OpenDirectory>();
  readonly #requests: Promise<unknown>[] = [];
  readonly #ownedChanges = new Map<string, OwnedChange>();
  /** What shares take now, beyond what they took before. */
  readonly #usages = new Usages();
  readonly #made: SegmentKey[] = [];
  readonly #ended: SegmentKey[] = [];
  #freedBytes = 0;

  /**
   * Does `work` in one transaction, all of it or nothing; `files` are told what it has done ([ST16]). Answers the bytes of
   * the segments that are gone with it.
   */
  static async change(
    database: Database,
    files: FiledSegments,
    work: (book: PlaceBook) => Promise<void>,
  ): Promise<number> {
    const book = new PlaceBook(beginWriting(database));
    try {
      await work(book);
      await book.finish();
    } catch (error) {
      book.#do(Promise.reject(error));
      abort(book.#transaction);
    }
    await settled([...book.#requests, book.#transaction.done]);
    await files.changed(book.#made, book.#ended);
    return book.#freedBytes;
  }

  /** As `change`, for what may turn out not to be possible: null is the answer then, and nothing was done. */
  static async try<T>(
    database: Database,
    files: FiledSegments,
    work: (book: PlaceBook) => Promise<T | null>,
  ): Promise<T | null> {
    let result: T | null = null;
    let isPossible = true;
    try {
      await PlaceBook.change(database, files, async (book) => {
        result = await work(book);
        isPossible = result !== null;
        if (!isPossible) throw new DOMException('it is not possible', 'AbortError');
      });
    } catch (error) {
      if (isPossible) throw error;
    }
    return result;
  }

  private constructor(transaction: Writing) {
    this.#transaction = transaction;
  }

  // Questions

  async placeOf(key: PieceKey): Promise<Place | undefined> {
    return this.#transaction.objectStore('places').get(key);
  }

  async placesOfShare(infoHash: string): Promise<Place[]> {
    return this.#transaction.objectStore('places').getAll(piecesOf(infoHash));
  }

  /** One of the places that have this content. */
  async placeWith(sha256: string): Promise<Place | undefined> {
    return this.#transaction.objectStore('places').index('sha256').get(sha256);
  }

  /** Cheaper than the place itself. */
  async isStored(sha256: string): Promise<boolean> {
    return (await this.#transaction.objectStore('places').index('sha256').getKey(sha256)) !== undefined;
  }

  /** All that have it. */
  async usesOf(sha256: string): Promise<Move[]> {
    const index = this.#transaction.objectStore('places').index('sha256');
    const [keys, places] = await inOne([() => index.getAllKeys(sha256), () => index.getAll(sha256)]);
    return keys.map((key, at) => ({ key, from: places[at] }));
  }

  async owned(infoHash: string): Promise<Owned | undefined> {
    return this.#transaction.objectStore('owned').get(infoHash);
  }

  /** What lies in a segment. `load` comes before this and before every change to it. */
  listed(segment: SegmentKey): readonly Listed[] {
    return this.#directories.get(segmentId(segment))?.pieces ?? [];
  }

  // Changes

  async load(segments: Iterable<SegmentKey>): Promise<void> {
    const missing = new Map([...segments].map((key) => [segmentId(key), key]));
    for (const id of this.#directories.keys()) missing.delete(id);
    const store = this.#transaction.objectStore('directories');
    const load = async ([id, key]: [string, SegmentKey]): Promise<void> => {
      const directory = await store.get(key);
      if (directory !== undefined) {
        this.#directories.set(id, {
          key,
          bytes: directory.bytes,
          before: directory.pieces,
          pieces: [...directory.pieces],
        });
      }
    };
    await Promise.all([...missing].map(load));
  }

  /** The piece's bytes are those at `to`, which another piece has already. */
  move({ key, from }: Move, to: Place): void {
    if (from !== undefined) this.#unlist(key, from);
    const directory = this.#directories.get(segmentId(to.segment));
    assert(directory !== undefined, 'a place is in a segment that was loaded');
    directory.pieces.push([...key, to.offset, to.size]);
    this.#do(this.#transaction.objectStore('places').put(to, key));
  }

  /** Writes one segment. */
  write(contents: readonly Content[], make: MakeSegment): void {
    let bytes = 0;
    const listed: Listed[] = [];
    const places: [PieceKey, Omit<Place, 'segment'>][] = [];
    for (const { sha256, bytes: content, uses } of contents) {
      const at = { offset: bytes, size: content.length, sha256 };
      for (const { key, from } of uses) {
        if (from !== undefined) this.#unlist(key, from);
        listed.push([...key, at.offset, at.size]);
        places.push([key, at]);
      }
      bytes += content.length;
    }
    this.#usages.count(listed, 1);
    const { key: segment, value } = make(contents.map((content) => content.bytes));
    this.#made.push(segment);
    this.#do(this.#transaction.objectStore('pieces').put(value, segment));
    this.#do(this.#transaction.objectStore('directories').add(directoryOf(bytes, listed), segment));
    const store = this.#transaction.objectStore('places');
    for (const [key, at] of places) this.#do(store.put({ segment, ...at }, key));
  }

  /** The share has these pieces, too; `before` is what `owned` answered. */
  own(infoHash: string, before: Owned | undefined, pieces: readonly number[]): void {
    this.#ownedChanges.set(infoHash, { before, bits: withPieces(before?.pieces, pieces) });
  }

  /** The share has these pieces no more; `before` is what `owned` answered. */
  drop(infoHash: string, before: Owned | undefined, pieces: readonly Move[]): void {
    for (const { key, from } of pieces) {
      if (from !== undefined) this.#unlist(key, from);
      this.#do(this.#transaction.objectStore('places').delete(key));
    }
    const dropped = pieces.map(({ key: [, piece] }) => piece);
    this.#ownedChanges.set(infoHash, { before, bits: withoutPieces(before?.pieces, dropped) });
  }

  /** All that there is of a share; the segments of its places were loaded. */
  removeShare(infoHash: string): void {
    for (const directory of this.#directories.values()) {
      directory.pieces = directory.pieces.filter(([share]) => share !== infoHash);
    }
    this.#do(this.#transaction.objectStore('places').delete(piecesOf(infoHash)));
    this.#do(this.#transaction.objectStore('shares').delete(infoHash));
    this.#ownedChanges.set(infoHash, { before: undefined, bits: undefined });
  }

  /**
   * Writes what follows from the changes: directories, and what shares have and take now, which is the answer. Done when
   * all is changed; before that by whoever wants the answer. Of shares that were asked about nothing is asked again: all
   * that is written goes out at once ([ST13]).
   */
  async finish(): Promise<ReadonlyMap<string, Owned>> {
    this.#writeDirectories();
    const shares = new Set([
      ...this.#ownedChanges.keys(),
      ...[...this.#usages].map(([infoHash]) => infoHash),
    ]);
    const written = new Map<string, Owned>();
    const work = [...shares].map(async (infoHash) => {
      const known = this.#ownedChanges.get(infoHash);
      const more = this.#usages.of(infoHash);
      const { before, bits } = known ?? (await this.#unchanged(infoHash));
      if (bits !== undefined && countIn(bits) > 0) {
        written.set(infoHash, { pieces: bits, ...added(before, more) });
      }
      this.#writeOwned(infoHash, written.get(infoHash));
    });
    this.#ownedChanges.clear();
    this.#usages.clear();
    await Promise.all(work);
    return written;
  }

  /** Of a share whose pieces stay what they are. */
  async #unchanged(infoHash: string): Promise<OwnedChange> {
    const before = await this.owned(infoHash);
    return { before, bits: before?.pieces };
  }

  #writeOwned(infoHash: string, owned: Owned | undefined): void {
    const store = this.#transaction.objectStore('owned');
    this.#do(owned === undefined ? store.delete(infoHash) : store.put(owned, infoHash));
  }

  #unlist([infoHash, piece]: PieceKey, { segment }: Place): void {
    const directory = this.#directories.get(segmentId(segment));
    if (directory === undefined) return;
    directory.pieces = directory.pieces.filter(([share, index]) => share !== infoHash || index !== piece);
  }

  #writeDirectories(): void {
    const directories = this.#transaction.objectStore('directories');
    const open = [...this.#directories.values()];
    this.#directories.clear();
    for (const { key, bytes, before, pieces } of open) {
      this.#usages.count(before, -1);
      this.#usages.count(pieces, 1);
      if (pieces.length > 0) {
        this.#do(directories.put(directoryOf(bytes, pieces), key));
        continue;
      }
      this.#do(directories.delete(key));
      this.#do(this.#transaction.objectStore('pieces').delete(key));
      this.#ended.push(key);
      this.#freedBytes += bytes;
    }
  }

  /** What fails is told when all is over. */
  #do(request: Promise<unknown>): void {
    request.catch(() => undefined);
    this.#requests.push(request);
  }
}

function piecesOf(infoHash: string): IDBKeyRange {
  return IDBKeyRange.bound([infoHash, 0], [infoHash, Number.POSITIVE_INFINITY]);
}
