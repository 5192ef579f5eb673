/**
 * How the manifest is given ([MX1] [MX4]): chunks of ours in the order they are asked for, within the send window.
 * Knows no pieces.
 */
import { MAX_QUEUED_METADATA, METADATA_CHUNK_BYTES, SEND_WINDOW_BYTES } from '../../limits.ts';
import { violation } from '../../protocol/frames.ts';
import type { Violation } from '../../protocol/frames.ts';
import type { Output } from '../io.ts';
import type { Connection } from './connection.ts';

/** Who is asked by many at once begins so many answers a second, and so many bytes of them at the least. */
const GIVEN_AT_ONCE = 2;
const GIVEN_AT_ONCE_BYTES = 262_144;
const GIVEN_WINDOW_MS = 1_000;
/** How often one peer may have it: who was too slow begins anew. A request is five bytes, its answer is 64 KiB. */
const MOST_COPIES = 8;

export class ManifestServer {
  /** Offsets that were asked for and wait for room in the send window. */
  readonly #waiting = new Map<Connection, number[]>();
  /** Chunks that were asked for, by connection. */
  readonly #asked = new WeakMap<Connection, number>();
  #windowAt = -Infinity;
  #given = 0;

  asked(
    connection: Connection,
    offset: number,
    manifest: Uint8Array | null,
    now: number,
    out: Output[],
  ): Violation | null {
    // Answers keep the order of asking: who still waits for chunks is not told off before they come.
    const begins = offset === 0 && !this.#waiting.has(connection);
    if (manifest === null || (begins && !this.#takeOn(manifest.length, now))) {
      connection.wire.send({ kind: 'metadata', total: 0, offset: 0, data: new Uint8Array(0) }, out);
      return null;
    }
    if (offset >= manifest.length) return violation('bad-range', `a request for manifest bytes at ${offset}`);
    const asked = (this.#asked.get(connection) ?? 0) + 1;
    this.#asked.set(connection, asked);
    if (asked > MOST_COPIES * Math.ceil(manifest.length / METADATA_CHUNK_BYTES) + MAX_QUEUED_METADATA)
      return violation('too-many-requests', 'the manifest again and again');
    const waiting = this.#waiting.get(connection) ?? [];
    if (waiting.length >= MAX_QUEUED_METADATA)
      return violation('too-many-requests', 'too many metadata requests');
    waiting.push(offset);
    this.#waiting.set(connection, waiting);
    this.#serve(connection, manifest, out);
    return null;
  }

  /**
   * [MX4] Of many that ask at once most will get it from those that got it a moment ago: they are told to ask on.
   * False: this is one of those.
   */
  #takeOn(bytes: number, now: number): boolean {
    if (now - this.#windowAt >= GIVEN_WINDOW_MS) {
      this.#windowAt = now;
      this.#given = 0;
    }
    if (this.#given >= GIVEN_AT_ONCE && this.#given * bytes >= GIVEN_AT_ONCE_BYTES) return false;
    this.#given++;
    return true;
  }

  /** Sends what there is room for now. Cheap where nobody waits. */
  run(manifest: Uint8Array | null, out: Output[]): void {
    if (manifest === null || this.#waiting.size === 0) return;
    for (const connection of this.#waiting.keys()) this.#serve(connection, manifest, out);
  }

  #serve(connection: Connection, manifest: Uint8Array, out: Output[]): void {
    const waiting = this.#waiting.get(connection);
    if (waiting === undefined) return;
    while (connection.wire.unsent < SEND_WINDOW_BYTES) {
      const offset = waiting.shift();
      if (offset === undefined) break;
      const data = manifest.subarray(offset, offset + METADATA_CHUNK_BYTES);
      connection.wire.send({ kind: 'metadata', total: manifest.length, offset, data }, out);
    }
    if (waiting.length === 0) this.#waiting.delete(connection);
  }

  closed(connection: Connection): void {
    this.#waiting.delete(connection);
  }
}
