/**
 * In the browser, loaded as a worker: writes and reads pieces through the store, or as version 1 of the database kept
 * them (one ArrayBuffer a piece, sixteen puts to a transaction), or as a browser without files of our own makes the store
 * keep them, so that all can be compared on one machine.
 */
import { openDB } from 'idb';
import type { IDBPDatabase } from 'idb';
import { Bitfield } from '../../shared/bitfield.ts';
import type { InfoHash } from '../../shared/ids.ts';
import { StoreWriter } from '../../shared/peer/store-writer.ts';
import type { PieceStore, StoredPiece } from '../../shared/peer/piece-store.ts';
import { openIndexedDbStore } from '../../web/worker/store/indexeddb-store.ts';

export type Subject = 'one value a piece' | 'Blobs' | 'files';
export type Order = 'in order' | 'shuffled';

export type Job =
  /** Each round is a share of its own, with content of its own. */
  | {
      kind: 'write';
      subject: Subject;
      round: number;
      pieces: number;
      pieceBytes: number;
      order: Order;
      waiting: number;
    }
  | { kind: 'read'; subject: Subject; round: number; pieces: number; pieceBytes: number }
  | { kind: 'fill'; shares: number; pieces: number; manifestBytes: number }
  | { kind: 'list' };

/** Milliseconds, by what took them. */
export type Took = Readonly<Record<string, number>>;

/** As saving reads them. */
const READ_AHEAD = 16;
const OLD_BATCH = 16;

interface Pieces {
  put(piece: StoredPiece): Promise<void>;
  piece(index: number): Promise<Uint8Array | null>;
}

class OldPieces implements Pieces {
  readonly #share: InfoHash;
  readonly #database: IDBPDatabase;
  readonly #waiting: { piece: StoredPiece; done: () => void }[] = [];
  #writing = false;

  static async open(share: InfoHash): Promise<OldPieces> {
    return new OldPieces(
      share,
      await openDB('old', 1, { upgrade: (database) => void database.createObjectStore('pieces') }),
    );
  }

  constructor(share: InfoHash, database: IDBPDatabase) {
    this.#share = share;
    this.#database = database;
  }

  put(piece: StoredPiece): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ piece, done });
      if (!this.#writing) void this.#write();
    });
  }

  async piece(index: number): Promise<Uint8Array | null> {
    return new Uint8Array((await this.#database.get('pieces', [this.#share, index])) as ArrayBuffer);
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, OLD_BATCH);
      const transaction = this.#database.transaction('pieces', 'readwrite', { durability: 'relaxed' });
      const puts = batch.map(({ piece: { piece, bytes } }) =>
        transaction.store.put(bytes.buffer, [this.#share, piece]),
      );
      await Promise.all([...puts, transaction.done]);
      for (const { done } of batch) done();
    }
    this.#writing = false;
  }
}

class NewPieces implements Pieces {
  readonly #share: InfoHash;
  readonly #store: PieceStore;
  readonly #writer: StoreWriter;

  constructor(share: InfoHash, store: PieceStore) {
    this.#share = share;
    this.#store = store;
    this.#writer = new StoreWriter(store, share);
  }

  async put(piece: StoredPiece): Promise<void> {
    const outcome = await this.#writer.put(piece);
    if (outcome.kind !== 'stored') throw new Error(outcome.why);
  }

  piece(index: number): Promise<Uint8Array | null> {
    return this.#store.piece(this.#share, index);
  }
}

async function store(): Promise<PieceStore> {
  const opening = await openIndexedDbStore('new');
  if (opening.kind !== 'opened') throw new Error(opening.why);
  return opening.store;
}

async function piecesOf(subject: Subject, round: number): Promise<Pieces> {
  const share = shaOf(round) as InfoHash;
  if (subject === 'one value a piece') return OldPieces.open(share);
  if (subject === 'Blobs') {
    const refuse = (): Promise<never> => Promise.reject(new DOMException('not here', 'SecurityError'));
    Object.defineProperty(navigator.storage, 'getDirectory', { value: refuse });
  }
  return new NewPieces(share, await store());
}

async function write({
  subject,
  round,
  pieces,
  pieceBytes,
  order,
  waiting: most,
}: Job & { kind: 'write' }): Promise<Took> {
  const place = await piecesOf(subject, round);
  const content = new Uint8Array(pieceBytes);
  for (let at = 0; at < pieceBytes; at += 65_536) crypto.getRandomValues(content.subarray(at, at + 65_536));
  const indexes = inOrder(pieces, order);
  const spare: Uint8Array<ArrayBuffer>[] = [];
  const started = performance.now();
  const waiting = new Set<Promise<void>>();
  for (const piece of indexes) {
    // As the peer does it: who stored a piece has a copy, and its memory is used again.
    const bytes = spare.pop() ?? content.slice();
    new DataView(bytes.buffer).setUint32(0, idOf(round, piece));
    const put: Promise<void> = place.put({ piece, sha256: shaOf(idOf(round, piece)), bytes }).then(() => {
      spare.push(bytes);
      waiting.delete(put);
    });
    waiting.add(put);
    if (waiting.size >= most) await Promise.race(waiting);
  }
  await Promise.all(waiting);
  return { write: performance.now() - started };
}

async function read({ subject, round, pieces, pieceBytes }: Job & { kind: 'read' }): Promise<Took> {
  const place = await piecesOf(subject, round);
  const started = performance.now();
  const coming: Promise<Uint8Array | null>[] = [];
  let next = 0;
  for (let piece = 0; piece < pieces; piece++) {
    while (coming.length < READ_AHEAD && next < pieces) coming.push(place.piece(next++));
    const bytes = (await coming.shift()) ?? null;
    const index = bytes === null ? -1 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    if (bytes?.length !== pieceBytes || index !== idOf(round, piece))
      throw new Error(`piece ${piece} is not the one`);
  }
  return { read: performance.now() - started };
}

/** What listing reads of shares that are complete: records and owned pieces, and nothing of each piece. */
async function fill({ shares, pieces, manifestBytes }: Job & { kind: 'fill' }): Promise<Took> {
  (await store()).close();
  const database = await openDB('new');
  for (let share = 0; share < shares; share++) {
    const infoHash = shaOf(share);
    const manifest = new Uint8Array(manifestBytes).fill(0x20 + share);
    const transaction = database.transaction(['shares', 'owned'], 'readwrite');
    void transaction.objectStore('shares').put({ infoHash, manifest, addedAt: share }, infoHash);
    const bytes = pieces * 262_144;
    const owned = { pieces: Bitfield.full(pieces).toBytes(), bytes, sharedBytes: 0, partBytes: bytes };
    void transaction.objectStore('owned').put(owned, infoHash);
    await transaction.done;
  }
  database.close();
  return {};
}

async function list(): Promise<Took> {
  const started = performance.now();
  const opened = await store();
  const reached = performance.now();
  const overview = await opened.overview();
  const seen = performance.now();
  const shares = await opened.shares();
  const listed = performance.now();
  const owned = await Promise.all(shares.map(({ infoHash }) => opened.ownedPieces(infoHash)));
  const counted = performance.now();
  const isWhole = [...owned.map(({ length }) => length), ...overview.map(({ ownedPieces }) => ownedPieces)];
  if (isWhole.some((pieces) => pieces !== 10_000)) throw new Error('not all of them');
  return {
    open: reached - started,
    overview: seen - reached,
    shares: listed - seen,
    ownedPieces: counted - listed,
  };
}

function inOrder(pieces: number, order: Order): number[] {
  const indexes = Array.from({ length: pieces }, (_, piece) => piece);
  if (order === 'in order') return indexes;
  let state = 12_345;
  for (let at = pieces - 1; at > 0; at--) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    const other = state % (at + 1);
    [indexes[at], indexes[other]] = [indexes[other] ?? 0, indexes[at] ?? 0];
  }
  return indexes;
}

function idOf(round: number, piece: number): number {
  return round * 100_000 + piece;
}

function shaOf(number: number): string {
  return number.toString(16).padStart(8, '0').repeat(8);
}

async function perform(job: Job): Promise<Took> {
  switch (job.kind) {
    case 'write':
      return write(job);
    case 'read':
      return read(job);
    case 'fill':
      return fill(job);
    case 'list':
      return list();
  }
}

globalThis.addEventListener('message', ({ data }: MessageEvent<Job>) => {
  perform(data).then(
    (took) => globalThis.postMessage({ took }),
    (error: unknown) => globalThis.postMessage({ error: String(error) }),
  );
});
