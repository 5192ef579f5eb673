/**
 * Reads pieces out of segments ([ST4]). Segments that were read stay open: of a Blob that is a handle and costs no
 * memory, so that a piece of an open segment costs one read of a range and no question to the database. What is read in
 * order is read ahead to the segment's end. A segment's bytes never change; that a piece is no longer in it is told by
 * `forget`, or found out when it cannot be read.
 */
import type { SizedContent } from '../../../shared/peer/piece-store.ts';
import type { Connection } from './connection.ts';
import type { FiledSegments } from './filed-segments.ts';
import { OPEN_BUFFER_BYTES, OPEN_SEGMENTS, READ_WINDOWS } from './limits.ts';
import { PlacesAhead } from './places-ahead.ts';
import { beginReading } from './schema.ts';
import type { Database, PieceKey, Place, Reading, SegmentKey } from './schema.ts';
import { isOfVersionOne, segmentId } from './segment-keys.ts';
import { isWorthReadingAhead, rangeOf, sizeOf } from './segments.ts';
import type { SegmentValue } from './segments.ts';
import { inOne } from './settled.ts';
import type { Unreadable } from './unreadable.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** What is read ahead of one segment. */
interface Window {
  readonly from: number;
  readonly to: number;
  readonly bytes: Promise<Bytes>;
}

interface OpenSegment {
  readonly key: SegmentKey;
  readonly id: string;
  readonly value: SegmentValue;
  /** Ids of the pieces that are known to be in it. */
  readonly pieces: Set<string>;
  /** Where the last read ended. */
  nextOffset: number;
  window: Window | null;
}

interface Located {
  readonly segment: OpenSegment;
  readonly offset: number;
  readonly size: number;
}

/** What lies side by side in a segment, in its order. */
interface Run {
  readonly offset: number;
  readonly size: number;
  readonly parts: readonly Place[];
}

export class PieceReader {
  readonly #connection: Connection;
  readonly #files: FiledSegments;
  readonly #unreadable: Unreadable;
  /** Least recently used first. */
  readonly #open = new Map<string, OpenSegment>();
  readonly #opening = new Map<string, Promise<OpenSegment | null>>();
  /** Pieces of open segments. */
  readonly #located = new Map<string, Located>();
  readonly #ahead: PlacesAhead;
  #windows: OpenSegment[] = [];
  /** The last read took a segment's last byte: the next one in order begins another segment. */
  #endedSegment = false;

  constructor(connection: Connection, files: FiledSegments, unreadable: Unreadable) {
    this.#connection = connection;
    this.#files = files;
    this.#unreadable = unreadable;
    this.#ahead = new PlacesAhead(connection);
  }

  async piece(key: PieceKey): Promise<Bytes | null> {
    const isNext = this.#ahead.isNext(key);
    const known = this.#located.get(key.join('/')) ?? (await this.#locateAhead(key, isNext));
    const bytes = known === null ? null : await this.#bytesAt(known);
    return bytes ?? this.#find((reading) => this.#locate(reading, key));
  }

  /** [ST13] Found in one transaction; segment by segment, and what lies side by side is read in one go. */
  async contents(asked: readonly SizedContent[]): Promise<(Bytes | null)[]> {
    const places = await this.#connection.reading(
      (database) => placesOf(beginReading(database), asked),
      asked.map(() => undefined),
    );
    const found = new Map<Place, Bytes>();
    for (const parts of bySegment(places)) await this.#readParts(parts, found);
    const again = (content: SizedContent): Promise<Bytes | null> =>
      this.#find(async (reading) => {
        const [place] = await placesOf(reading, [content]);
        return place === undefined ? null : this.#locateAt(() => reading, place);
      });
    return Promise.all(
      asked.map((content, at) => {
        const place = places[at];
        return place === undefined ? null : (found.get(place) ?? again(content));
      }),
    );
  }

  /** Of one segment. */
  async #readParts(parts: readonly Place[], found: Map<Place, Bytes>): Promise<void> {
    const [first] = parts;
    const open = async (database: Database): Promise<Located | null> =>
      first === undefined ? null : this.#locateAt(() => beginReading(database), first);
    const located = await this.#connection.reading(open, null);
    if (located === null) return;
    for (const run of runsOf(parts)) {
      const whole = await this.#bytesAt({ segment: located.segment, ...run });
      if (whole === null) return;
      for (const part of run.parts) {
        const at = part.offset - run.offset;
        found.set(part, whole.subarray(at, at + part.size));
      }
    }
  }

  /** It may have other content now. */
  forgetPiece(key: PieceKey): void {
    this.#ahead.forgetPiece(key);
    const id = key.join('/');
    this.#located.get(id)?.segment.pieces.delete(id);
    this.#located.delete(id);
  }

  /** Nothing is known any more of which piece is where. */
  forget(): void {
    this.#ahead.forget();
    this.#open.clear();
    this.#opening.clear();
    this.#located.clear();
    this.#windows = [];
  }

  /** Looks again where it cannot be read: it may have been moved since it was found. */
  async #find(locate: (reading: Reading) => Promise<Located | null>): Promise<Bytes | null> {
    for (let tries = 0; tries < 2; tries++) {
      const located = await this.#connection.reading((database) => locate(beginReading(database)), null);
      if (located === null) return null;
      const bytes = await this.#bytesAt(located);
      if (bytes !== null) return bytes;
    }
    return null;
  }

  async #locate(reading: Reading, key: PieceKey): Promise<Located | null> {
    const place = await reading.objectStore('places').get(key);
    if (place === undefined) return null;
    const located = await this.#locateIn(place, (id) => this.#withPieces(reading, id, place.segment), key);
    if (located === null) this.#unreadable.add(place.segment);
    return located;
  }

  /** Of its segment nothing is asked but its value, and nothing where that is open. */
  async #locateAt(begin: () => Reading, place: Place): Promise<Located | null> {
    const located = await this.#locateIn(place, (id) => this.#alone(begin(), id, place.segment));
    if (located === null) this.#unreadable.add(place.segment);
    return located;
  }

  /** Of the segment nothing is asked but its value: where its other pieces are is known ahead, too. */
  async #locateAhead(key: PieceKey, isNext: boolean): Promise<Located | null> {
    const place = await this.#ahead.placeOf(key, isNext);
    if (place === undefined) return null;
    return this.#connection.reading((database) => {
      const open = (id: string): Promise<OpenSegment | null> =>
        this.#alone(beginReading(database), id, place.segment);
      return this.#locateIn(place, open, key);
    }, null);
  }

  /** `key`: of the piece that is known to be there from now on. */
  async #locateIn(
    place: Place,
    open: (id: string) => Promise<OpenSegment | null>,
    key?: PieceKey,
  ): Promise<Located | null> {
    const id = segmentId(place.segment);
    const segment = this.#open.get(id) ?? (await this.#opened(id, () => open(id)));
    if (segment === null) return null;
    const located = { segment, offset: place.offset, size: place.size };
    if (key !== undefined && this.#open.has(id)) this.#note(key.join('/'), located);
    return located;
  }

  /** Readers that come at the same time open a segment once. */
  #opened(id: string, open: () => Promise<OpenSegment | null>): Promise<OpenSegment | null> {
    const underWay = this.#opening.get(id);
    if (underWay !== undefined) return underWay;
    const opening = open().finally(() => {
      if (this.#opening.get(id) === opening) this.#opening.delete(id);
    });
    this.#opening.set(id, opening);
    return opening;
  }

  async #alone(reading: Reading, id: string, key: SegmentKey): Promise<OpenSegment | null> {
    const stored = await reading.objectStore('pieces').get(key);
    if (stored === undefined) return null;
    const value = this.#files.valueOf(key, stored);
    const segment: OpenSegment = { key, id, value, pieces: new Set(), nextOffset: -1, window: null };
    // Forgotten meanwhile: what was asked for is answered, and nothing is kept of it.
    if (!this.#opening.has(id)) return segment;
    this.#open.set(id, segment);
    this.#closeOldest();
    return segment;
  }

  async #withPieces(reading: Reading, id: string, key: SegmentKey): Promise<OpenSegment | null> {
    const [segment, directory] = await inOne([
      () => this.#alone(reading, id, key),
      () => reading.objectStore('directories').get(key),
    ]);
    if (segment === null || this.#open.get(id) !== segment) return segment;
    for (const [infoHash, piece, offset, size] of directory?.pieces ?? []) {
      this.#note(`${infoHash}/${piece}`, { segment, offset, size });
    }
    return segment;
  }

  #note(piece: string, located: Located): void {
    located.segment.pieces.add(piece);
    this.#located.set(piece, located);
  }

  /** Null, and the segment is not used again, where it cannot be read. */
  async #bytesAt({ segment, offset, size }: Located): Promise<Bytes | null> {
    this.#touch(segment);
    try {
      const whole = sizeOf(segment.value);
      // What version 1 wrote was one piece and nothing else.
      const fits = isOfVersionOne(segment.key) ? size === whole : offset + size <= whole;
      const bytes = fits ? await this.#range(segment, offset, offset + size) : null;
      if (bytes?.length === size) {
        this.#unreadable.delete(segment.key);
        return bytes;
      }
    } catch {
      // As if it were too short.
    }
    this.#unreadable.add(segment.key);
    this.#close(segment);
    return null;
  }

  async #range(segment: OpenSegment, from: number, to: number): Promise<Bytes> {
    const whole = sizeOf(segment.value);
    const inOrder = from === segment.nextOffset || (from === 0 && this.#endedSegment);
    segment.nextOffset = to;
    this.#endedSegment = to === whole;
    const { window } = segment;
    if (window !== null && window.from <= from && to <= window.to) {
      if (to === window.to) segment.window = null;
      return (await window.bytes).slice(from - window.from, to - window.from);
    }
    if (!inOrder || to === whole || !isWorthReadingAhead(segment.value)) {
      return rangeOf(segment.value, from, to);
    }
    const ahead = { from, to: whole, bytes: rangeOf(segment.value, from, whole) };
    this.#keepWindow(segment, ahead);
    return (await ahead.bytes).slice(0, to - from);
  }

  #keepWindow(segment: OpenSegment, window: Window): void {
    segment.window = window;
    this.#windows = [...this.#windows.filter((other) => other !== segment), segment];
    while (this.#windows.length > READ_WINDOWS) {
      const oldest = this.#windows.shift();
      if (oldest !== undefined) oldest.window = null;
    }
  }

  #touch(segment: OpenSegment): void {
    if (!this.#open.delete(segment.id)) return;
    this.#open.set(segment.id, segment);
  }

  #closeOldest(): void {
    let bufferBytes = 0;
    for (const { value } of this.#open.values())
      if (value instanceof ArrayBuffer) bufferBytes += value.byteLength;
    for (const oldest of this.#open.values()) {
      if (this.#open.size <= OPEN_SEGMENTS && bufferBytes <= OPEN_BUFFER_BYTES) break;
      if (oldest.value instanceof ArrayBuffer) bufferBytes -= oldest.value.byteLength;
      this.#close(oldest);
    }
  }

  #close(segment: OpenSegment): void {
    if (this.#open.get(segment.id) === segment) this.#open.delete(segment.id);
    segment.window = null;
    for (const piece of segment.pieces) {
      if (this.#located.get(piece)?.segment === segment) this.#located.delete(piece);
    }
  }
}

/** Of contents that are stored with another size: undefined. */
async function placesOf(reading: Reading, asked: readonly SizedContent[]): Promise<(Place | undefined)[]> {
  const index = reading.objectStore('places').index('sha256');
  const places = await inOne(
    asked.map(
      ({ sha256 }) =>
        () =>
          index.get(sha256),
    ),
  );
  return places.map((place, at) => (place?.size === asked[at]?.bytes ? place : undefined));
}

function bySegment(places: readonly (Place | undefined)[]): Iterable<Place[]> {
  const segments = new Map<string, Place[]>();
  for (const place of places) {
    if (place === undefined) continue;
    const id = segmentId(place.segment);
    const parts = segments.get(id);
    if (parts === undefined) segments.set(id, [place]);
    else parts.push(place);
  }
  return segments.values();
}

function runsOf(places: readonly Place[]): Run[] {
  const runs: { offset: number; size: number; parts: Place[] }[] = [];
  for (const place of [...places].sort((one, other) => one.offset - other.offset)) {
    const run = runs.at(-1);
    if (run === undefined || place.offset !== run.offset + run.size) {
      runs.push({ offset: place.offset, size: place.size, parts: [place] });
      continue;
    }
    run.parts.push(place);
    run.size += place.size;
  }
  return runs;
}
