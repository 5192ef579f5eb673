/**
 * Pieces in IndexedDB and its files ([ST1] [ST16]): the store's verbs, each by the one who knows how. The worker and the
 * service worker open the same database. Knows nothing of manifests or files.
 */
import type { InfoHash } from '../../../shared/ids.ts';
import type {
  AdoptOutcome,
  CompactOutcome,
  PieceContent,
  PieceStore,
  PutOutcome,
  RemoveOutcome,
  ShareOverview,
  ShareRecord,
  SizedContent,
  StoreUsage,
  StoredPiece,
} from '../../../shared/peer/piece-store.ts';
import type { ActivityStore } from '../../../shared/peer/activity-store.ts';
import type { LibraryStore } from '../../../shared/peer/library-store.ts';
import type { SessionMarks } from '../../../shared/peer/session-marks.ts';
import type { SettingsStore } from '../../../shared/peer/settings.ts';
import type { ForgetOutcome } from '../../../shared/peer/verbs.ts';
import { adopt, dropContent, newGroups, removeShare } from './changes.ts';
import { compactionStep } from './compaction.ts';
import { Connection } from './connection.ts';
import type { Reachable } from './connection.ts';
import { eraseAll } from './erase.ts';
import { FiledSegments } from './filed-segments.ts';
import { IndexedDbActivity } from './indexeddb-activity.ts';
import { IndexedDbLibrary } from './indexeddb-library.ts';
import { IndexedDbMarks } from './indexeddb-marks.ts';
import { IndexedDbSettings } from './indexeddb-settings.ts';
import { KeptHandles } from './kept-handles.ts';
import { latestPieces } from './latest-pieces.ts';
import { GATHERED_BYTES, MOST_WAITING_BYTES } from './limits.ts';
import { countIn, piecesIn } from './owned-pieces.ts';
import { PieceReader } from './piece-reader.ts';
import { PieceWriter } from './piece-writer.ts';
import { PlaceBook } from './place-book.ts';
import { beginReading, beginWriting } from './schema.ts';
import type { Database, Place } from './schema.ts';
import { SegmentFiles } from './segment-files.ts';
import { SegmentFormat } from './segments.ts';
import { inOne, settled } from './settled.ts';
import { Unreadable } from './unreadable.ts';
import { bytesOfAll } from './usage.ts';

/**
 * `newer`: a newer version of the page was here, and its database is nothing for this one. `unavailable`: the browser
 * gives no IndexedDB (some private windows, a disk that cannot be written).
 */
export type StoreOpening =
  ({ kind: 'opened'; store: PieceStore } & Beside) | { kind: 'failed'; why: Exclude<Reachable, 'reachable'> };

/** What else the database has. */
interface Beside {
  readonly library: LibraryStore;
  readonly marks: SessionMarks;
  readonly kept: KeptHandles;
  readonly settings: SettingsStore;
  readonly activity: ActivityStore;
  /** [LB16] */
  erase(): Promise<ForgetOutcome>;
}

export async function openIndexedDbStore(name: string): Promise<StoreOpening> {
  const connection = new Connection(name);
  const reached = await connection.reach();
  if (reached !== 'reachable') return { kind: 'failed', why: reached };
  const files = new FiledSegments(connection, new SegmentFiles(name));
  return {
    kind: 'opened',
    store: new IndexedDbStore(connection, files),
    library: new IndexedDbLibrary(connection),
    marks: new IndexedDbMarks(connection),
    kept: new KeptHandles(connection),
    settings: new IndexedDbSettings(connection),
    activity: new IndexedDbActivity(connection),
    erase: () => eraseAll(connection, files),
  };
}

class IndexedDbStore implements PieceStore {
  readonly mostWaitingBytes = MOST_WAITING_BYTES;
  readonly gatheredBytes = GATHERED_BYTES;
  readonly #connection: Connection;
  readonly #files: FiledSegments;
  readonly #format: SegmentFormat;
  readonly #unreadable = new Unreadable();
  readonly #reader: PieceReader;
  readonly #writer: PieceWriter;
  readonly #isReadable = ({ segment }: Place): boolean => !this.#unreadable.has(segment);

  constructor(connection: Connection, files: FiledSegments) {
    this.#connection = connection;
    this.#files = files;
    this.#format = new SegmentFormat(files);
    this.#reader = new PieceReader(connection, files, this.#unreadable);
    this.#writer = new PieceWriter(files, this.#isReadable);
  }

  async putShare(record: ShareRecord): Promise<PutOutcome> {
    return this.#connection.writing(async (database) => {
      const transaction = beginWriting(database);
      const exact = { ...record, manifest: record.manifest.slice() };
      await settled([transaction.objectStore('shares').put(exact, record.infoHash), transaction.done]);
    });
  }

  async share(infoHash: InfoHash): Promise<ShareRecord | null> {
    return this.#connection.reading(
      async (database) => (await beginReading(database).objectStore('shares').get(infoHash)) ?? null,
      null,
    );
  }

  async shares(): Promise<ShareRecord[]> {
    return this.#connection.reading((database) => beginReading(database).objectStore('shares').getAll(), []);
  }

  async overview(): Promise<ShareOverview[]> {
    return this.#connection.reading(async (database) => {
      const reading = beginReading(database);
      const owned = reading.objectStore('owned');
      const [shares, owners, records] = await inOne([
        () => reading.objectStore('shares').getAllKeys(),
        () => owned.getAllKeys(),
        () => owned.getAll(),
      ]);
      const counts = new Map(owners.map((infoHash, at) => [infoHash, countIn(records[at]?.pieces)]));
      return shares.map((key) => ({ infoHash: key as InfoHash, ownedPieces: counts.get(key) ?? 0 }));
    }, []);
  }

  async usage(): Promise<StoreUsage> {
    const read = async (database: Database): Promise<StoreUsage> => {
      const store = beginReading(database).objectStore('owned');
      const [keys, usages] = await inOne([() => store.getAllKeys(), () => store.getAll()]);
      const shares = keys.map((key, at) => {
        const { bytes = 0, sharedBytes = 0 } = usages[at] ?? {};
        return { infoHash: key as InfoHash, bytes, sharedBytes };
      });
      return { bytes: bytesOfAll(usages), shares };
    };
    return this.#connection.reading(read, { bytes: 0, shares: [] });
  }

  async putPieces(infoHash: InfoHash, pieces: readonly StoredPiece[]): Promise<PutOutcome> {
    if (pieces.length === 0) return { kind: 'stored' };
    // What is here already goes into no segment.
    const groups = this.#writer.expectsNew ? newGroups(infoHash, pieces) : [];
    const parts = groups.map((group) => group.map(({ bytes }) => bytes));
    const outcome = await this.#format.storing(parts, (make) =>
      this.#connection.writing((database) => this.#writer.put(database, { infoHash, pieces, make })),
    );
    for (const { piece } of pieces) this.#reader.forgetPiece([infoHash, piece]);
    return outcome;
  }

  async piece(infoHash: InfoHash, piece: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#reader.piece([infoHash, piece]);
  }

  async ownedPieces(infoHash: InfoHash): Promise<number[]> {
    return this.#connection.reading(
      async (database) => piecesIn((await beginReading(database).objectStore('owned').get(infoHash))?.pieces),
      [],
    );
  }

  async latestPieces(infoHash: InfoHash, most: number): Promise<number[]> {
    return this.#connection.reading((database) => latestPieces(database, infoHash, most), []);
  }

  async found(sha256s: readonly string[]): Promise<boolean[]> {
    const find = async (database: Database): Promise<boolean[]> => {
      const index = beginReading(database).objectStore('places').index('sha256');
      return (await inOne(sha256s.map((sha256) => () => index.getKey(sha256)))).map(
        (key) => key !== undefined,
      );
    };
    return this.#connection.reading(
      find,
      sha256s.map(() => false),
    );
  }

  async contents(asked: readonly SizedContent[]): Promise<(Uint8Array<ArrayBuffer> | null)[]> {
    return this.#reader.contents(asked);
  }

  onInterrupted(listener: () => void): void {
    this.#connection.onInterrupted(() => {
      this.#reader.forget();
      listener();
    });
  }

  async adopt(infoHash: InfoHash, pieces: readonly PieceContent[]): Promise<AdoptOutcome> {
    let adopted: number[] = [];
    const outcome = await this.#change(async (book) => {
      adopted = await adopt(book, infoHash, pieces, this.#isReadable);
    });
    this.#writer.forget(infoHash);
    return outcome.kind === 'stored' ? { kind: 'adopted', adopted } : outcome;
  }

  async dropContent(sha256s: readonly string[]): Promise<PutOutcome> {
    const outcome = await this.#change((book) => dropContent(book, sha256s));
    this.#reader.forget();
    return outcome;
  }

  async removeShare(infoHash: InfoHash): Promise<RemoveOutcome> {
    let freedBytes = 0;
    const outcome = await this.#connection.writing(async (database) => {
      freedBytes = await PlaceBook.change(database, this.#files, (book) => removeShare(book, infoHash));
    });
    this.#writer.forget(infoHash);
    this.#reader.forget();
    return outcome.kind === 'stored' ? { kind: 'removed', freedBytes } : outcome;
  }

  async compact(): Promise<CompactOutcome> {
    await this.#files.sweep();
    const step = await compactionStep(this.#connection, this.#files, this.#format, this.#unreadable);
    if (step.kind !== 'more') return step;
    this.#reader.forget();
    return { kind: 'more', freedBytes: step.freedBytes };
  }

  #change(work: (book: PlaceBook) => Promise<void>): Promise<PutOutcome> {
    return this.#connection.writing(async (database) => {
      await PlaceBook.change(database, this.#files, work);
    });
  }

  close(): void {
    this.#connection.close();
    this.#reader.forget();
    this.#files.close();
  }
}
