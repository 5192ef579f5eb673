/**
 * One TCP connection to one peer as a `Link` ([HL59] [HL60]): bytes as they come, and what goes out is given to the
 * kernel as it leaves. It ends by a reset, always: after an orderly end TorrentInno keeps the peer in its table for good.
 * Knows no frames and no handshake.
 */
import type { Socket } from 'node:net';
import type { Clock, Link, LinkListener, LinkPath } from '../../shared/peer/ports.ts';
import type { KernelQueues, QueueListener } from './kernel-queues.ts';
import { DEAD_MS, LEAST_WRITE_BYTES, LIVELY_MS, MAX_IN_NODE_BYTES, MAX_WRITE_BYTES } from './limits.ts';
import { SendRoom } from './send-room.ts';
import { reset } from './sockets.ts';

export interface TcpLinkOptions {
  /** Connected, paused, and with no listener but for errors. */
  readonly socket: Socket;
  /** What came behind the handshake. */
  readonly early: Uint8Array;
  readonly path: LinkPath;
  readonly clock: Clock;
  readonly queues: KernelQueues;
  /** It is over. `ours`: the machine had no use for it. */
  readonly ended: (ours: boolean) => void;
}

export class TcpLink implements Link, QueueListener {
  readonly path: LinkPath;
  readonly #socket: Socket;
  readonly #early: Uint8Array;
  readonly #clock: Clock;
  readonly #queues: KernelQueues;
  readonly #ended: (ours: boolean) => void;
  readonly #room = new SendRoom();
  readonly #waiting: Uint8Array[] = [];
  #listener: LinkListener | null = null;
  /** Bytes that Node has and the kernel has not. */
  #inNode = 0;
  #open = true;
  /** The kernel tells nothing: what it took has left, as far as anybody knows. */
  #isBlind = false;
  #heardAt: number;
  readonly #unwatch: () => void;

  constructor({ socket, early, path, clock, queues, ended }: TcpLinkOptions) {
    this.path = path;
    this.#socket = socket;
    this.#early = early;
    this.#clock = clock;
    this.#queues = queues;
    this.#ended = ended;
    this.#heardAt = clock.now();
    this.#unwatch = queues.watch(socket, this);
  }

  listen(listener: LinkListener): void {
    this.#listener = listener;
    this.#socket.on('data', (bytes: Buffer) => this.#came(bytes));
    this.#socket.once('end', () => this.#end(false));
    this.#socket.once('close', () => this.#end(false));
    // Who listens hears nothing before it is done with that.
    setImmediate(() => {
      if (this.#early.length > 0) this.#came(this.#early);
      if (this.#open) this.#socket.resume();
    });
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#open || bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#pump();
  }

  close(): void {
    if (this.#open) this.#end(true);
  }

  /** It is over, and the machine hears so. */
  cut(): void {
    this.#end(false);
  }

  /** Something came not long ago: TorrentInno's peers say what they have every 30 s. */
  get isLively(): boolean {
    return this.#open && this.#clock.now() - this.#heardAt < LIVELY_MS;
  }

  // [HL59] What the kernel says of its queue

  get isWaiting(): boolean {
    return this.#open && !this.#isBlind && this.#room.ahead > 0;
  }

  get isMoving(): boolean {
    return this.#room.stuckFor(this.#clock.now()) < DEAD_MS / 60;
  }

  looked(unacknowledged: number, roundTripMs: number, everyMs: number): void {
    const now = this.#clock.now();
    // What Node still has is in nobody's table.
    this.#room.looked(unacknowledged + this.#inNode, roundTripMs, everyMs, now);
    // TCP itself gives up after a quarter of an hour.
    if (Math.min(this.#room.stuckFor(now), now - this.#heardAt) >= DEAD_MS) return this.#end(false);
    this.#pump();
  }

  unknown(): void {
    this.#isBlind = true;
    this.#pump();
  }

  #came(bytes: Uint8Array): void {
    if (!this.#open) return;
    this.#heardAt = this.#clock.now();
    this.#listener?.received(bytes);
  }

  /** Gives the kernel what it may hold, the first things first. */
  #pump(): void {
    while (this.#open && this.#inNode < MAX_IN_NODE_BYTES) {
      const first = this.#waiting[0];
      const room = this.#isBlind ? MAX_WRITE_BYTES : this.#room.room;
      // Where little is free it waits for more: many small writes cost more than they are worth.
      if (first === undefined || room < Math.min(first.length, LEAST_WRITE_BYTES)) break;
      const count = Math.min(first.length, room, MAX_WRITE_BYTES);
      if (count === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(count);
      this.#write(first.subarray(0, count));
    }
    if (this.isWaiting) this.#queues.wake();
  }

  #write(bytes: Uint8Array): void {
    this.#inNode += bytes.length;
    this.#socket.write(bytes, (error) => {
      this.#inNode -= bytes.length;
      if (!this.#open || (error !== null && error !== undefined)) return;
      this.#listener?.sent(bytes.length);
      this.#pump();
    });
    this.#room.wrote(bytes.length, this.#clock.now());
  }

  #end(ours: boolean): void {
    if (!this.#open) return;
    this.#open = false;
    this.#waiting.length = 0;
    this.#unwatch();
    reset(this.#socket);
    if (!ours) this.#listener?.closed('closed');
    this.#ended(ours);
  }
}
