/**
 * [ST10] One step of compaction: a segment of which less than half is in use is written again without the rest, or
 * small ones are put together. Bytes are read first, as a transaction waits for nothing but the database; what a
 * segment's number stands for never changes, so what was read still holds when the transaction begins. Which places
 * there are is asked within it: pieces may have been adopted or removed meanwhile.
 */
import type { Failure } from '../../../shared/peer/piece-store.ts';
import type { Connection } from './connection.ts';
import { liveBytes } from './directory.ts';
import type { FiledSegments } from './filed-segments.ts';
import { MERGED_SEGMENTS, SEGMENT_BYTES, SMALL_SEGMENT_BYTES } from './limits.ts';
import { PlaceBook } from './place-book.ts';
import type { Content, Move } from './place-book.ts';
import { beginReading } from './schema.ts';
import type { Database, Directory, Due, SegmentKey } from './schema.ts';
import { rangeOf } from './segments.ts';
import type { MakeSegment, SegmentFormat } from './segments.ts';
import { inOne } from './settled.ts';
import type { Unreadable } from './unreadable.ts';

interface Source {
  readonly key: SegmentKey;
  readonly directory: Directory;
}

interface ReadSource {
  readonly key: SegmentKey;
  /** By their offset, all that were in use when it was read. */
  readonly ranges: ReadonlyMap<number, Uint8Array<ArrayBuffer>>;
}

export type Step = { kind: 'done' } | { kind: 'more'; freedBytes: number; rewritten: SegmentKey[] } | Failure;

export async function compactionStep(
  connection: Connection,
  files: FiledSegments,
  format: SegmentFormat,
  unreadable: Unreadable,
): Promise<Step> {
  const sources = await connection.reading((database) => sourcesIn(database, unreadable), null);
  if (sources === null) return { kind: 'failed', why: 'unavailable' };
  if (sources.length === 0) return { kind: 'done' };
  const reads = await Promise.all(sources.map((source) => read(connection, files, source, unreadable)));
  const readable = reads.filter((source) => source !== null);
  let freedBytes = 0;
  const all = readable.flatMap(({ ranges }) => [...ranges.values()]);
  const outcome = await format.storing(all.length > 0 ? [all] : [], (make) =>
    connection.writing(async (database) => {
      freedBytes = await PlaceBook.change(database, files, (book) => rewrite(book, readable, make));
    }),
  );
  if (outcome.kind === 'failed') return outcome;
  return { kind: 'more', freedBytes, rewritten: readable.map(({ key }) => key) };
}

/** None: there is nothing to do. */
async function sourcesIn(database: Database, unreadable: Unreadable): Promise<Source[]> {
  const [sparse] = await dueIn(database, 'sparse', 1, unreadable);
  if (sparse !== undefined) return [sparse];
  const taken: Source[] = [];
  let bytes = 0;
  for (const source of await dueIn(database, 'small', MERGED_SEGMENTS, unreadable)) {
    const live = liveBytes(source.directory.pieces);
    if (bytes + live > SEGMENT_BYTES) break;
    taken.push(source);
    bytes += live;
  }
  const isWorthIt = taken.length === MERGED_SEGMENTS || (taken.length > 1 && bytes >= SMALL_SEGMENT_BYTES);
  return isWorthIt ? taken : [];
}

async function dueIn(database: Database, due: Due, most: number, unreadable: Unreadable): Promise<Source[]> {
  const index = beginReading(database).objectStore('directories').index('due');
  const count = most + unreadable.count;
  const [keys, directories] = await inOne([
    () => index.getAllKeys(due, count),
    () => index.getAll(due, count),
  ]);
  const sources = keys.flatMap((key, at) => {
    const directory = directories[at];
    return directory === undefined || unreadable.has(key) ? [] : [{ key, directory }];
  });
  return sources.slice(0, most);
}

async function read(
  connection: Connection,
  files: FiledSegments,
  { key, directory }: Source,
  unreadable: Unreadable,
): Promise<ReadSource | null> {
  const value = await connection.reading(
    (database) => beginReading(database).objectStore('pieces').get(key),
    undefined,
  );
  const inUse = new Map(directory.pieces.map(([, , offset, size]) => [offset, size]));
  try {
    if (value === undefined) throw new Error('the segment is gone');
    const ranges = new Map<number, Uint8Array<ArrayBuffer>>();
    for (const [offset, size] of inUse) {
      const bytes = await rangeOf(files.valueOf(key, value), offset, offset + size);
      if (bytes.length !== size) throw new Error('the segment is too short');
      ranges.set(offset, bytes);
    }
    return { key, ranges };
  } catch {
    unreadable.add(key); // [ST4] left as it is: its pieces are missing, and nothing is lost by that
    return null;
  }
}

async function rewrite(book: PlaceBook, sources: readonly ReadSource[], make: MakeSegment): Promise<void> {
  await book.load(sources.map(({ key }) => key));
  const contents = await Promise.all(sources.map((source) => contentsOf(book, source)));
  const all = contents.flat();
  if (all.length > 0) book.write(all, make);
}

/** What is in use of a segment now; nothing when it is gone. */
async function contentsOf(book: PlaceBook, { key: segment, ranges }: ReadSource): Promise<Content[]> {
  const uses = await Promise.all(
    book.listed(segment).map(async ([infoHash, piece]): Promise<Move> => {
      const key: Move['key'] = [infoHash, piece];
      return { key, from: await book.placeOf(key) };
    }),
  );
  return [...ranges].flatMap(([offset, bytes]) => {
    const here = uses.filter(({ from }) => from?.offset === offset);
    const sha256 = here[0]?.from?.sha256;
    return sha256 === undefined ? [] : [{ sha256, bytes, uses: here }];
  });
}
