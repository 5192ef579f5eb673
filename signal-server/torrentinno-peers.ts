/**
 * TorrentInno's own HTTP tracker ([SV9]): `POST /peers` and `GET /peers` as its unmodified clients know them,
 * announcer included in the answer, life 35 s. A namespace of its own: nothing here meets our swarms. What the
 * original leaves unbounded is bounded here.
 */
import * as v from 'valibot';
import { MEMBER_LIFE_MS } from '../shared/tracker/limits.ts';
import type { Clock } from './swarms.ts';

export const MAX_PEERS_BODY_BYTES = 4_096;
const MAX_FIELD_LENGTH = 256;
export const MAX_PEERS_PER_HASH = 1_000;
export const MAX_PEERS = 50_000;

const field = v.pipe(v.string(), v.maxLength(MAX_FIELD_LENGTH));
const announcement = v.object({ peerId: field, infoHash: field, publicIp: field, publicPort: field });
type Announcement = v.InferOutput<typeof announcement>;

interface Heard {
  readonly peer: Announcement;
  readonly until: number;
}

export type PeersAnswer =
  | { kind: 'peers'; infoHash: string; peers: Announcement[] }
  /** Not JSON, or not four strings. */
  | { kind: 'malformed' }
  | { kind: 'full' };

export class TorrentInnoPeers {
  readonly #clock: Clock;
  readonly #hashes = new Map<string, Map<string, Heard>>();
  #size = 0;
  #nextSweep = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  announce(body: string): PeersAnswer {
    const peer = parse(body);
    if (!peer) return { kind: 'malformed' };
    this.expire();
    this.#expireIn(peer.infoHash, this.#clock());
    const known = this.#hashes.get(peer.infoHash);
    if (!known?.has(peer.peerId)) {
      if (this.#size >= MAX_PEERS || (known?.size ?? 0) >= MAX_PEERS_PER_HASH) return { kind: 'full' };
      this.#size += 1;
    }
    const peers = known ?? new Map<string, Heard>();
    this.#hashes.set(peer.infoHash, peers);
    peers.delete(peer.peerId);
    peers.set(peer.peerId, { peer, until: this.#clock() + MEMBER_LIFE_MS });
    return { kind: 'peers', infoHash: peer.infoHash, peers: [...peers.values()].map((heard) => heard.peer) };
  }

  /** `{infoHash: {peerId: {…}}}` as JSON text. */
  dump(): string {
    const now = this.#clock();
    for (const infoHash of this.#hashes.keys()) this.#expireIn(infoHash, now);
    const hashes = [...this.#hashes].map(([infoHash, peers]) => {
      const entries = [...peers].map(
        ([peerId, { peer }]) => `${JSON.stringify(peerId)}:${JSON.stringify(peer)}`,
      );
      return `${JSON.stringify(infoHash)}:{${entries.join()}}`;
    });
    return `{${hashes.join()}}`;
  }

  /** Takes out everybody whose time is over, at most once a second. */
  expire(): void {
    const now = this.#clock();
    if (now < this.#nextSweep) return;
    this.#nextSweep = now + 1_000;
    for (const infoHash of this.#hashes.keys()) this.#expireIn(infoHash, now);
  }

  /** Within one info-hash the peers stand in the order of their last announce. */
  #expireIn(infoHash: string, now: number): void {
    const peers = this.#hashes.get(infoHash);
    if (!peers) return;
    for (const [peerId, { until }] of peers) {
      if (until >= now) break;
      peers.delete(peerId);
      this.#size -= 1;
    }
    if (peers.size === 0) this.#hashes.delete(infoHash);
  }
}

function parse(body: string): Announcement | null {
  try {
    const parsed = v.safeParse(announcement, JSON.parse(body));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
