/**
 * What is special in the swarm of a web address ([WS20]–[WS23]): nobody knows the hashes. Members tell each other what
 * the server says of the file, and part where that differs; what somebody sends is taken as it is, remembered with who
 * sent it, and looked at a second time in parts. Who sent something else than the server has goes, and all that came of
 * it is fetched again. Owns who sent what, and what was found out. Knows no bytes of its own.
 */
import { Bitfield } from '../../bitfield.ts';
import type { LinkId, PeerId } from '../../ids.ts';
import { violation } from '../../protocol/frames.ts';
import type { BlockRange, Violation } from '../../protocol/frames.ts';
import { encodeWebWord, isSameFile, parseWebWord } from '../../protocol/web-texts.ts';
import type { WebFacts } from '../../protocol/web-texts.ts';
import type { Random } from '../../random.ts';
import type { Connection } from '../connection/connection.ts';
import type { Connections } from '../connection/connections.ts';
import type { Content } from '../content.ts';
import type { CloseReason, Output, WebSwarmSnapshot } from '../io.ts';
import { Samples } from './samples.ts';
import type { Sample } from './samples.ts';
import { SecondLooks } from './second-looks.ts';
import { Turns } from './turns.ts';
import type { TurnsView } from './turns.ts';

/** ms for which the tracker is waited for before the server is asked for everything. */
const TRACKER_MS = 1_500;

/** What a machine of such a swarm begins with. */
export interface WebTerms {
  /** What the server said when it was asked. */
  readonly facts: WebFacts;
  /** Of the pieces that are here. */
  readonly hashes?: ReadonlyMap<number, string>;
  /** [WS31] Nothing is kept here: what is asked for is fetched from the server. */
  readonly lends?: boolean;
}

export interface WebSwarmOptions {
  readonly own: PeerId;
  readonly terms: WebTerms;
  readonly connections: Connections;
  readonly random: Random;
  /** It is the server, as far as we ask it ourselves. */
  readonly isServer: (sender: PeerId) => boolean;
  readonly order: (range: BlockRange, out: Output[]) => number | null;
  readonly abort: (range: number, out: Output[]) => void;
  readonly isHere: (piece: number) => boolean;
  /** [WS23] It has to go, and what came of it of pieces that are not whole is thrown away. */
  readonly expel: (sender: PeerId, piece: number, now: number, out: Output[]) => void;
  /** [WS23] These pieces, which are here, are not to be trusted any more. */
  readonly lost: (pieces: readonly number[], now: number, out: Output[]) => void;
}

export class WebSwarm {
  readonly looks: SecondLooks;
  readonly #options: WebSwarmOptions;
  readonly #samples: Samples;
  /** Of pieces that are here or are being stored, who sent something of them; the server itself is not among them. */
  readonly #senders = new Map<number, ReadonlySet<PeerId>>();
  readonly #liars = new Set<PeerId>();
  /** Connections to them. */
  readonly #lenders = new Set<LinkId>();
  readonly #turns = new Turns();
  /** Bytes of those that are gone. */
  #formerlyLent = 0;
  #right = 0;
  #unseen = 0;
  #isThrough = false;
  #refused = false;
  /** ms; null: nothing was asked for yet. */
  #beganAt: number | null = null;

  constructor(options: WebSwarmOptions) {
    const { connections, order, abort, random } = options;
    this.#options = options;
    this.#samples = new Samples(random);
    this.looks = new SecondLooks({
      ...{ connections, order, abort, random },
      lends: (link) => this.#lenders.has(link),
      seen: (sample, bytes, by, now, out) => this.#seen(sample, bytes, by, now, out),
      unseen: () => this.#unseen++,
    });
  }

  // [WS21] The same file

  /** It is asked for nothing before it is known to speak of the same file. */
  opened({ source }: Connection): void {
    source.waitToAgree();
  }

  /** It can be told. */
  extended({ wire }: Connection, out: Output[]): void {
    const { facts, lends = false } = this.#options.terms;
    wire.send({ kind: 'web-facts', text: encodeWebWord({ facts, lends }) }, out);
  }

  /** Why it has to go; null: it speaks of the same file, as far as both can see. */
  saidFacts(
    connection: Connection,
    text: Uint8Array,
    content: Content | null,
  ): Violation | CloseReason | null {
    const word = parseWebWord(text);
    if (word === null) return violation('bad-web-text', 'facts of a file that cannot be read');
    if (!isSameFile(word.facts, this.#options.terms.facts)) {
      this.#options.connections.members.ban(connection.wire.peer);
      return { kind: 'other-file' };
    }
    if (word.lends) this.#lenders.add(connection.link);
    if (this.#refused) return null;
    connection.source.agree();
    if (!connection.source.choked) content?.download.unchoked(connection.source);
    return null;
  }

  closed({ link, source }: Connection): void {
    if (this.#lenders.delete(link)) this.#formerlyLent += source.pipeline.receivedBytes;
    this.looks.closed(link);
  }

  /** [WS24] The pieces that the server may be asked for now; null: all. `fromServer`: bytes a second; `isBusy`: it is being asked. */
  spared(pieces: number, server: Pick<TurnsView, 'fromServer' | 'isBusy'>, now: number): Bitfield | null {
    const { connections, own } = this.#options;
    if (this.#refused) return null;
    this.#beganAt ??= now;
    // Who else there is, the tracker says.
    if (!connections.presence.isCounted && now - this.#beganAt < TRACKER_MS) return Bitfield.empty(pieces);
    const members = new Map<PeerId, boolean>(connections.members.named());
    const holdings: Bitfield[] = [];
    let fromOthers = 0;
    for (const { wire, source, holdings: theirs } of connections) {
      if (!wire.open) continue;
      if (this.#lenders.has(wire.link)) {
        members.delete(wire.peer);
        continue;
      }
      fromOthers += source.pipeline.rate(now);
      if (theirs.has !== null) holdings.push(theirs.has);
      members.set(wire.peer, theirs.has?.isFull === true);
    }
    const wanting = [...members].filter(([, seed]) => !seed).map(([id]) => id);
    return this.#turns.allowed({ own, pieces, members: wanting, holdings, fromOthers, ...server }, now);
  }

  // [WS22] What came, and from whom

  /** A piece is whole, before it is hashed and stored. */
  pieceWhole({ ledger }: Content, piece: number, now: number): void {
    const { isServer } = this.#options;
    const assembly = ledger.settling(piece);
    const senders = new Set<PeerId>();
    for (const sender of assembly.senders) if (sender !== null && !isServer(sender)) senders.add(sender);
    this.#senders.set(piece, senders);
    this.looks.add(this.#samples.of(assembly, isServer), now);
  }

  /** It is stored. Who sent it may have been found out meanwhile. */
  stored(piece: number, now: number, out: Output[]): void {
    for (const sender of this.#senders.get(piece) ?? []) {
      if (!this.#liars.has(sender)) continue;
      this.#lose([piece], now, out);
      return;
    }
  }

  /** Told once each time: `isWhole`: all of it is here. */
  checkThrough(isWhole: boolean, out: Output[]): void {
    const isThrough = isWhole && this.looks.size === 0;
    if (isThrough && !this.#isThrough) out.push({ kind: 'report', event: { kind: 'looked-through' } });
    this.#isThrough = isThrough;
  }

  /**
   * [WS26] `here`: all its pieces. Who of those that sent something lied nobody can tell, and the next ones could: from now on
   * only the server is asked, also for what is not known to be of it, as of an earlier session.
   */
  wholeRefused(here: readonly number[], now: number, out: Output[]): void {
    const doubted = here.filter((piece) => this.#senders.get(piece)?.size !== 0);
    if (doubted.length === 0) return void out.push({ kind: 'report', event: { kind: 'origin-refused' } });
    this.#refused = true;
    for (const { source } of this.#options.connections) source.waitToAgree();
    this.#lose(doubted, now, out);
  }

  snapshot(): WebSwarmSnapshot {
    return {
      right: this.#right,
      pending: this.looks.size,
      unseen: this.#unseen,
      liars: this.#liars.size,
      fromLenders: this.#fromLenders(),
      refused: this.#refused,
    };
  }

  #fromLenders(): number {
    let bytes = this.#formerlyLent;
    for (const { link, source } of this.#options.connections)
      if (this.#lenders.has(link)) bytes += source.pipeline.receivedBytes;
    return bytes;
  }

  #seen(sample: Sample, bytes: Uint8Array, by: PeerId | null, now: number, out: Output[]): void {
    if (isEqual(sample.bytes, bytes)) {
      this.#right++;
      return;
    }
    if (by !== null && this.looks.dispute(sample, bytes, by, now, out)) return;
    this.#lied(sample.sender, sample.piece, now, out);
    // One of the two did, and nobody knows which.
    if (by !== null) this.#lied(by, sample.piece, now, out);
  }

  /** [WS23] */
  #lied(sender: PeerId, piece: number, now: number, out: Output[]): void {
    if (this.#liars.has(sender)) return;
    this.#liars.add(sender);
    this.#samples.forget(sender);
    this.looks.forget(sender, out);
    this.#options.expel(sender, piece, now, out);
    const pieces = [...this.#senders].filter(([, senders]) => senders.has(sender)).map(([nth]) => nth);
    // Those that are still being stored follow when they are.
    this.#lose(pieces.filter(this.#options.isHere), now, out);
  }

  #lose(pieces: readonly number[], now: number, out: Output[]): void {
    for (const piece of pieces) this.#senders.delete(piece);
    this.#options.lost(pieces, now, out);
  }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
