/**
 * How the manifest comes ([MX1]–[MX4]): who lacks it asks one extended peer at a time, chunk by chunk in order; what
 * arrived whole is parsed, hashed by the driver and accepted only if it is the link's. A peer whose manifest is not is
 * dropped, and the next one is asked. Knows no pieces.
 */
import type { InfoHash, LinkId } from '../../ids.ts';
import { MAX_MANIFEST_BYTES, METADATA_CHUNK_BYTES, METADATA_TIMEOUT_MS } from '../../limits.ts';
import { parseManifest } from '../../manifest/resource.ts';
import type { Manifest } from '../../manifest/resource.ts';
import { violation } from '../../protocol/frames.ts';
import type { Violation } from '../../protocol/frames.ts';
import type { Output } from '../io.ts';
import type { Connection } from './connection.ts';

const CHUNKS_AHEAD = 4;
/** ms until a peer that had no manifest for us is asked again, unless it shows that it has one. */
const WITHOUT_MS = 1_000;
/** A slow peer's time doubles with each of its turns, so often at most. */
const MOST_DOUBLINGS = 3;

interface Fetch {
  readonly from: Connection;
  readonly chunks: Uint8Array[];
  received: number;
  asked: number;
  /** Unknown until the first chunk. */
  total: number | null;
  lastChunkAt: number;
  /** Parsed and waiting for its hashes. */
  parsed: Manifest | null;
}

export type ChunkResult = Violation | null;

export class ManifestFetch {
  readonly #infoHash: InfoHash;
  #fetch: Fetch | null = null;
  /** Peers that said they have none for us, and when to ask them again, in ms. */
  readonly #without = new Map<LinkId, number>();
  /** How often a peer was passed over for another because it was slow. */
  readonly #slow = new Map<LinkId, number>();
  /** How many chunks a peer still owes to a fetch that was given up: they come first, and nobody needs them. */
  readonly #owed = new Map<LinkId, number>();

  constructor(infoHash: InfoHash) {
    this.#infoHash = infoHash;
  }

  /**
   * [MX4] Asks a peer, unless one is being asked. A slow one makes way when there is another to ask; it is asked
   * again, and more patiently, when its turn comes.
   */
  begin(all: Iterable<Connection>, now: number, out: Output[]): void {
    if (this.#fetch !== null && now < this.#deadline(this.#fetch)) return;
    const next = this.#leastSlow(all, now);
    if (next === null) return;
    this.#giveUp('slow', now);
    this.#fetch = {
      from: next,
      chunks: [],
      received: 0,
      asked: 0,
      total: null,
      lastChunkAt: now,
      parsed: null,
    };
    this.#ask(this.#fetch, 1, out);
  }

  /** [MX2] Chunks come in the order of asking, of one total, and nobody else's are welcome. */
  chunkArrived(
    from: Connection,
    frame: { total: number; offset: number; data: Uint8Array },
    now: number,
    out: Output[],
  ): ChunkResult {
    if (this.#settleOwed(from)) return null;
    const fetch = this.#fetch;
    if (fetch === null || fetch.from !== from) {
      return violation('unasked-metadata', 'metadata nobody asked for');
    }
    if (frame.total === 0) {
      fetch.received += METADATA_CHUNK_BYTES;
      this.#giveUp('without', now);
      return null;
    }
    const bad = judgeChunk(fetch, frame);
    if (bad !== null) return bad;
    fetch.total = frame.total;
    fetch.chunks.push(frame.data.slice());
    fetch.received += frame.data.length;
    fetch.lastChunkAt = now;
    if (fetch.received < frame.total) {
      this.#ask(fetch, CHUNKS_AHEAD, out);
      return null;
    }
    return this.#parse(fetch, out);
  }

  /** [MX3] The hashes of the parsed manifest. A violation where it is not the link's. */
  hashed(link: LinkId, infoHash: string, shoalDigest: string | null): Manifest | Violation | null {
    const fetch = this.#fetch;
    if (fetch?.from.link !== link || fetch.parsed === null) return null;
    const { parsed } = fetch;
    if (infoHash !== this.#infoHash)
      return violation('bad-manifest', 'the manifest is not the one of the link');
    if ((parsed.shoal?.digest ?? null) !== shoalDigest) {
      return violation('bad-manifest', 'the shoal key is not the one its marker names');
    }
    this.#fetch = null;
    return parsed;
  }

  /** A have or bitfield shows that the peer has the manifest now. */
  reconsider({ link }: Connection): void {
    this.#without.delete(link);
  }

  closed(connection: Connection): void {
    const { link } = connection;
    if (this.#fetch?.from === connection) this.#fetch = null;
    this.#without.delete(link);
    this.#slow.delete(link);
    this.#owed.delete(link);
  }

  #deadline(fetch: Fetch): number {
    if (fetch.parsed !== null) return Infinity;
    const times = Math.min(this.#slow.get(fetch.from.link) ?? 0, MOST_DOUBLINGS);
    return fetch.lastChunkAt + METADATA_TIMEOUT_MS * 2 ** times;
  }

  /** Whom to ask next: anybody but the one being asked. */
  #leastSlow(all: Iterable<Connection>, now: number): Connection | null {
    let best: Connection | null = null;
    let least = Infinity;
    for (const connection of all) {
      const { wire, link } = connection;
      if (!wire.extended || connection === this.#fetch?.from) continue;
      if (now < (this.#without.get(link) ?? 0)) continue;
      const times = this.#slow.get(link) ?? 0;
      if (times >= least) continue;
      best = connection;
      least = times;
    }
    return best;
  }

  #giveUp(why: 'slow' | 'without', now: number): void {
    if (this.#fetch === null) return;
    const { from, asked, received } = this.#fetch;
    const { link } = from;
    if (why === 'without') this.#without.set(link, now + WITHOUT_MS);
    else this.#slow.set(link, (this.#slow.get(link) ?? 0) + 1);
    const owed = (asked - received) / METADATA_CHUNK_BYTES;
    if (owed > 0) this.#owed.set(link, (this.#owed.get(link) ?? 0) + owed);
    this.#fetch = null;
  }

  /** A chunk that a fetch which was given up is still owed has come. False: it is none. */
  #settleOwed({ link }: Connection): boolean {
    const owed = this.#owed.get(link);
    if (owed === undefined) return false;
    if (owed > 1) this.#owed.set(link, owed - 1);
    else this.#owed.delete(link);
    return true;
  }

  #ask(fetch: Fetch, ahead: number, out: Output[]): void {
    const end = fetch.total ?? 1;
    while (fetch.asked < end && fetch.asked - fetch.received < ahead * METADATA_CHUNK_BYTES) {
      fetch.from.wire.send({ kind: 'metadata-request', offset: fetch.asked }, out);
      fetch.asked += METADATA_CHUNK_BYTES;
    }
  }

  #parse(fetch: Fetch, out: Output[]): Violation | null {
    const result = parseManifest(concatenate(fetch.chunks, fetch.received));
    if (result.kind === 'refused') return violation('bad-manifest', `${result.reason}: ${result.detail}`);
    fetch.parsed = result.manifest;
    const { preimage, shoalText } = result;
    out.push({ kind: 'hash-manifest', link: fetch.from.link, preimage, shoalText });
    return null;
  }
}

function judgeChunk(
  fetch: Fetch,
  frame: { total: number; offset: number; data: Uint8Array },
): Violation | null {
  const { total, offset, data } = frame;
  if (total > MAX_MANIFEST_BYTES) return violation('bad-manifest', `a manifest of ${total} bytes`);
  if (fetch.total !== null && fetch.total !== total) return violation('bad-manifest', 'its length changed');
  const expected = Math.min(METADATA_CHUNK_BYTES, total - fetch.received);
  if (fetch.parsed !== null || offset !== fetch.received || data.length !== expected) {
    return violation('unasked-metadata', `${data.length} bytes of manifest at ${offset}`);
  }
  return null;
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
