/**
 * HTTP connections whose answers are on their way ([SV4], [SV5]): how many a connection may ask for before it has
 * read the ones before, and what all of them hold. Knows no addresses and no answers.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { HeldBytes, Holder } from './held-bytes.ts';

/** Requests of one connection at once. Browsers and proxies ask for one. */
export const MAX_PIPELINED = 8;

class Link implements Holder {
  addressKey: string;
  readonly answers = new Set<ServerResponse>();
  readonly #socket: Socket;

  constructor(addressKey: string, socket: Socket) {
    this.addressKey = addressKey;
    this.#socket = socket;
  }

  get heldBytes(): number {
    // Of several answers the first alone has the socket; the others keep their bytes themselves.
    let held = this.#socket.writableLength;
    for (const answer of this.answers) if (!answer.socket) held += answer.writableLength;
    return held;
  }

  cut(): void {
    this.#socket.destroy();
  }
}

export class HttpLinks {
  readonly #held: HeldBytes | null;
  readonly #rejected: (why: string) => void;
  readonly #links = new WeakMap<Socket, Link>();

  constructor(held: HeldBytes | null, rejected: (why: string) => void) {
    this.#held = held;
    this.#rejected = rejected;
  }

  /** Whether one more request of this connection would be too many, or comes too late. */
  isFull(socket: Socket): boolean {
    return socket.destroyed || (this.#links.get(socket)?.answers.size ?? 0) >= MAX_PIPELINED;
  }

  /** A request that is one too many came: its connection ends. */
  cut(socket: Socket): void {
    if (socket.destroyed) return;
    this.#rejected('pipelined');
    socket.destroy();
  }

  /** A request is to be answered. */
  begin(request: IncomingMessage, response: ServerResponse, addressKey: string): void {
    const { socket } = request;
    const link = this.#links.get(socket) ?? this.#open(socket, addressKey);
    // Behind a proxy the next request may be somebody else's.
    if (link.answers.size === 0) this.#rename(link, addressKey);
    link.answers.add(response);
    response.once('close', () => link.answers.delete(response));
  }

  /** The answer was given; whether it was read is another matter. */
  answered(request: IncomingMessage): void {
    const link = this.#links.get(request.socket);
    if (link && !request.socket.destroyed) this.#held?.note(link);
  }

  #open(socket: Socket, addressKey: string): Link {
    const link = new Link(addressKey, socket);
    this.#links.set(socket, link);
    socket.once('close', () => this.#held?.forget(link));
    return link;
  }

  #rename(link: Link, addressKey: string): void {
    if (link.addressKey === addressKey) return;
    this.#held?.forget(link);
    link.addressKey = addressKey;
  }
}
