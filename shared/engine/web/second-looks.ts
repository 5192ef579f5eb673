/**
 * [WS22] Fetches parts of what somebody sent a second time: from a peer that did not send it, and one of eight from the server
 * itself; or from whoever of them there is. Owns which are out, and whom each was asked of. Says what came of each, and judges nobody.
 */
import type { LinkId, PeerId } from '../../ids.ts';
import type { BlockRange, Frame } from '../../protocol/frames.ts';
import type { Random } from '../../random.ts';
import type { Connection } from '../connection/connection.ts';
import type { Input, Output } from '../io.ts';
import type { Sample } from './samples.ts';

/** Of the server at a time, beside the ranges of what is missing. */
const MOST_OF_SERVER = 4;
/** Of one peer at a time; of the server, too, where nothing is missing. */
const MOST_OF_PEER = 8;
/** Of one that lends while something is missing: it has to fetch them, and the more the less of what is missing. */
const MOST_OF_LENDER = 2;
/** Of those that a peer could say as well, one of so many is asked of the server: peers may have it of the same liar. */
const OF_SERVER = 8;
/** ms until somebody else is asked. */
const ANSWER_MS = 20_000;
/** ms after which a peer is late: others are asked before it, and in its place where everybody waits. */
const LATE_MS = 500;
/** ms for which a server that did not answer is let be. */
const SERVER_RESTS_MS = 5_000;
/** ms after which one that nobody can be asked about is let be. */
const GIVE_UP_MS = 60_000;
const WHOLE_GIVE_UP_MS = 15_000;
/** Of those that wait so many are tried when somebody answered. */
const MOST_TRIED = 16;

type LookInput = Input & { kind: 'range-came' | 'range-ended' | 'range-failed' };

interface Look {
  readonly sample: Sample;
  /** Since when somebody is to be asked, in ms. */
  readonly since: number;
  readonly serverFirst: boolean;
  /** Who could not say. */
  readonly notOf: Set<PeerId | null>;
}

interface RangeLook extends Look {
  readonly bytes: Uint8Array;
  filled: number;
  /** ms. */
  readonly askedAt: number;
  /** What somebody said who was asked before, and is wrong where the first one is not. */
  readonly other: Sample | null;
}

interface PeerLook {
  readonly look: Look;
  readonly peer: PeerId;
  readonly range: BlockRange;
  /** ms. */
  readonly askedAt: number;
  /** Nobody waits for it any more; it may come all the same. */
  over: boolean;
}

export interface SecondLooksOptions {
  readonly connections: Iterable<Connection>;
  readonly random: Random;
  /** [WS31] It has nothing itself, and asks the server. */
  readonly lends: (link: LinkId) => boolean;
  /** Orders it of the server; null: that cannot be asked now. The answer names the order. */
  readonly order: (range: BlockRange, out: Output[]) => number | null;
  readonly abort: (range: number, out: Output[]) => void;
  /** `by`: who sent it a second time; null: the server. */
  readonly seen: (sample: Sample, bytes: Uint8Array, by: PeerId | null, now: number, out: Output[]) => void;
  /** Nobody could be asked. */
  readonly unseen: (sample: Sample) => void;
}

export class SecondLooks {
  readonly #options: SecondLooksOptions;
  #waiting: Look[] = [];
  readonly #ofServer = new Map<number, RangeLook>();
  readonly #ofPeers = new Map<LinkId, PeerLook[]>();
  /** ms; it is not asked before. */
  #serverAt = -Infinity;
  #answered = false;
  /** Nothing is missing, and everybody waits. */
  #isWhole = false;

  constructor(options: SecondLooksOptions) {
    this.#options = options;
  }

  /** That wait or are out. */
  get size(): number {
    const ofPeers = [...this.#ofPeers.values()].flat().filter(({ over }) => !over);
    return this.#waiting.length + this.#ofServer.size + ofPeers.length;
  }

  add(samples: readonly Sample[], now: number): void {
    for (const sample of samples) {
      const serverFirst = this.#options.random.below(OF_SERVER) === 0;
      this.#waiting.push({ sample, serverFirst, since: now, notOf: new Set([sample.sender]) });
    }
  }

  /** Of what it sent nothing is looked at any more, nor at what it says of others'. */
  forget(sender: PeerId, out: Output[]): void {
    this.#waiting = this.#waiting.filter(({ sample }) => sample.sender !== sender);
    for (const [range, { sample }] of [...this.#ofServer]) {
      if (sample.sender !== sender) continue;
      this.#ofServer.delete(range);
      this.#options.abort(range, out);
    }
    for (const one of [...this.#ofPeers.values()].flat())
      if (one.look.sample.sender === sender) one.over = true;
  }

  /** Asks whoever can be asked; lets be what nobody could be asked about for long: not so long where `isWhole`. */
  tick(isWhole: boolean, now: number, out: Output[]): void {
    this.#isWhole = isWhole;
    this.#expire(now, out);
    if (isWhole) this.#askInPlaceOfLate(now, out);
    this.#askAll(this.#waiting.length, now, out);
    const patience = isWhole ? WHOLE_GIVE_UP_MS : GIVE_UP_MS;
    const staying = this.#waiting.filter(({ since }) => now - since < patience);
    for (const look of this.#waiting) if (now - look.since >= patience) this.#options.unseen(look.sample);
    this.#waiting = staying;
  }

  /** Somebody answered, and can be asked again. */
  run(now: number, out: Output[]): void {
    if (this.#answered) this.#askAll(MOST_TRIED, now, out);
    this.#answered = false;
  }

  /** Of those that wait the first so many; who cannot be asked for now goes behind the others. */
  #askAll(most: number, now: number, out: Output[]): void {
    for (const look of this.#waiting.splice(0, most)) {
      if (!this.#ask(look, now, out)) this.#waiting.push(look);
    }
  }

  /** A peer who has it and could say it is waited for. Who lends would ask the server as we can. */
  #ask(look: Look, now: number, out: Output[]): boolean {
    const { connections, lends } = this.#options;
    const mayPeers = [...connections].some(
      (connection) => !lends(connection.link) && couldSay(connection, look),
    );
    if (look.serverFirst || this.#isWhole || !mayPeers)
      return this.#askServer(look, now, out) || this.#askPeer(look, now, out);
    // Nor is it for those who are asked and do not answer.
    const isLong = now - look.since >= ANSWER_MS;
    return this.#askPeer(look, now, out) || (isLong && this.#askServer(look, now, out));
  }

  // What comes of it

  isOut(range: number): boolean {
    return this.#ofServer.has(range);
  }

  handle(input: LookInput, now: number, out: Output[]): void {
    if (input.kind === 'range-came') return this.#rangeCame(input.range, input.bytes);
    if (input.kind === 'range-ended') return this.#rangeEnded(input.range, now, out);
    return this.#rangeFailed(input.range, input.retryMs, now);
  }

  #rangeCame(range: number, bytes: Uint8Array): void {
    const look = this.#ofServer.get(range);
    if (look === undefined) return;
    const some = bytes.subarray(0, look.bytes.length - look.filled);
    look.bytes.set(some, look.filled);
    look.filled += some.length;
  }

  #rangeEnded(range: number, now: number, out: Output[]): void {
    const look = this.#ofServer.get(range);
    this.#ofServer.delete(range);
    this.#answered = true;
    if (look === undefined) return;
    if (look.filled < look.bytes.length) return void this.#waiting.push(look);
    for (const said of [look.sample, ...(look.other === null ? [] : [look.other])])
      this.#options.seen(said, look.bytes, null, now, out);
  }

  /** The server is let be for a while: others may say it meanwhile. `retryMs`: how long it wants to be. */
  #rangeFailed(range: number, retryMs: number, now: number): void {
    const look = this.#ofServer.get(range);
    this.#ofServer.delete(range);
    this.#serverAt = now + Math.max(SERVER_RESTS_MS, Math.min(retryMs, GIVE_UP_MS));
    if (look !== undefined) this.#waiting.push(look);
  }

  /** The server may not be asked any more, or nobody may. */
  leaveServer(out: Output[]): void {
    for (const [range, look] of [...this.#ofServer]) {
      this.#ofServer.delete(range);
      this.#options.abort(range, out);
      this.#waiting.push(look);
    }
  }

  /** True: it was asked for here. */
  blockCame(link: LinkId, frame: Frame & { kind: 'piece' }, now: number, out: Output[]): boolean {
    const { piece, offset, data } = frame;
    const asked = this.#take(link, { piece, offset, length: data.length });
    if (asked === null) return false;
    this.#answered = true;
    if (!asked.over) this.#options.seen(asked.look.sample, data, asked.peer, now, out);
    return true;
  }

  /** True: it was asked for here. */
  rejected(link: LinkId, range: BlockRange): boolean {
    const asked = this.#take(link, range);
    if (asked === null) return false;
    asked.look.notOf.add(asked.peer);
    if (!asked.over) this.#waiting.push(asked.look);
    return true;
  }

  closed(link: LinkId): void {
    const asked = this.#ofPeers.get(link) ?? [];
    this.#ofPeers.delete(link);
    for (const { look, over } of asked) if (!over) this.#waiting.push(look);
  }

  #askServer(look: Look, now: number, out: Output[]): boolean {
    const most = this.#isWhole ? MOST_OF_PEER : MOST_OF_SERVER;
    return this.#ofServer.size < most && this.#orderOfServer(look, null, now, out);
  }

  #orderOfServer(look: Look, other: Sample | null, now: number, out: Output[]): boolean {
    if (now < this.#serverAt) return false;
    const { piece, offset, bytes } = look.sample;
    const range = this.#options.order({ piece, offset, length: bytes.length }, out);
    if (range === null) return false;
    this.#ofServer.set(range, {
      ...look,
      bytes: new Uint8Array(bytes.length),
      filled: 0,
      askedAt: now,
      other,
    });
    return true;
  }

  /** [WS23] Two say something else: the server is asked which of them is right. False: it cannot be asked now. */
  dispute(sample: Sample, bytes: Uint8Array, by: PeerId, now: number, out: Output[]): boolean {
    const look = { sample, since: now, serverFirst: true, notOf: new Set([sample.sender]) };
    return this.#orderOfServer(look, { ...sample, bytes: bytes.slice(), sender: by }, now, out);
  }

  /** One of those who can, by chance; one that is late only where no other can. */
  #askPeer(look: Look, now: number, out: Output[]): boolean {
    const { piece, offset, bytes } = look.sample;
    const [able, late]: [Connection[], Connection[]] = [[], []];
    for (const connection of this.#options.connections) {
      const asked = this.#ofPeers.get(connection.link) ?? [];
      const isSpared = !this.#isWhole && this.#options.lends(connection.link);
      if (asked.length >= (isSpared ? MOST_OF_LENDER : MOST_OF_PEER) || !couldSay(connection, look)) continue;
      (asked.some((one) => isLate(one, now)) ? late : able).push(connection);
    }
    const among = able.length > 0 ? able : late;
    const chosen = among[this.#options.random.below(Math.max(1, among.length))];
    if (chosen === undefined) return false;
    const [range, { link, peer }] = [{ piece, offset, length: bytes.length }, chosen.wire];
    chosen.source.request(range, out);
    const asked = this.#ofPeers.get(link) ?? [];
    asked.push({ look, peer, range, askedAt: now, over: false });
    this.#ofPeers.set(link, asked);
    return true;
  }

  #expire(now: number, out: Output[]): void {
    for (const [range, { askedAt }] of [...this.#ofServer]) {
      if (now - askedAt < ANSWER_MS) continue;
      this.#options.abort(range, out);
      this.#rangeFailed(range, 0, now);
    }
    for (const asked of [...this.#ofPeers.values()].flat()) {
      if (asked.over || now - asked.askedAt < ANSWER_MS) continue;
      asked.over = true;
      asked.look.notOf.add(asked.peer);
      this.#waiting.push(asked.look);
    }
  }

  /** Whoever is late is waited for no longer where somebody else can be asked now. */
  #askInPlaceOfLate(now: number, out: Output[]): void {
    for (const asked of [...this.#ofPeers.values()].flat()) {
      if (asked.over || !isLate(asked, now)) continue;
      const { look, peer } = asked;
      const others = { ...look, notOf: new Set([...look.notOf, peer]) };
      asked.over = this.#ask(others, now, out);
    }
  }

  #take(link: LinkId, { piece, offset, length }: BlockRange): PeerLook | null {
    const asked = this.#ofPeers.get(link) ?? [];
    const nth = asked.findIndex(
      ({ range }) => range.piece === piece && range.offset === offset && range.length === length,
    );
    return nth < 0 ? null : (asked.splice(nth, 1)[0] ?? null);
  }
}

function isLate({ askedAt }: PeerLook, now: number): boolean {
  return now - askedAt >= LATE_MS;
}

/** Who has it, and is a peer of ours that speaks of the same file. Whose turn it is does not matter ([WS22]). */
function couldSay({ wire, source }: Connection, { sample, notOf }: Look): boolean {
  const isPeer = wire.open && wire.extended && source.agrees && !notOf.has(wire.peer);
  return isPeer && source.has?.has(sample.piece) === true;
}
