/**
 * A stand-in for an unmodified TorrentInno peer, written from its observed behaviour: whole pieces only, requests on
 * a 0.2 s tick with any number outstanding, whole bitfields after each saved piece and every 30 s, and a reader that
 * is out of step for good after any frame it does not know that has a payload. It forgives nothing that the real one
 * does not forgive.
 */
import type { PeerId } from '../../ids.ts';
import { encodeFrame, encodeHandshake, encodePiece } from '../../protocol/codec.ts';
import type { Random } from '../../random.ts';
import type { LinkRole } from '../io.ts';
import type { Clocked } from './lab.ts';
import type { Line, Party, PipeEnd } from './pipe.ts';
import { bitsOf } from './scripted-peer.ts';
import { sha256 } from './share.ts';
import type { TestShare } from './share.ts';

export interface TorrentInnoOptions {
  readonly id: PeerId;
  readonly share: TestShare;
  readonly owned?: 'all' | readonly number[];
  /** How many pieces it asks for in one tick: the real one 1, an impatient one 300. */
  readonly requestsPerTick?: number;
  readonly random: Random;
  readonly now: number;
}

type PieceState = 'free' | 'in-progress' | 'received' | 'saved';

interface Connection {
  readonly role: LinkRole;
  readonly expected: PeerId | null;
  readonly line: Line;
  waiting: Buffer;
  /** The other's id once both have shaken hands. */
  peer: string | null;
  /** An id that is in its table already: no answer, and not closed. */
  ignored: boolean;
  has: boolean[];
}

const TICK_MS = 200;
const PIECE_TIMEOUT_MS = 60_000;
const BITFIELD_EVERY_MS = 30_000;
const MOST_BLOCK_BYTES = 1_000_000;
const MAGIC = 'TorrentInno';
const HEADER_BYTES = 5;
const RANGE_BYTES = 12;

export class TorrentInnoPeer implements Party, Clocked {
  readonly id: PeerId;
  readonly states: PieceState[];
  /** Types that it skipped because it does not know them. */
  readonly skipped: number[] = [];
  /** The most requests that were unanswered at one time. */
  mostOutstanding = 0;
  requested = 0;
  /** Connections that it closed because the other side broke its rules. */
  refusals = 0;
  /** False: it goes on announcing what it has and answers no request. */
  sharing = true;
  readonly #options: TorrentInnoOptions;
  readonly #share: TestShare;
  readonly #file: Uint8Array;
  readonly #offsets: number[];
  readonly #askedAt: number[];
  readonly #connections: Connection[] = [];
  #now: number;
  #tickAt: number;
  #bitfieldAt: number;

  constructor(options: TorrentInnoOptions) {
    const { share, owned = [], now } = options;
    this.#options = options;
    this.id = options.id;
    this.#share = share;
    this.#file = new Uint8Array(share.bytes.length);
    let at = 0;
    this.#offsets = share.pieces.map((piece) => (at += piece.length) - piece.length);
    this.states = share.pieces.map(() => 'free');
    this.#askedAt = share.pieces.map(() => 0);
    for (const piece of owned === 'all' ? share.pieces.keys() : owned) {
      this.#save(piece, share.pieces[piece] ?? new Uint8Array(0));
    }
    this.#now = now;
    this.#tickAt = now + TICK_MS;
    this.#bitfieldAt = now + BITFIELD_EVERY_MS;
  }

  get complete(): boolean {
    return this.states.length > 0 && this.states.every((state) => state === 'saved');
  }

  /** What stands in its file: zeros where it has nothing. */
  get file(): Uint8Array {
    return this.#file;
  }

  attach(role: LinkRole, expected: PeerId | null, line: Line): PipeEnd {
    const has = this.#share.pieces.map(() => false);
    const connection: Connection = {
      role,
      expected,
      line,
      waiting: Buffer.alloc(0),
      peer: null,
      ignored: false,
      has,
    };
    this.#connections.push(connection);
    if (role === 'dialler') line.write(encodeHandshake(this.id, this.#share.infoHash));
    return {
      received: (bytes) => {
        connection.waiting = Buffer.concat([connection.waiting, bytes]);
        while (this.#readOne(connection));
      },
      left: () => undefined,
      // An entry whose other side has gone stays in its table: pieces go on being asked of it.
      closed: () => undefined,
    };
  }

  nextWakeup(): number {
    return Math.min(this.#tickAt, this.#bitfieldAt);
  }

  wake(now: number): void {
    this.#now = now;
    if (now >= this.#bitfieldAt) {
      this.#bitfieldAt = now + BITFIELD_EVERY_MS;
      this.#broadcast();
    }
    if (now < this.#tickAt) return;
    this.#tickAt = now + TICK_MS;
    this.states.forEach((state, piece) => {
      const late = now - (this.#askedAt[piece] ?? 0) >= PIECE_TIMEOUT_MS;
      if (state === 'in-progress' && late) this.states[piece] = 'free';
    });
    for (let nth = 0; nth < (this.#options.requestsPerTick ?? 1); nth++) this.#askForOne();
    const outstanding = this.states.filter((state) => state === 'in-progress').length;
    this.mostOutstanding = Math.max(this.mostOutstanding, outstanding);
  }

  // Reading

  /** False: not enough has come. Body lengths are ignored for the types it knows. */
  #readOne(connection: Connection): boolean {
    const { waiting } = connection;
    if (connection.ignored) return false;
    if (connection.peer === null) return this.#readHandshake(connection);
    if (waiting.length < HEADER_BYTES) return false;
    const type = waiting[4] ?? 0;
    if (type === 1) return this.#readRequest(connection);
    if (type === 2) return this.#readPiece(connection);
    if (type === 3) return this.#readBitfield(connection);
    this.skipped.push(type);
    connection.waiting = waiting.subarray(HEADER_BYTES);
    return true;
  }

  #readHandshake(connection: Connection): boolean {
    const { waiting, role, expected } = connection;
    if (waiting.length < 75) return false;
    connection.waiting = waiting.subarray(75);
    const peer = waiting.subarray(11, 43).toString('hex');
    const right =
      waiting.subarray(0, 11).toString('latin1') === MAGIC &&
      waiting.subarray(43, 75).toString('hex') === this.#share.infoHash &&
      (role === 'acceptor' ? peer <= this.id : expected === null || peer === expected);
    if (!right) return this.#refuse(connection);
    if (this.#connections.some((other) => other.peer === peer)) {
      connection.ignored = true;
      return false;
    }
    connection.peer = peer;
    if (role === 'acceptor') connection.line.write(encodeHandshake(this.id, this.#share.infoHash));
    this.#tell(connection);
    return true;
  }

  #readRequest(connection: Connection): boolean {
    const { waiting } = connection;
    if (waiting.length < HEADER_BYTES + RANGE_BYTES) return false;
    const [piece, offset, length] = [
      waiting.readUInt32BE(5),
      waiting.readUInt32BE(9),
      waiting.readUInt32BE(13),
    ];
    connection.waiting = waiting.subarray(HEADER_BYTES + RANGE_BYTES);
    const start = (this.#offsets[piece] ?? Infinity) + offset;
    // Any range that fits the file, also beyond the piece's edge; anything else is silently ignored.
    if (!this.sharing || start + length > this.#file.length) return true;
    connection.line.write(encodePiece(piece, offset, this.#file.subarray(start, start + length)));
    return true;
  }

  #readPiece(connection: Connection): boolean {
    const { waiting } = connection;
    if (waiting.length < HEADER_BYTES + RANGE_BYTES) return false;
    const [piece, length] = [waiting.readUInt32BE(5), waiting.readUInt32BE(13)];
    if (length > MOST_BLOCK_BYTES) return this.#refuse(connection);
    const end = HEADER_BYTES + RANGE_BYTES + length;
    if (waiting.length < end) return false;
    const data = waiting.subarray(HEADER_BYTES + RANGE_BYTES, end);
    connection.waiting = waiting.subarray(end);
    const state = this.states[piece];
    if (state !== 'in-progress' && state !== 'received') return true;
    this.states[piece] = 'received';
    // It hashes the data of one message: a split or wrong answer leaves the piece received for ever.
    if (sha256(data) !== this.#share.manifest.pieces[piece]?.sha256) return true;
    this.#save(piece, data);
    this.#broadcast();
    return true;
  }

  #readBitfield(connection: Connection): boolean {
    const { waiting, has } = connection;
    const end = HEADER_BYTES + Math.ceil(has.length / 8);
    if (waiting.length < end) return false;
    const bits = waiting.subarray(HEADER_BYTES, end);
    connection.waiting = waiting.subarray(end);
    connection.has = has.map((_, piece) => ((bits[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0);
    return true;
  }

  #refuse(connection: Connection): false {
    this.refusals++;
    connection.ignored = true;
    connection.line.close();
    return false;
  }

  // Speaking

  #askForOne(): void {
    const free = [...this.states.keys()].filter((piece) => this.states[piece] === 'free');
    const piece = free[free.length === 0 ? 0 : this.#options.random.below(free.length)];
    if (piece === undefined) return;
    const connection = this.#connections.find((one) => one.peer !== null && one.has[piece] === true);
    if (connection === undefined) return;
    this.states[piece] = 'in-progress';
    this.#askedAt[piece] = this.#now;
    this.requested++;
    const length = this.#share.pieces[piece]?.length ?? 0;
    connection.line.write(encodeFrame({ kind: 'request', piece, offset: 0, length }));
  }

  #save(piece: number, data: Uint8Array): void {
    this.#file.set(data, this.#offsets[piece]);
    this.states[piece] = 'saved';
  }

  #broadcast(): void {
    for (const connection of this.#connections) if (connection.peer !== null) this.#tell(connection);
  }

  #tell(connection: Connection): void {
    const saved = [...this.states.keys()].filter((piece) => this.states[piece] === 'saved');
    connection.line.write(encodeFrame({ kind: 'bitfield', bits: bitsOf(this.states.length, saved) }));
  }
}
