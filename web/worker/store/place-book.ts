/**
 * Owner of one agreement: segments, places, directories, owned pieces and what shares take say the same, before and after every
 * transaction ([ST1]). A piece has a place if and only if it is owned; a place is in its segment's directory; a segment
 * is there exactly as long as a place is in it. One book is one transaction's: who changes content changes it here.
 */
import { assert } from '../../../shared/assert.ts';
import { directoryOf } from './directory.ts';
import { withPieces } from './owned-pieces.ts';
import { abort, beginWriting } from './schema.ts';
import type { Database, Listed, Place, PieceKey, SegmentKey, Usage, Writing } from './schema.ts';
import { segmentId } from './segments.ts';
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
  /** What shares take now, beyond what they took before. */
  readonly #usages = new Usages();
  #freedBytes = 0;

  /** Does `work` in one transaction, all of it or nothing. Answers the bytes of the segments that are gone with it. */
  static async change(database: Database, work: (book: PlaceBook) => Promise<void>): Promise<number> {
    const book = new PlaceBook(beginWriting(database));
    try {
      await work(book);
      book.#writeDirectories();
      await book.#writeUsages();
    } catch (error) {
      book.#do(Promise.reject(error));
      abort(book.#transaction);
    }
    await settled([...book.#requests, book.#transaction.done]);
    return book.#freedBytes;
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

  /** All that have it. */
  async usesOf(sha256: string): Promise<Move[]> {
    const index = this.#transaction.objectStore('places').index('sha256');
    const [keys, places] = await inOne([() => index.getAllKeys(sha256), () => index.getAll(sha256)]);
    return keys.map((key, at) => ({ key, from: places[at] }));
  }

  async owned(infoHash: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
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

  /** Writes one segment. Its number comes from the database. */
  async write(contents: readonly Content[], make: MakeSegment): Promise<void> {
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
    const value = make(contents.map((content) => content.bytes));
    const segment = await this.#transaction.objectStore('directories').add(directoryOf(bytes, listed));
    this.#do(this.#transaction.objectStore('pieces').put(value, segment));
    const store = this.#transaction.objectStore('places');
    for (const [key, at] of places) this.#do(store.put({ segment, ...at }, key));
  }

  /** The share has these pieces, too; `before` is what `owned` answered. */
  own(infoHash: string, before: Uint8Array<ArrayBuffer> | undefined, pieces: readonly number[]): void {
    this.#do(this.#transaction.objectStore('owned').put(withPieces(before, pieces), infoHash));
  }

  /** All that there is of a share; the segments of its places were loaded. */
  removeShare(infoHash: string): void {
    for (const directory of this.#directories.values()) {
      directory.pieces = directory.pieces.filter(([share]) => share !== infoHash);
    }
    this.#do(this.#transaction.objectStore('places').delete(piecesOf(infoHash)));
    this.#do(this.#transaction.objectStore('owned').delete(infoHash));
    this.#do(this.#transaction.objectStore('shares').delete(infoHash));
  }

  #unlist([infoHash, piece]: PieceKey, { segment }: Place): void {
    const directory = this.#directories.get(segmentId(segment));
    if (directory === undefined) return;
    directory.pieces = directory.pieces.filter(([share, index]) => share !== infoHash || index !== piece);
  }

  #writeDirectories(): void {
    const directories = this.#transaction.objectStore('directories');
    for (const { key, bytes, before, pieces } of this.#directories.values()) {
      this.#usages.count(before, -1);
      this.#usages.count(pieces, 1);
      if (pieces.length > 0) {
        this.#do(directories.put(directoryOf(bytes, pieces), key));
        continue;
      }
      this.#do(directories.delete(key));
      this.#do(this.#transaction.objectStore('pieces').delete(key));
      this.#freedBytes += bytes;
    }
  }

  /** [ST12] What moved within the database changes nothing. */
  async #writeUsages(): Promise<void> {
    const store = this.#transaction.objectStore('usage');
    const write = async (infoHash: string, more: Usage): Promise<void> => {
      const usage = added(await store.get(infoHash), more);
      this.#do(usage.bytes === 0 ? store.delete(infoHash) : store.put(usage, infoHash));
    };
    await Promise.all([...this.#usages].map(([infoHash, more]) => write(infoHash, more)));
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
