/**
 * One copy of the manifest on its way from one peer ([MX2]): asked for chunk by chunk, taken in order, read once it is
 * whole. Knows no other copy.
 */
import { MAX_MANIFEST_BYTES, METADATA_CHUNK_BYTES } from '../../limits.ts';
import { readManifest } from '../../manifest/resource.ts';
import type { UnprovedManifest } from '../../manifest/resource.ts';
import { violation } from '../../protocol/frames.ts';
import type { Frame, Violation } from '../../protocol/frames.ts';
import type { Output } from '../io.ts';
import type { Connection } from './connection.ts';

type Chunk = Omit<Frame & { kind: 'metadata' }, 'kind'>;

export class ManifestCopy {
  readonly from: Connection;
  readonly #beganAt: number;
  readonly #chunks: Uint8Array[] = [];
  #received = 0;
  #asked = 0;
  /** Unknown until the first chunk. */
  #total: number | null = null;
  #unproved: UnprovedManifest | null = null;

  constructor(from: Connection, now: number) {
    this.from = from;
    this.#beganAt = now;
  }

  /** Something of it came. */
  get gives(): boolean {
    return this.#received > 0;
  }

  /** It is whole and waits for its hashes. */
  get unproved(): UnprovedManifest | null {
    return this.#unproved;
  }

  /** Chunks that were asked for and have not come. */
  get owed(): number {
    return Math.ceil((this.#asked - this.#received) / METADATA_CHUNK_BYTES);
  }

  /** ms until it is whole, at the pace it has had so far. */
  msLeft(now: number): number {
    if (this.#total === null) return Infinity;
    return ((this.#total - this.#received) * (now - this.#beganAt)) / this.#received;
  }

  /** Asks for what is not asked for yet, so many chunks ahead of what is here. */
  ask(ahead: number, out: Output[]): void {
    const end = this.#total ?? 1;
    while (this.#asked < end && this.#asked - this.#received < ahead * METADATA_CHUNK_BYTES) {
      this.from.wire.send({ kind: 'metadata-request', offset: this.#asked }, out);
      this.#asked += METADATA_CHUNK_BYTES;
    }
  }

  /** Chunks come in the order of asking, and of one total. Orders the hashes with the last of them. */
  take(chunk: Chunk, out: Output[]): Violation | null {
    const bad = this.#judge(chunk);
    if (bad !== null) return bad;
    this.#total = chunk.total;
    this.#chunks.push(chunk.data.slice());
    this.#received += chunk.data.length;
    return this.#received < chunk.total ? null : this.#read(out);
  }

  #judge({ total, offset, data }: Chunk): Violation | null {
    if (total > MAX_MANIFEST_BYTES) return violation('bad-manifest', `a manifest of ${total} bytes`);
    if (this.#total !== null && this.#total !== total) return violation('bad-manifest', 'its length changed');
    const expected = Math.min(METADATA_CHUNK_BYTES, total - this.#received);
    if (this.#unproved !== null || offset !== this.#received || data.length !== expected) {
      return violation('unasked-metadata', `${data.length} bytes of manifest at ${offset}`);
    }
    return null;
  }

  #read(out: Output[]): Violation | null {
    const read = readManifest(concatenate(this.#chunks.splice(0), this.#received));
    if (read.kind === 'refused') return violation('bad-manifest', `${read.reason}: ${read.detail}`);
    this.#unproved = read;
    const { preimage, shoalText } = read;
    out.push({ kind: 'hash-manifest', link: this.from.link, preimage, shoalText });
    return null;
  }
}

function concatenate(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
