/**
 * One socket ([SV4]): reads messages one after the other, holds the socket to its limits, answers what is wrong,
 * and cuts off who does not read, does not answer pings or floods. Knows no `ws`, only a `Wire`.
 */
import type { About, ClientMessage, ErrorCode } from '../shared/tracker/messages.ts';
import { aboutOf, errorText } from './answers.ts';
import type { ClientSocket, Member } from './client-socket.ts';
import { FrameMeter } from './frame-meter.ts';
import { FrameReader } from './frame-reader.ts';
import { FREE_BYTES } from './held-bytes.ts';
import type { HeldBytes, Holder } from './held-bytes.ts';
import { kindOf, WINDOW_S } from './limits.ts';
import type { Kind, Limits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { Pings } from './pings.ts';
import { Refusals } from './refusals.ts';
import type { Tracker } from './tracker.ts';
import type { Turns } from './turns.ts';
import { WaitingFrames } from './waiting-frames.ts';
import type { WaitingFrame } from './waiting-frames.ts';
import { whenReady } from './when-ready.ts';
import type { MaybePromise } from './when-ready.ts';
import type { Wire } from './wire.ts';
import { pointsOf } from './work.ts';
import type { Work } from './work.ts';

export interface ConnectionParts {
  readonly tracker: Tracker;
  readonly limits: Limits | null;
  readonly work: Work;
  /** By frames. */
  readonly turns: Pick<Turns, 'isFree' | 'charge' | 'of'>;
  readonly metrics: Metrics;
  /** Null: an address may hold what it likes. */
  readonly held: HeldBytes | null;
  /** Whoever waits for time: the server's timers, or a test's. */
  readonly later: (task: () => void, ms: number) => () => void;
}

/** Bytes that wait for a slow reader before it is cut off. */
export const MAX_BUFFERED_BYTES = 1_048_576;
/**
 * Frames that are read of what the network brought before the others have a turn, and that wait for theirs before the
 * network is no longer read. One chunk may hold eight thousand.
 */
export const MAX_FRAMES_AT_ONCE = 32;
/** Frames of all sockets together in one turn of the event loop, about two milliseconds … */
export const FRAMES_PER_TURN = 64;
/** … and of each address, whatever the others do. */
export const FREE_FRAMES_PER_ADDRESS = 32;
/** What a message that is not complete may cost, with the chunks that its parts came in. */
export const MAX_UNFINISHED_BYTES = 524_288;
/** Bytes that are counted even if no message comes of them. */
const COUNT_AFTER_BYTES = 65_536;
export const PING_EVERY_MS = 30_000;
/** What the other end has to answer a close. */
const PART_WITHIN_MS = 1_500;
const CLOSE_POLICY = 1008;
const CLOSE_RESTART = 1012;

export class Connection implements ClientSocket, Holder {
  readonly members = new Set<Member>();
  readonly addressKey: string;
  readonly serial: number;
  readonly #wire: Wire;
  readonly #parts: ConnectionParts;
  readonly #meter = new FrameMeter();
  readonly #reader = new FrameReader();
  readonly #waiting = new WaitingFrames();
  readonly #refusals = new Refusals();
  readonly #pings: Pings;
  /** Bytes that came and were not counted yet. */
  #uncounted = 0;
  /** The message that was unfinished at the last ping. */
  #unfinished = 0;
  /** Whether `held` knows of us. */
  #noted = false;
  #busy = false;
  #paused = false;
  /** There is more of what came than may be read in this turn. */
  #awaitsTurn = false;
  /** Its turn has come, and nothing was read in it yet. */
  #hasTurn = false;
  #closed = false;
  #heard = true;

  constructor(serial: number, addressKey: string, wire: Wire, parts: ConnectionParts) {
    this.serial = serial;
    this.addressKey = addressKey;
    this.#wire = wire;
    this.#parts = parts;
    this.#pings = new Pings(parts.later, () => wire.ping());
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether what came until now ends with a whole message. */
  get isBetweenMessages(): boolean {
    return this.#meter.isBetweenMessages;
  }

  send(text: string, isAscii = false): void {
    if (this.#closed) return;
    this.#wire.send(text, isAscii);
    const unread = this.#wire.bufferedAmount;
    if (unread > MAX_BUFFERED_BYTES) this.#cutFor('slow-reader');
    else if (unread > FREE_BYTES || this.#noted) this.#note();
  }

  /** Unread answers, what came and was not read, unfinished messages, messages that wait for their turn. */
  get heldBytes(): number {
    if (this.#closed) return 0;
    const { bufferedAmount, unreadBytes } = this.#wire;
    return bufferedAmount + unreadBytes + this.#meter.heldBytes + this.#waiting.heldBytes;
  }

  flush(): void {
    if (!this.#closed) this.#wire.flush();
  }

  answersPing(withinMs: number): Promise<boolean> {
    return this.#closed ? Promise.resolve(false) : this.#pings.answered(withinMs);
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
    this.#waiting.clear();
    this.#pings.forget();
    if (this.#noted) this.#parts.held?.forget(this);
    this.#parts.tracker.socketClosed(this);
  }

  ponged(): void {
    this.#heard = true;
    // One that nobody asked for costs like a message.
    if (!this.#pings.ponged()) void this.#paid();
  }

  /** It pinged us, which costs like a message. */
  async pinged(): Promise<void> {
    this.#heard = true;
    if (this.#wire.bufferedAmount > MAX_BUFFERED_BYTES) this.#cutFor('slow-reader');
    else await this.#paid();
  }

  async #paid(): Promise<void> {
    const { limits } = this.#parts;
    if (limits && !this.#closed) await this.#admit(limits, 'others', 1);
  }

  /** Due every `PING_EVERY_MS`: who said nothing since the last ping is gone, as is who is at the same message. */
  pingDue(): void {
    const isUnfinished = this.#meter.heldBytes > 0;
    if (isUnfinished && this.#unfinished === this.#meter.begun) return this.#cutFor('unfinished');
    this.#unfinished = isUnfinished ? this.#meter.begun : 0;
    if (!this.#heard) return this.#cutFor('silent');
    this.#heard = false;
    this.#pings.send();
  }

  /**
   * Bytes came from the network. Answers how many of them are to be read now; `received`, `pinged` and `ponged` may
   * follow, or not yet. The rest comes again when the socket is read on.
   */
  came(chunk: Uint8Array): number {
    if (this.#closed) return 0;
    const { limits } = this.#parts;
    const read = limits ? this.#readInTurn(chunk) : this.#meter.read(chunk);
    this.#uncounted += read;
    if (read < chunk.length) void this.#readOn();
    if (read === 0) return 0;
    if (this.#meter.heldBytes > MAX_UNFINISHED_BYTES) {
      this.#cutFor('unfinished');
      return 0;
    }
    if (this.#meter.heldBytes > FREE_BYTES || this.#noted) this.#note();
    if (limits && this.#uncounted > COUNT_AFTER_BYTES) void this.#admit(limits, 'bytes', this.#count(0));
    return read;
  }

  received(data: Buffer | string, isBinary: boolean): void {
    if (this.#closed) return;
    this.#heard = true;
    const bytes = this.#count(data.length);
    if (this.#busy) return this.#wait({ data, isBinary, bytes });
    const work = this.#take(data, isBinary, bytes);
    if (work) void this.#finish(work);
  }

  #wait(frame: WaitingFrame): void {
    this.#waiting.push(frame);
    if (this.#waiting.heldBytes > FREE_BYTES) this.#note();
    if (this.#waiting.length >= MAX_FRAMES_AT_ONCE) this.#pause();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#wire.pause();
  }

  #resume(): void {
    if (!this.#paused || this.#awaitsTurn || this.#waiting.length > 0 || this.#closed) return;
    this.#paused = false;
    this.#wire.resume();
  }

  #readInTurn(chunk: Uint8Array): number {
    const { turns } = this.#parts;
    if (!this.#hasTurn && !turns.isFree(this.addressKey)) return 0;
    const before = this.#meter.ended;
    const read = this.#meter.read(chunk, MAX_FRAMES_AT_ONCE);
    // A turn that was waited for is paid.
    if (!this.#hasTurn) turns.charge(this.addressKey, Math.max(1, this.#meter.ended - before));
    this.#hasTurn = false;
    return read;
  }

  async #readOn(): Promise<void> {
    if (this.#awaitsTurn) return;
    this.#awaitsTurn = true;
    this.#pause();
    this.#note();
    await this.#parts.turns.of(this.addressKey, MAX_FRAMES_AT_ONCE);
    this.#awaitsTurn = false;
    this.#hasTurn = true;
    this.#resume();
  }

  /** What has come since the last count; the first message of a chunk pays for it whole. */
  #count(least: number): number {
    const bytes = Math.max(this.#uncounted, least);
    this.#uncounted = 0;
    return bytes;
  }

  #note(): void {
    this.#noted = this.heldBytes > FREE_BYTES;
    this.#parts.held?.note(this);
  }

  #cutFor(why: string): void {
    this.#parts.metrics.rejected(why);
    this.cut();
  }

  async #finish(first: Promise<void>): Promise<void> {
    this.#busy = true;
    await first;
    for (let next = this.#waiting.shift(); next && !this.#closed; next = this.#waiting.shift()) {
      this.#resume();
      const work = this.#take(next.data, next.isBinary, next.bytes);
      if (work) await work;
    }
    this.#busy = false;
  }

  #take(data: Buffer | string, isBinary: boolean, bytes: number): MaybePromise<void> {
    const { limits } = this.#parts;
    if (limits) return this.#takeLimited(limits, data, isBinary, bytes);
    const message = this.#parse(data, isBinary);
    if (message) return this.#begin(message);
  }

  #takeLimited(limits: Limits, data: Buffer | string, isBinary: boolean, bytes: number): MaybePromise<void> {
    return whenReady(this.#admit(limits, 'bytes', bytes), (isPaid) => {
      if (!isPaid) return;
      const message = this.#parse(data, isBinary);
      return whenReady(this.#admit(limits, kindOf(message), 1, message), (isAdmitted) => {
        if (isAdmitted && message && !this.#closed) return this.#begin(message);
      });
    });
  }

  #begin(message: ClientMessage): MaybePromise<void> {
    const points = pointsOf(message);
    return points === 0 ? this.#handle(message) : this.#pay(message, points);
  }

  async #pay(message: ClientMessage, points: number): Promise<void> {
    if (!(await this.#parts.work.pay(this.addressKey, points)))
      return void this.#refuse(
        'rate-limited',
        `Too many searches and scrapes in ${WINDOW_S} seconds from this address. Slow down.`,
        aboutOf(message),
      );
    if (!this.#closed) await this.#handle(message);
  }

  #admit(
    limits: Limits,
    kind: Kind,
    points: number,
    message: ClientMessage | null = null,
  ): MaybePromise<boolean> {
    const admission = limits.admit(this.serial, this.addressKey, kind, points);
    return whenReady(admission, (ready) => ready === 'admitted' || this.#refuseOver(ready, kind, message));
  }

  #refuseOver(whose: 'socket' | 'address', kind: Kind, message: ClientMessage | null): false {
    const sentence = `Too many ${kind} in ${WINDOW_S} seconds from this ${whose === 'socket' ? 'connection' : 'address'}. Slow down.`;
    this.#refuse('rate-limited', sentence, message ? aboutOf(message) : undefined);
    if (whose === 'socket') this.#countRefusal();
    return false;
  }

  #countRefusal(): void {
    const { metrics } = this.#parts;
    if (!this.#refusals.isTooMany(metrics.now()) || this.#closed) return;
    metrics.rejected('flooding');
    this.ended();
    this.#part(CLOSE_POLICY, 'flooding');
  }

  /** Says goodbye, and does not wait long for an answer. A paused socket would never read it. */
  #part(code: number, reason: string): void {
    this.#paused = false;
    this.#wire.resume();
    this.#wire.close(code, reason);
    this.#parts.later(() => this.#wire.terminate(), PART_WITHIN_MS);
  }

  #parse(data: Buffer | string, isBinary: boolean): ClientMessage | null {
    const message = this.#reader.read(data, isBinary);
    if (message.type !== 'refused') return message;
    this.#refuse(message.code, message.message, message.about);
    return null;
  }

  /** `about`: what was refused, as far as it was read. */
  #refuse(code: ErrorCode, sentence: string, about?: About): void {
    this.#parts.metrics.rejected(code);
    this.send(errorText(code, sentence, about));
  }

  #handle(message: ClientMessage): MaybePromise<void> {
    const { metrics, tracker } = this.#parts;
    const begun = metrics.begin(message.type);
    try {
      const work = tracker.handle(this, message);
      if (work) return this.#settle(work, begun, message);
    } catch (failure) {
      this.#failed(failure, message);
    }
    metrics.end(begun);
  }

  async #settle(work: Promise<void>, begun: number | null, message: ClientMessage): Promise<void> {
    try {
      await work;
    } catch (failure) {
      this.#failed(failure, message);
    }
    this.#parts.metrics.end(begun);
  }

  /** A bug of ours: this message is lost, the socket and everybody else go on. */
  #failed(failure: unknown, message: ClientMessage): void {
    this.#parts.metrics.failed(failure);
    this.send(errorText('unavailable', 'The server could not do this now. Try again.', aboutOf(message)));
  }
}
