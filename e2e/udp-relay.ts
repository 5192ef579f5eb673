/**
 * A relay for UDP on this machine, between pairs of browsers: each side of a pair is told that the other one is at a port
 * of the relay's, and what arrives there is passed on, as many ms later as was asked for and in order. Where it has a
 * line, all pairs share it: each direction carries so many bits a second, and drops what would wait too long for that.
 * Real addresses are learned from what comes: a page does not know its own. A pair carries any number of connections: which
 * two ends belong to each other is in ICE's own checks (RFC 8445, RFC 8489).
 */
import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const HOST = '127.0.0.1';
/** A full window of a browser's association, in each direction of several of them. */
const SOCKET_BUFFER_BYTES = 4_194_304;
/** How long a packet may wait for its turn on the line, as in a router at home. */
const QUEUE_MS = 100;
/** Of Ethernet, IP and UDP, which a line carries as well. */
const HEADER_BYTES = 42;

interface Waiting {
  readonly dueAt: number;
  readonly packet: Uint8Array;
  readonly to: Port;
  readonly connection: string;
}

/** One way of the line: what is on it, in its order, and when it is free for the next packet. */
interface Way {
  waiting: Waiting[];
  freeAt: number;
}

/** Where one side of a pair takes the other one to be. */
interface Port {
  readonly socket: Socket;
  /** Who sends to this port, by connection; and the connection, by who sends. */
  readonly users: Map<string, RemoteInfo>;
  readonly connections: Map<number, string>;
}

/** The candidate lines of a pair: of where the one is, for the other, and of where the other is, for the one. */
export interface Pair {
  readonly one: string;
  readonly other: string;
}

export class UdpRelay {
  readonly #delayMs: number;
  readonly #bitsPerMs: number;
  readonly #sockets: Socket[] = [];
  /** From the ones to the others, and back. */
  readonly #ways: readonly [Way, Way] = [
    { waiting: [], freeAt: 0 },
    { waiting: [], freeAt: 0 },
  ];
  #came = 0;
  #turnedAway = 0;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Infinity;

  /** `delayMs`: one way; `bitsPerSecond`: of the line, each way; Infinity: it carries all at once. */
  constructor(delayMs: number, bitsPerSecond: number) {
    this.#delayMs = delayMs;
    this.#bitsPerMs = bitsPerSecond / 1000;
  }

  async pair(): Promise<Pair> {
    const [one, other] = [await this.#port(), await this.#port()];
    const [there, back] = this.#ways;
    this.#pass(one, other, there);
    this.#pass(other, one, back);
    return { one: candidateAt(one), other: candidateAt(other) };
  }

  /**
   * Packets that came; those that waited too long for the line; and those that the kernel dropped because the relay, which
   * wants a core like everybody else, had not taken what came before, null where the system does not tell.
   */
  told(): { came: number; turnedAway: number; dropped: number | null } {
    const dropped = droppedAt(this.#sockets.map((socket) => socket.address().port));
    return { came: this.#came, turnedAway: this.#turnedAway, dropped };
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const socket of this.#sockets) socket.close();
  }

  async #port(): Promise<Port> {
    const socket = createSocket({
      type: 'udp4',
      recvBufferSize: SOCKET_BUFFER_BYTES,
      sendBufferSize: SOCKET_BUFFER_BYTES,
    });
    this.#sockets.push(socket);
    socket.bind(0, HOST);
    await once(socket, 'listening');
    return { socket, users: new Map(), connections: new Map() };
  }

  /** What comes to a port is for whoever uses the other one, and comes from there. */
  #pass(from: Port, to: Port, way: Way): void {
    from.socket.on('message', (packet, user) => {
      this.#came += 1;
      const connection = connectionOf(from, packet, user);
      if (connection === undefined) return;
      const now = performance.now();
      const begins = Math.max(now, way.freeAt);
      if (begins - now > QUEUE_MS) {
        this.#turnedAway += 1;
        return;
      }
      way.freeAt = begins + ((packet.length + HEADER_BYTES) * 8) / this.#bitsPerMs;
      way.waiting.push({ dueAt: way.freeAt + this.#delayMs, packet, to, connection });
      if (way.freeAt + this.#delayMs <= now) this.#sendDue();
      else this.#plan();
    });
  }

  #plan(): void {
    const next = Math.min(...this.#ways.map(({ waiting: [first] }) => first?.dueAt ?? Infinity));
    if (next >= this.#timerAt) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerAt = next;
    this.#timer = setTimeout(
      () => {
        this.#timerAt = Infinity;
        this.#sendDue();
        this.#plan();
      },
      Math.max(0, next - performance.now()),
    );
  }

  #sendDue(): void {
    const now = performance.now();
    for (const way of this.#ways) {
      let due = 0;
      for (const { dueAt, packet, to, connection } of way.waiting) {
        if (dueAt > now) break;
        due++;
        // Nobody there yet: lost, as on any network; ICE asks again.
        const user = to.users.get(connection);
        if (user !== undefined) to.socket.send(packet, user.port, user.address);
      }
      way.waiting = way.waiting.slice(due);
    }
  }
}

/** Whoever sends first asks whether the other side is there, and says with that whose connection it is. */
function connectionOf(port: Port, packet: Buffer, user: RemoteInfo): string | undefined {
  const asked = namesIn(packet);
  if (asked !== null) {
    port.connections.set(user.port, asked);
    port.users.set(asked, user);
  }
  return port.connections.get(user.port);
}

const STUN_HEADER_BYTES = 20;
const BINDING_REQUEST = 0x0001;
const MAGIC_COOKIE = 0x2112a442;
const USERNAME = 0x0006;

/** Of a check of ICE the two ends' names, the same for both of them; null: it is something else. */
function namesIn(packet: Buffer): string | null {
  const isCheck =
    packet.length >= STUN_HEADER_BYTES &&
    packet.readUInt16BE(0) === BINDING_REQUEST &&
    packet.readUInt32BE(4) === MAGIC_COOKIE;
  for (let at = STUN_HEADER_BYTES; isCheck && at + 4 <= packet.length;) {
    const [type, length] = [packet.readUInt16BE(at), packet.readUInt16BE(at + 2)];
    const value = packet.toString('latin1', at + 4, at + 4 + length);
    if (type === USERNAME) return value.split(':').sort().join(':');
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return null;
}

/** From the kernel's table of UDP sockets (`proc(5)`): the port in hex behind the address, the drops at the end. */
function droppedAt(ports: readonly number[]): number | null {
  if (process.platform !== 'linux') return null;
  const rows = readFileSync('/proc/net/udp', 'utf8').trim().split('\n').slice(1);
  return rows.reduce((sum, row) => {
    const [, local = '', ...rest] = row.trim().split(/\s+/);
    const port = Number.parseInt(local.split(':')[1] ?? '', 16);
    return ports.includes(port) ? sum + Number(rest.at(-1)) : sum;
  }, 0);
}

/** As a line of a description, of a candidate of the highest preference. */
function candidateAt({ socket }: Port): string {
  return `a=candidate:1 1 udp 2122260223 ${HOST} ${socket.address().port} typ host`;
}
