/**
 * A relay for UDP on this machine, between pairs of browsers: each side of a pair is told that the other one is at a port
 * of the relay's, and what arrives there is passed on, all of it as many ms later as was asked for, in one queue and in
 * order. Real addresses are learned from what comes: a page does not know its own.
 */
import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const HOST = '127.0.0.1';
/** A full window of a browser's association, in each direction of several of them. */
const SOCKET_BUFFER_BYTES = 4_194_304;

interface Waiting {
  readonly dueAt: number;
  readonly packet: Uint8Array;
  readonly to: Port;
}

/** Where one side of a pair takes the other one to be. */
interface Port {
  readonly socket: Socket;
  /** Of who sends to this port; null: nobody has yet. */
  user: RemoteInfo | null;
}

/** The candidate lines of a pair: of where the one is, for the other, and of where the other is, for the one. */
export interface Pair {
  readonly one: string;
  readonly other: string;
}

export class UdpRelay {
  readonly #delayMs: number;
  readonly #sockets: Socket[] = [];
  #waiting: Waiting[] = [];
  #came = 0;
  #timer: NodeJS.Timeout | null = null;

  /** `delayMs`: one way. */
  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  async pair(): Promise<Pair> {
    const [one, other] = [await this.#port(), await this.#port()];
    this.#pass(one, other);
    this.#pass(other, one);
    return { one: candidateAt(one), other: candidateAt(other) };
  }

  /**
   * Packets that came, and those that the kernel dropped because the relay, which wants a core like everybody else, had not
   * taken what came before; null where the system does not tell.
   */
  told(): { came: number; dropped: number | null } {
    return { came: this.#came, dropped: droppedAt(this.#sockets.map((socket) => socket.address().port)) };
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
    return { socket, user: null };
  }

  /** What comes to a port is for whoever uses the other one, and comes from there. */
  #pass(from: Port, to: Port): void {
    from.socket.on('message', (packet, user) => {
      from.user = user;
      this.#came += 1;
      this.#waiting.push({ dueAt: performance.now() + this.#delayMs, packet, to });
      if (this.#delayMs === 0) this.#sendDue();
      else this.#plan();
    });
  }

  #plan(): void {
    const first = this.#waiting[0];
    if (this.#timer !== null || first === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#sendDue();
        this.#plan();
      },
      Math.max(0, first.dueAt - performance.now()),
    );
  }

  #sendDue(): void {
    const now = performance.now();
    let due = 0;
    for (const { dueAt, packet, to } of this.#waiting) {
      if (dueAt > now) break;
      due++;
      // Nobody there yet: lost, as on any network; ICE asks again.
      if (to.user !== null) to.socket.send(packet, to.user.port, to.user.address);
    }
    this.#waiting = this.#waiting.slice(due);
  }
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
