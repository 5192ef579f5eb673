/**
 * TorrentInno's own HTTP tracker ([SV9]): `POST /peers` and `GET /peers` as its unmodified clients know them,
 * announcer included in the answer, life 35 s. A namespace of its own: nothing here meets our swarms. What the
 * original leaves unbounded is bounded here: who is remembered, and what an answer costs.
 *
 * Owner of the invariants: a peer stands in its info-hash's map, in the order of the last announces, and in its array
 * at the place it knows; its address counts it once.
 */
import * as v from 'valibot';
import type { Random } from '../shared/random.ts';
import { MEMBER_LIFE_MS } from '../shared/tracker/limits.ts';
import { append, draw, swap, takeOut } from './places.ts';
import type { Placed } from './places.ts';
import type { Clock } from './swarms.ts';
import { tally } from './tally.ts';

export const MAX_PEERS_BODY_BYTES = 4_096;
const MAX_FIELD_LENGTH = 256;
export const MAX_PEERS_PER_HASH = 1_000;
export const MAX_PEERS_PER_ADDRESS = 500;
export const MAX_PEERS = 50_000;
/** What one answer to an announce holds at most; the announcer is in it always. */
export const MAX_ANSWERED_PEERS = 50;
export const MAX_ANSWER_BYTES = 16_384;
/** What `GET /peers` shows at most. */
export const MAX_DUMP_BYTES = 262_144;

const field = v.pipe(v.string(), v.maxLength(MAX_FIELD_LENGTH));
const announcement = v.object({ peerId: field, infoHash: field, publicIp: field, publicPort: field });
type Announcement = v.InferOutput<typeof announcement>;

interface Heard extends Placed {
  readonly infoHash: string;
  readonly peerId: string;
  addressKey: string;
  /** As JSON, which is all that anybody asks of it. */
  json: string;
  bytes: number;
  until: number;
}

interface Swarm {
  readonly peers: Map<string, Heard>;
  readonly places: Heard[];
}

export type PeersAnswer =
  /** `{infoHash, peers}` as JSON. */
  | { kind: 'peers'; json: string }
  /** Not JSON, or not four strings. */
  | { kind: 'malformed' }
  | { kind: 'full' };

export class TorrentInnoPeers {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #hashes = new Map<string, Swarm>();
  readonly #perAddress = new Map<string, number>();
  #size = 0;
  #nextSweep = 0;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  announce(body: string, addressKey: string): PeersAnswer {
    const announced = parse(body);
    if (!announced) return { kind: 'malformed' };
    this.expire();
    this.#expireIn(announced.infoHash, this.#clock());
    const swarm = this.#hashes.get(announced.infoHash);
    const known = swarm?.peers.get(announced.peerId);
    if (!this.#hasRoom(swarm, known, addressKey)) return { kind: 'full' };
    const self = known ?? this.#enter(announced, addressKey);
    this.#renew(self, announced, addressKey);
    return { kind: 'peers', json: this.#answer(self) };
  }

  /** `{infoHash: {peerId: {…}}}` as JSON text, as far as `MAX_DUMP_BYTES` go. */
  dump(): string {
    const now = this.#clock();
    let room = MAX_DUMP_BYTES;
    const hashes: string[] = [];
    for (const [infoHash, { peers }] of this.#hashes) {
      const entries: string[] = [];
      room -= Buffer.byteLength(JSON.stringify(infoHash)) + 4;
      for (const { until, peerId, json, bytes } of peers.values()) {
        if (until < now) continue;
        const name = JSON.stringify(peerId);
        room -= Buffer.byteLength(name) + bytes + 2;
        if (room < 0) break;
        entries.push(`${name}:${json}`);
      }
      if (entries.length > 0) hashes.push(`${JSON.stringify(infoHash)}:{${entries.join()}}`);
      if (room < 0) break;
    }
    return `{${hashes.join()}}`;
  }

  /** Takes out everybody whose time is over, at most once a second. */
  expire(): void {
    const now = this.#clock();
    if (now < this.#nextSweep) return;
    this.#nextSweep = now + 1_000;
    for (const infoHash of this.#hashes.keys()) this.#expireIn(infoHash, now);
  }

  #hasRoom(swarm: Swarm | undefined, known: Heard | undefined, addressKey: string): boolean {
    const ofAddress = this.#perAddress.get(addressKey) ?? 0;
    if (known?.addressKey !== addressKey && ofAddress >= MAX_PEERS_PER_ADDRESS) return false;
    return (
      known !== undefined || (this.#size < MAX_PEERS && (swarm?.places.length ?? 0) < MAX_PEERS_PER_HASH)
    );
  }

  #enter({ infoHash, peerId }: Announcement, addressKey: string): Heard {
    const swarm = this.#hashes.get(infoHash) ?? { peers: new Map<string, Heard>(), places: [] };
    this.#hashes.set(infoHash, swarm);
    const heard: Heard = { infoHash, peerId, addressKey, json: '', bytes: 0, until: 0, place: 0 };
    append(swarm.places, heard);
    this.#size += 1;
    tally(this.#perAddress, addressKey, 1);
    return heard;
  }

  #renew(heard: Heard, announced: Announcement, addressKey: string): void {
    if (heard.addressKey !== addressKey) {
      tally(this.#perAddress, heard.addressKey, -1);
      tally(this.#perAddress, addressKey, 1);
      heard.addressKey = addressKey;
    }
    heard.json = JSON.stringify(announced);
    heard.bytes = Buffer.byteLength(heard.json);
    heard.until = this.#clock() + MEMBER_LIFE_MS;
    const peers = this.#hashes.get(heard.infoHash)?.peers;
    peers?.delete(heard.peerId);
    peers?.set(heard.peerId, heard);
  }

  /** The announcer and others by chance. */
  #answer(self: Heard): string {
    const places = this.#hashes.get(self.infoHash)?.places ?? [];
    swap(places, self.place, 0);
    const named = [self.json];
    let bytes = self.bytes;
    for (let at = 1; at < Math.min(places.length, MAX_ANSWERED_PEERS); at++) {
      const drawn = draw(places, at, places.length, this.#random);
      if (bytes + drawn.bytes > MAX_ANSWER_BYTES) break;
      bytes += drawn.bytes;
      named.push(drawn.json);
    }
    return `{"infoHash":${JSON.stringify(self.infoHash)},"peers":[${named.join()}]}`;
  }

  /** Within one info-hash the peers stand in the order of their last announce. */
  #expireIn(infoHash: string, now: number): void {
    const swarm = this.#hashes.get(infoHash);
    if (!swarm) return;
    for (const [peerId, heard] of swarm.peers) {
      if (heard.until >= now) break;
      swarm.peers.delete(peerId);
      takeOut(swarm.places, heard);
      tally(this.#perAddress, heard.addressKey, -1);
      this.#size -= 1;
    }
    if (swarm.peers.size === 0) this.#hashes.delete(infoHash);
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
