/**
 * A stand-in for an unmodified TorrentInno client over real TCP, written from its observed behaviour and from nothing of
 * ours: whole pieces alone are asked for, one each tick and any number outstanding; every offset is served; a reader that
 * reads five bytes of what it does not know, and is out of step for good after any more; whole bitfields after each saved
 * piece and now and then; an id that is in its table gets no answer, and stays there after an orderly end.
 */
import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

export interface ClientOptions {
  /** 64 hex digits. */
  readonly id: string;
  readonly infoHash: string;
  readonly pieces: readonly { readonly sha256: string; readonly size: number }[];
  /** What it has at first: all pieces of it, or none. */
  readonly content: Uint8Array | null;
  readonly tracker: string;
  /** The real one: 200, 60,000, 30,000 and 30,000 ms. */
  readonly tickMs: number;
  readonly pieceTimeoutMs: number;
  readonly bitfieldEveryMs: number;
  readonly announceEveryMs: number;
  readonly told: (event: ClientEvent) => void;
}

export type ClientEvent =
  | { kind: 'listening'; port: number }
  | { kind: 'linked'; peer: string; dialled: boolean }
  /** Its entry is gone: the other side reset the connection. */
  | { kind: 'reset'; peer: string }
  /** It goes on asking it: the other side ended the connection in order. */
  | { kind: 'stale'; peer: string }
  | { kind: 'saved'; pieces: number }
  | { kind: 'complete'; sha256: string }
  /** A frame that it does not know. */
  | { kind: 'skipped'; type: number };

type PieceState = 'free' | 'asked' | 'received' | 'saved';

interface Entry {
  readonly socket: Socket;
  has: boolean[];
}

const LARGEST_BLOCK = 1_000_000;
const MAGIC = Buffer.from('TorrentInno', 'latin1');

export class TorrentInnoClient {
  readonly #options: ClientOptions;
  readonly #file: Buffer;
  readonly #offsets: number[];
  readonly #states: PieceState[];
  readonly #askedAt: number[];
  /** By id. An entry of which the connection ended in order stays. */
  readonly #table = new Map<string, Entry>();
  readonly #dialling = new Set<string>();
  readonly #server: Server;
  readonly #timers: NodeJS.Timeout[] = [];
  #closed = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    const { pieces, content } = options;
    let at = 0;
    this.#offsets = pieces.map(({ size }) => (at += size) - size);
    this.#file = content === null ? Buffer.alloc(at) : Buffer.from(content);
    this.#states = pieces.map(() => (content === null ? 'free' : 'saved'));
    this.#askedAt = pieces.map(() => 0);
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#read(socket, null));
  }

  start(): void {
    const { tickMs, bitfieldEveryMs, announceEveryMs, told } = this.#options;
    this.#server.listen(0, '0.0.0.0', () => {
      told({ kind: 'listening', port: (this.#server.address() as AddressInfo).port });
      void this.#announce();
      this.#timers.push(
        setInterval(() => this.#ask(), tickMs),
        setInterval(() => this.#broadcast(), bitfieldEveryMs),
        setInterval(() => void this.#announce(), announceEveryMs),
      );
    });
  }

  /** Its entries are lost without a word, as after a lost network; the other side may still believe in them. */
  forget(): void {
    for (const { socket } of this.#table.values()) socket.resetAndDestroy();
    this.#table.clear();
  }

  stop(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#server.close();
    for (const { socket } of this.#table.values()) socket.destroy();
  }

  // Who is there

  async #announce(): Promise<void> {
    const { id, infoHash, tracker } = this.#options;
    const { port } = this.#server.address() as AddressInfo;
    const body = { peerId: id, infoHash, publicIp: '127.0.0.1', publicPort: String(port) };
    try {
      const response = await fetch(`${tracker}/peers`, { method: 'POST', body: JSON.stringify(body) });
      const { peers } = (await response.json()) as { peers: Record<string, string>[] };
      for (const peer of peers) if (peer['infoHash'] !== undefined) this.#met(peer);
    } catch {
      return; // its next turn comes
    }
  }

  /** The smaller id dials. */
  #met({ peerId = '', publicIp = '', publicPort = '' }: Record<string, string>): void {
    if (this.#closed || peerId <= this.#options.id || this.#table.has(peerId) || this.#dialling.has(peerId))
      return;
    this.#dialling.add(peerId);
    const socket = connect({ host: publicIp, port: Number(publicPort), allowHalfOpen: true });
    socket.once('connect', () => socket.write(this.#handshake()));
    socket.once('close', () => this.#dialling.delete(peerId));
    this.#read(socket, peerId);
  }

  #handshake(): Buffer {
    const { id, infoHash } = this.#options;
    return Buffer.concat([MAGIC, Buffer.from(id, 'hex'), Buffer.from(infoHash, 'hex')]);
  }

  // Reading

  /** `expected`: the peer that is dialled. */
  #read(socket: Socket, expected: string | null): void {
    let waiting = Buffer.alloc(0);
    let peer: string | null = null;
    let deaf = false;
    socket.on('data', (bytes) => {
      if (deaf) return;
      waiting = Buffer.concat([waiting, bytes]);
      if (peer === null) {
        if (waiting.length < 75) return;
        peer = this.#greeted(waiting.subarray(0, 75), socket, expected);
        waiting = waiting.subarray(75);
        deaf = peer === null;
      }
      while (peer !== null) {
        const taken = this.#frame(waiting, peer, socket);
        if (taken === 0) break;
        waiting = waiting.subarray(taken);
      }
    });
    let end: 'none' | 'reset' | 'stale' = 'none';
    socket.on('error', () => {
      if (end === 'none') end = 'reset';
    });
    socket.on('close', () => {
      if (peer === null || end !== 'reset') return;
      if (this.#table.get(peer)?.socket === socket) this.#table.delete(peer);
      this.#options.told({ kind: 'reset', peer });
    });
    // Node tells of a reset as of an orderly end where it had not read everything: a write shows which it was.
    socket.on('end', () => {
      if (peer === null || this.#closed) return;
      const stale = peer;
      socket.write(this.#bitfield(), (error) => {
        if (end !== 'none' || (error !== null && error !== undefined)) return;
        end = 'stale';
        this.#options.told({ kind: 'stale', peer: stale });
      });
    });
  }

  /** Null: refused, or without an answer. */
  #greeted(bytes: Buffer, socket: Socket, expected: string | null): string | null {
    const { id, infoHash } = this.#options;
    const peer = bytes.subarray(11, 43).toString('hex');
    const isRight =
      bytes.subarray(0, 11).equals(MAGIC) &&
      bytes.subarray(43).toString('hex') === infoHash &&
      (expected === null ? peer <= id : peer === expected);
    if (!isRight) {
      socket.destroy();
      return null;
    }
    // It is in its table already: no answer, and not closed.
    if (this.#table.has(peer)) return null;
    this.#table.set(peer, { socket, has: this.#states.map(() => false) });
    if (expected === null) socket.write(this.#handshake());
    socket.write(this.#bitfield());
    this.#options.told({ kind: 'linked', peer, dialled: expected !== null });
    return peer;
  }

  /** How many bytes that was; 0: not all of it is here. Body lengths mean nothing. */
  #frame(bytes: Buffer, peer: string, socket: Socket): number {
    if (bytes.length < 5) return 0;
    const type = bytes[4] ?? 0;
    if (type === 1) return this.#asked(bytes, socket);
    if (type === 2) return this.#came(bytes, socket);
    if (type === 3) return this.#heard(bytes, peer);
    this.#options.told({ kind: 'skipped', type });
    return 5;
  }

  #asked(bytes: Buffer, socket: Socket): number {
    if (bytes.length < 17) return 0;
    const [piece, offset, length] = [bytes.readUInt32BE(5), bytes.readUInt32BE(9), bytes.readUInt32BE(13)];
    const start = (this.#offsets[piece] ?? Infinity) + offset;
    if (start + length > this.#file.length) return 17;
    const head = Buffer.alloc(17);
    head.writeUInt32BE(13 + length);
    head[4] = 2;
    head.writeUInt32BE(piece, 5);
    head.writeUInt32BE(offset, 9);
    head.writeUInt32BE(length, 13);
    socket.write(Buffer.concat([head, this.#file.subarray(start, start + length)]));
    return 17;
  }

  #came(bytes: Buffer, socket: Socket): number {
    if (bytes.length < 17) return 0;
    const [piece, length] = [bytes.readUInt32BE(5), bytes.readUInt32BE(13)];
    if (length > LARGEST_BLOCK) {
      socket.resetAndDestroy();
      return 0;
    }
    if (bytes.length < 17 + length) return 0;
    const state = this.#states[piece];
    if (state === 'asked' || state === 'received') this.#take(piece, bytes.subarray(17, 17 + length));
    return 17 + length;
  }

  /** It hashes the data of one message: what is not the whole piece leaves it received for ever. */
  #take(piece: number, data: Buffer): void {
    this.#states[piece] = 'received';
    const sha256 = createHash('sha256').update(data).digest('hex');
    if (sha256 !== this.#options.pieces[piece]?.sha256) return;
    data.copy(this.#file, this.#offsets[piece]);
    this.#states[piece] = 'saved';
    this.#broadcast();
    const saved = this.#states.filter((one) => one === 'saved').length;
    this.#options.told({ kind: 'saved', pieces: saved });
    if (saved < this.#states.length) return;
    this.#options.told({ kind: 'complete', sha256: createHash('sha256').update(this.#file).digest('hex') });
  }

  #heard(bytes: Buffer, peer: string): number {
    const end = 5 + Math.ceil(this.#states.length / 8);
    if (bytes.length < end) return 0;
    const entry = this.#table.get(peer);
    if (entry !== undefined) {
      entry.has = entry.has.map((_, piece) => ((bytes[5 + (piece >> 3)] ?? 0) & (0x80 >> (piece & 7))) !== 0);
    }
    return end;
  }

  // Asking and telling

  /** Of any peer in the table that has it, also one whose connection has ended. */
  #ask(): void {
    const now = performance.now();
    this.#states.forEach((state, piece) => {
      const isLate = now - (this.#askedAt[piece] ?? 0) >= this.#options.pieceTimeoutMs;
      if (state === 'asked' && isLate) this.#states[piece] = 'free';
    });
    const free = [...this.#states.keys()].filter((piece) => this.#states[piece] === 'free');
    const piece = free[Math.floor(Math.random() * free.length)];
    const entry = [...this.#table.values()].find(({ has }) => piece !== undefined && has[piece] === true);
    if (piece === undefined || entry === undefined) return;
    this.#states[piece] = 'asked';
    this.#askedAt[piece] = now;
    const request = Buffer.alloc(17);
    request.writeUInt32BE(13);
    request[4] = 1;
    request.writeUInt32BE(piece, 5);
    request.writeUInt32BE(this.#options.pieces[piece]?.size ?? 0, 13);
    entry.socket.write(request);
  }

  #broadcast(): void {
    for (const { socket } of this.#table.values()) socket.write(this.#bitfield());
  }

  #bitfield(): Buffer {
    const frame = Buffer.alloc(5 + Math.ceil(this.#states.length / 8));
    frame.writeUInt32BE(frame.length - 4);
    frame[4] = 3;
    this.#states.forEach((state, piece) => {
      if (state === 'saved') frame[5 + (piece >> 3)] = (frame[5 + (piece >> 3)] ?? 0) | (0x80 >> (piece & 7));
    });
    return frame;
  }
}
