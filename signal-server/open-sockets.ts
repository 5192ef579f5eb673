/**
 * Every connection that the port took, from the first moment to the last, whatever becomes of it: a request, a
 * WebSocket, a refusal, a TLS handshake that never ends, nothing at all ([SV4], [SV5], [SV11]). Counts them by
 * address, destroys those that do not take what was written to them, and all of them when the server goes.
 */
import type { Socket } from 'node:net';
import { WINDOW_S } from './limits.ts';
import type { Clock } from './swarms.ts';
import { tally } from './tally.ts';

/** Milliseconds that a reader may take nothing, and what it has to take in a second of those that follow. */
const STALL_MS = 10_000;
const LEAST_BYTES_PER_S = 16_384;

/** What a stream has taken, and since when no more than that. */
interface Progress {
  taken: number;
  since: number;
}

export interface OpenSocketsParts {
  /** Connections at once from one address. */
  readonly mostPerAddress: number;
  /** New connections from one address in a window of `WINDOW_S`. */
  readonly mostNewPerAddress: number;
  /** What an address counts as; null: not at all, as a proxy of ours. */
  readonly keyOf: (remoteAddress: string) => string | null;
  readonly clock: Clock;
  readonly rejected: (why: string) => void;
}

export class OpenSockets {
  readonly #parts: OpenSocketsParts;
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();
  /** How many came in this window. */
  readonly #new = new Map<string, number>();
  #windowEnds = 0;
  /** The streams whose other end has not taken everything yet, as of the last look. */
  readonly #streams = new Set<Socket>();
  readonly #waiting = new Map<Socket, Progress>();

  constructor(parts: OpenSocketsParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** A TCP connection came. */
  accept(socket: Socket): void {
    // Without a listener, an error of a socket that nobody has taken up would end the process.
    socket.on('error', () => socket.destroy());
    const key = this.#parts.keyOf(socket.remoteAddress ?? '');
    if (key !== null && !this.#admits(key)) {
      this.#parts.rejected('connections');
      // To close in good order would keep what was refused around for a while.
      socket.resetAndDestroy();
      return;
    }
    if (key !== null) tally(this.#perAddress, key, 1);
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (key !== null) tally(this.#perAddress, key, -1);
    });
  }

  /** What is written to the connection: the socket itself, or the TLS stream over it. */
  watch(stream: Socket): void {
    this.#streams.add(stream);
    stream.once('close', () => {
      this.#streams.delete(stream);
      this.#waiting.delete(stream);
    });
  }

  /** Destroys the streams that have waited too long for their reader. */
  tick(): void {
    const now = this.#parts.clock();
    for (const stream of this.#streams) {
      const waiting = stream.writableLength;
      if (waiting > 0) this.#look(stream, waiting, now);
      else if (this.#waiting.size > 0) this.#waiting.delete(stream);
    }
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #admits(key: string): boolean {
    const now = this.#parts.clock();
    if (now >= this.#windowEnds) {
      this.#windowEnds = now + WINDOW_S * 1_000;
      this.#new.clear();
    }
    tally(this.#new, key, 1);
    return (
      (this.#new.get(key) ?? 0) <= this.#parts.mostNewPerAddress &&
      (this.#perAddress.get(key) ?? 0) < this.#parts.mostPerAddress
    );
  }

  #look(stream: Socket, waiting: number, now: number): void {
    const taken = stream.bytesWritten - waiting;
    const progress = this.#waiting.get(stream);
    if (progress?.taken !== taken) {
      this.#waiting.set(stream, { taken, since: now });
    } else if (now - progress.since > STALL_MS + (waiting / LEAST_BYTES_PER_S) * 1_000) {
      this.#parts.rejected('slow-reader');
      stream.destroy();
    }
  }
}
