/**
 * One socket ([SV4]): reads messages one after the other, holds the socket to its limits, answers what is wrong,
 * and cuts off who does not read, does not answer pings or floods. Knows no `ws`: a `Wire` is what it needs of it.
 */
import { MAX_TRACKER_FRAME_BYTES } from '../shared/tracker/limits.ts';
import { parseClientMessage } from '../shared/tracker/messages.ts';
import type { ClientMessage } from '../shared/tracker/messages.ts';
import { errorText } from './answers.ts';
import type { ClientSocket, Member } from './client-socket.ts';
import { REFUSALS_BEFORE_CUT, WINDOW_S } from './limits.ts';
import type { Kind, Limits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import type { Tracker } from './tracker.ts';

export interface Wire {
  readonly bufferedAmount: number;
  send(text: string): void;
  flush(): void;
  ping(): void;
  /** Stops and goes on reading from the network. */
  pause(): void;
  resume(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

export interface ConnectionParts {
  readonly tracker: Tracker;
  readonly limits: Limits | null;
  readonly metrics: Metrics;
  /** Whoever waits for time: the server's timers, or a test's. */
  readonly later: (task: () => void, ms: number) => () => void;
}

/** Bytes that wait for a slow reader before it is cut off. */
export const MAX_BUFFERED_BYTES = 1_048_576;
/** Frames that wait for their turn before the network is no longer read. */
const MAX_WAITING_FRAMES = 32;
export const PING_EVERY_MS = 30_000;

/** What the other end has to answer a close. */
const PART_WITHIN_MS = 1_500;

const CLOSE_POLICY = 1008;
const CLOSE_RESTART = 1012;

export class Connection implements ClientSocket {
  readonly members = new Set<Member>();
  readonly addressKey: string;
  readonly serial: number;
  readonly #wire: Wire;
  readonly #parts: ConnectionParts;
  readonly #waiting: { data: Buffer; isBinary: boolean }[] = [];
  #pingWaiters: (() => void)[] = [];
  #busy = false;
  #paused = false;
  #closed = false;
  #heard = true;
  #refusals = 0;
  #refusalsSince = 0;

  constructor(serial: number, addressKey: string, wire: Wire, parts: ConnectionParts) {
    this.serial = serial;
    this.addressKey = addressKey;
    this.#wire = wire;
    this.#parts = parts;
  }

  get closed(): boolean {
    return this.#closed;
  }

  send(text: string): void {
    if (this.#closed) return;
    this.#wire.send(text);
    if (this.#wire.bufferedAmount <= MAX_BUFFERED_BYTES) return;
    this.#parts.metrics.rejected('slow-reader');
    this.cut();
  }

  flush(): void {
    if (!this.#closed) this.#wire.flush();
  }

  answersPing(withinMs: number): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const cancel = this.#parts.later(() => resolve(false), withinMs);
      this.#pingWaiters.push(() => {
        cancel();
        resolve(true);
      });
      this.#wire.ping();
    });
  }

  cut(): void {
    this.ended();
    this.#wire.terminate();
  }

  /** The server goes away: says so, and asks the client to come back (elsewhere, where there is an elsewhere). */
  restart(): void {
    this.send(errorText('restarting', 'This server is being restarted. Connect again.'));
    if (!this.#closed) this.#part(CLOSE_RESTART, 'restarting');
  }

  /** The socket closed, whoever closed it. */
  ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting.length = 0;
    this.#pingWaiters = [];
    this.#parts.tracker.socketClosed(this);
  }

  ponged(): void {
    this.#heard = true;
    const waiters = this.#pingWaiters;
    this.#pingWaiters = [];
    for (const waiter of waiters) waiter();
  }

  /** It pinged us, which costs like a message. */
  async pinged(): Promise<void> {
    this.#heard = true;
    const { limits } = this.#parts;
    if (limits) await this.#admit(limits, 'others', 1);
  }

  /** Due every `PING_EVERY_MS`: who said nothing since the last ping is gone. */
  pingDue(): void {
    if (this.#heard) {
      this.#heard = false;
      this.#wire.ping();
    } else {
      this.#parts.metrics.rejected('silent');
      this.cut();
    }
  }

  received(data: Buffer, isBinary: boolean): void {
    if (this.#closed) return;
    this.#heard = true;
    if (this.#busy) {
      this.#waiting.push({ data, isBinary });
      if (this.#waiting.length >= MAX_WAITING_FRAMES && !this.#paused) {
        this.#paused = true;
        this.#wire.pause();
      }
      return;
    }
    const work = this.#take(data, isBinary);
    if (work) void this.#finish(work);
  }

  async #finish(first: Promise<void>): Promise<void> {
    this.#busy = true;
    await first;
    for (let next = this.#waiting.shift(); next && !this.#closed; next = this.#waiting.shift()) {
      if (this.#paused && this.#waiting.length === 0) {
        this.#paused = false;
        this.#wire.resume();
      }
      const work = this.#take(next.data, next.isBinary);
      if (work) await work;
    }
    this.#busy = false;
  }

  #take(data: Buffer, isBinary: boolean): Promise<void> | void {
    const { limits } = this.#parts;
    if (limits) return this.#takeLimited(limits, data, isBinary);
    const message = this.#parse(data, isBinary);
    if (message) return this.#handle(message);
  }

  async #takeLimited(limits: Limits, data: Buffer, isBinary: boolean): Promise<void> {
    if (!(await this.#admit(limits, 'bytes', data.length))) return;
    const message = this.#parse(data, isBinary);
    if (!(await this.#admit(limits, kindOf(message), 1))) return;
    if (message && !this.#closed) await this.#handle(message);
  }

  async #admit(limits: Limits, kind: Kind, points: number): Promise<boolean> {
    const admission = await limits.admit(this.serial, this.addressKey, kind, points);
    if (admission === 'admitted') return true;
    this.#refuse(
      'rate-limited',
      `Too many ${kind} in ${WINDOW_S} seconds from this ${admission === 'socket' ? 'connection' : 'address'}. Slow down.`,
    );
    if (admission === 'socket') this.#countRefusal();
    return false;
  }

  #countRefusal(): void {
    const now = this.#parts.metrics.now();
    if (now - this.#refusalsSince > WINDOW_S * 1000) {
      this.#refusalsSince = now;
      this.#refusals = 0;
    }
    this.#refusals += 1;
    if (this.#refusals <= REFUSALS_BEFORE_CUT || this.#closed) return;
    this.#parts.metrics.rejected('flooding');
    this.ended();
    this.#part(CLOSE_POLICY, 'flooding');
  }

  /** Says goodbye, and does not wait long for an answer. A paused socket would never read it. */
  #part(code: number, reason: string): void {
    this.#wire.resume();
    this.#wire.close(code, reason);
    this.#parts.later(() => this.#wire.terminate(), PART_WITHIN_MS);
  }

  #parse(data: Buffer, isBinary: boolean): ClientMessage | null {
    if (isBinary) return this.#refuse('binary', 'Messages are JSON in text frames.');
    if (data.length > MAX_TRACKER_FRAME_BYTES) {
      return this.#refuse('too-large', `A message has at most ${MAX_TRACKER_FRAME_BYTES} bytes.`);
    }
    const message = parseClientMessage(data.toString());
    if (message.type !== 'refused') return message;
    this.#parts.metrics.rejected(message.code);
    this.send(errorText(message.code, message.message, message.about));
    return null;
  }

  #refuse(code: 'binary' | 'too-large' | 'rate-limited', message: string): null {
    this.#parts.metrics.rejected(code);
    this.send(errorText(code, message));
    return null;
  }

  #handle(message: ClientMessage): Promise<void> | void {
    const { metrics, tracker } = this.#parts;
    const begun = metrics.begin(message.type);
    try {
      const work = tracker.handle(this, message);
      if (work) return this.#settle(work, begun);
    } catch (failure) {
      this.#failed(failure);
    }
    metrics.end(begun);
  }

  async #settle(work: Promise<void>, begun: number | null): Promise<void> {
    try {
      await work;
    } catch (failure) {
      this.#failed(failure);
    }
    this.#parts.metrics.end(begun);
  }

  /** A bug of ours: this message is lost, the socket and everybody else go on. */
  #failed(failure: unknown): void {
    this.#parts.metrics.failed(failure);
    this.send(errorText('unavailable', 'The server could not do this now. Try again.'));
  }
}

function kindOf(message: ClientMessage | null): Kind {
  if (message?.type === 'announce') return 'announces';
  if (message?.type === 'prove') return 'proofs';
  return message?.type === 'signal' ? 'signals' : 'others';
}
