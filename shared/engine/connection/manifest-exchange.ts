/**
 * How the manifest travels ([MX1]–[MX4]): a peer that lacks it asks one extended peer at a time, chunk by chunk in
 * order; what arrived whole is parsed, hashed by the driver and accepted only if it is the link's. A peer whose
 * manifest is not is dropped, and the next one is asked. Serving it is the other half. Knows no pieces.
 */
import type { InfoHash, LinkId } from '../../ids.ts';
import {
  MAX_MANIFEST_BYTES,
  MAX_QUEUED_METADATA,
  METADATA_CHUNK_BYTES,
  METADATA_TIMEOUT_MS,
  SEND_WINDOW_BYTES,
} from '../../limits.ts';
import { parseManifest } from '../../manifest/resource.ts';
import type { Manifest } from '../../manifest/resource.ts';
import { violation } from '../../protocol/frames.ts';
import type { Violation } from '../../protocol/frames.ts';
import type { Output } from '../io.ts';
import type { PeerSession } from './connection.ts';

const CHUNKS_AHEAD = 4;
/** ms until a peer that had no manifest for us is asked again, unless it shows that it has one. */
const WITHOUT_MS = 1_000;
/** Who is asked by many at once begins so many answers a second, and so many bytes of them at the least. */
const GIVEN_AT_ONCE = 2;
const GIVEN_AT_ONCE_BYTES = 262_144;
const GIVEN_WINDOW_MS = 1_000;
/** A slow peer's time doubles with each of its turns, so often at most. */
const MOST_DOUBLINGS = 3;

interface Fetch {
  readonly session: PeerSession;
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
  begin(sessions: Iterable<PeerSession>, now: number, out: Output[]): void {
    if (this.#fetch !== null && now < this.#deadline(this.#fetch)) return;
    const next = this.#leastSlow(sessions, now);
    if (next === null) return;
    this.#giveUp('slow', now);
    this.#fetch = {
      session: next,
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
    session: PeerSession,
    frame: { total: number; offset: number; data: Uint8Array },
    now: number,
    out: Output[],
  ): ChunkResult {
    if (this.#wasOwed(session)) return null;
    const fetch = this.#fetch;
    if (fetch === null || fetch.session !== session) {
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
    if (fetch?.session.link !== link || fetch.parsed === null) return null;
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
  reconsider(session: PeerSession): void {
    this.#without.delete(session.link);
  }

  closed(session: PeerSession): void {
    if (this.#fetch?.session === session) this.#fetch = null;
    this.#without.delete(session.link);
    this.#slow.delete(session.link);
    this.#owed.delete(session.link);
  }

  #deadline(fetch: Fetch): number {
    if (fetch.parsed !== null) return Infinity;
    const times = Math.min(this.#slow.get(fetch.session.link) ?? 0, MOST_DOUBLINGS);
    return fetch.lastChunkAt + METADATA_TIMEOUT_MS * 2 ** times;
  }

  /** Whom to ask next: anybody but the one being asked. */
  #leastSlow(sessions: Iterable<PeerSession>, now: number): PeerSession | null {
    let best: PeerSession | null = null;
    let least = Infinity;
    for (const session of sessions) {
      if (!session.extended || session === this.#fetch?.session) continue;
      if (now < (this.#without.get(session.link) ?? 0)) continue;
      const times = this.#slow.get(session.link) ?? 0;
      if (times >= least) continue;
      best = session;
      least = times;
    }
    return best;
  }

  #giveUp(why: 'slow' | 'without', now: number): void {
    if (this.#fetch === null) return;
    const { session, asked, received } = this.#fetch;
    const { link } = session;
    if (why === 'without') this.#without.set(link, now + WITHOUT_MS);
    else this.#slow.set(link, (this.#slow.get(link) ?? 0) + 1);
    const owed = (asked - received) / METADATA_CHUNK_BYTES;
    if (owed > 0) this.#owed.set(link, (this.#owed.get(link) ?? 0) + owed);
    this.#fetch = null;
  }

  #wasOwed(session: PeerSession): boolean {
    const owed = this.#owed.get(session.link);
    if (owed === undefined) return false;
    if (owed > 1) this.#owed.set(session.link, owed - 1);
    else this.#owed.delete(session.link);
    return true;
  }

  #ask(fetch: Fetch, ahead: number, out: Output[]): void {
    const end = fetch.total ?? 1;
    while (fetch.asked < end && fetch.asked - fetch.received < ahead * METADATA_CHUNK_BYTES) {
      fetch.session.send({ kind: 'metadata-request', offset: fetch.asked }, out);
      fetch.asked += METADATA_CHUNK_BYTES;
    }
  }

  #parse(fetch: Fetch, out: Output[]): Violation | null {
    const result = parseManifest(concatenate(fetch.chunks, fetch.received));
    if (result.kind === 'refused') return violation('bad-manifest', `${result.reason}: ${result.detail}`);
    fetch.parsed = result.manifest;
    const { preimage, shoalText } = result;
    out.push({ kind: 'hash-manifest', link: fetch.session.link, preimage, shoalText });
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

/** [MX1] [MX4] The serving half: chunks of our manifest, in the order they are asked for, within the send window. */
export class ManifestServer {
  readonly #waiting = new Map<LinkId, number[]>();
  #windowAt = -Infinity;
  #given = 0;

  asked(
    session: PeerSession,
    offset: number,
    manifest: Uint8Array | null,
    now: number,
    out: Output[],
  ): Violation | null {
    // Answers keep the order of asking: who still waits for chunks is not told off before they come.
    const begins = offset === 0 && !this.#waiting.has(session.link);
    if (manifest === null || (begins && this.#isCrowded(manifest.length, now))) {
      session.send({ kind: 'metadata', total: 0, offset: 0, data: new Uint8Array(0) }, out);
      return null;
    }
    if (offset >= manifest.length) return violation('bad-range', `a request for manifest bytes at ${offset}`);
    const waiting = this.#waiting.get(session.link) ?? [];
    if (waiting.length >= MAX_QUEUED_METADATA)
      return violation('too-many-requests', 'too many metadata requests');
    waiting.push(offset);
    this.#waiting.set(session.link, waiting);
    this.serve(session, manifest, out);
    return null;
  }

  /** [MX4] Of many that ask at once most will get it from those that got it a moment ago: they are told to ask on. */
  #isCrowded(bytes: number, now: number): boolean {
    if (now - this.#windowAt >= GIVEN_WINDOW_MS) {
      this.#windowAt = now;
      this.#given = 0;
    }
    const crowded = this.#given >= GIVEN_AT_ONCE && this.#given * bytes >= GIVEN_AT_ONCE_BYTES;
    if (!crowded) this.#given++;
    return crowded;
  }

  serve(session: PeerSession, manifest: Uint8Array | null, out: Output[]): void {
    const waiting = this.#waiting.get(session.link);
    if (waiting === undefined || manifest === null) return;
    while (session.unsent < SEND_WINDOW_BYTES) {
      const offset = waiting.shift();
      if (offset === undefined) break;
      const data = manifest.subarray(offset, offset + METADATA_CHUNK_BYTES);
      session.send({ kind: 'metadata', total: manifest.length, offset, data }, out);
    }
    if (waiting.length === 0) this.#waiting.delete(session.link);
  }

  closed(session: PeerSession): void {
    this.#waiting.delete(session.link);
  }
}
