/**
 * For tests: what stands in for simple-peer. Like the library it lets go of its channel and connection when it is
 * destroyed, and says so a moment later. Nothing else happens unless a test makes it happen.
 */
import type { Signal } from '../../shared/peer/signals.ts';

export class FakeChannel extends EventTarget {
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  readyState: RTCDataChannelState = 'open';
  readonly messages: Uint8Array[] = [];
  onmessage: ((event: { readonly data: ArrayBuffer | string }) => void) | null = null;
  /** What becomes of a message beyond its being counted. */
  carry: (message: Uint8Array) => void = () => undefined;

  send(message: ArrayBuffer): void {
    if (this.readyState !== 'open') throw new DOMException('not open', 'InvalidStateError');
    // A copy, as every channel makes of what it is given.
    const bytes = new Uint8Array(message.slice());
    this.messages.push(bytes);
    this.bufferedAmount += bytes.length;
    this.carry(bytes);
  }

  get sizes(): number[] {
    return this.messages.map(({ length }) => length);
  }

  /** So many bytes leave. */
  drain(bytes = this.bufferedAmount): void {
    const [before, mark] = [this.bufferedAmount, this.bufferedAmountLowThreshold];
    this.bufferedAmount = Math.max(0, before - bytes);
    if (before > mark && this.bufferedAmount <= mark) this.dispatchEvent(new Event('bufferedamountlow'));
  }
}

export class FakeConnection extends EventTarget {
  sctp: { maxMessageSize: number } | null = { maxMessageSize: 262_144 };
  stats = (): Promise<Map<string, unknown>> => Promise.resolve(new Map());

  getStats(): Promise<Map<string, unknown>> {
    return this.stats();
  }
}

export interface FakePeerOptions {
  readonly initiator: boolean;
  readonly trickle: boolean;
  readonly config: { readonly iceServers: readonly RTCIceServer[] };
}

type Listener = (told?: unknown) => void;

export class FakePeer {
  /** In order; a test empties it. */
  static readonly made: FakePeer[] = [];
  readonly options: FakePeerOptions;
  readonly channel = new FakeChannel();
  readonly connection = new FakeConnection();
  _channel: FakeChannel | null = this.channel;
  _pc: FakeConnection | null = this.connection;
  readonly heard: Signal[] = [];
  destroyed = false;
  readonly #listeners = new Map<string, Listener[]>();
  readonly #early: Uint8Array[] = [];

  constructor(options: FakePeerOptions) {
    this.options = options;
    FakePeer.made.push(this);
  }

  on(event: string, listener: Listener): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  /** A message comes; it waits in the library's stream as long as nobody listens to the channel itself. */
  comes(data: Uint8Array<ArrayBuffer> | string): void {
    if (this.channel.onmessage === null) this.#early.push(Buffer.from(data));
    else this.channel.onmessage({ data: typeof data === 'string' ? data : data.buffer });
  }

  read(): Uint8Array | null {
    return this.#early.shift() ?? null;
  }

  emit(event: 'signal' | 'connect' | 'error' | 'close' | 'iceStateChange', told?: unknown): void {
    const listeners = this.#listeners.get(event) ?? [];
    if (event === 'error' && listeners.length === 0) throw told; // as every EventEmitter does
    for (const listener of listeners) listener(told);
  }

  signal(signal: Signal): void {
    if (this.destroyed) throw new Error('cannot signal after peer is destroyed');
    this.heard.push(signal);
  }

  destroy(error?: Error): void {
    if (this.destroyed) return;
    this.destroyed = true;
    queueMicrotask(() => {
      this.channel.readyState = 'closed';
      [this._channel, this._pc] = [null, null];
      if (error !== undefined) this.emit('error', error);
      this.emit('close');
    });
  }
}

/** Those whose signals are carried to each other meet; from then on what one sends comes to the other. */
export class MeetingPeer extends FakePeer {
  readonly #name = String(FakePeer.made.indexOf(this));
  #other: MeetingPeer | null = null;

  constructor(options: FakePeerOptions) {
    super(options);
    if (options.initiator) this.#say('offer');
  }

  override signal(signal: Signal): void {
    super.signal(signal);
    if (signal.type === 'offer') this.#say('answer');
    const other = signal.type === 'answer' ? FakePeer.made[Number(signal.sdp)] : undefined;
    if (other instanceof MeetingPeer && !other.destroyed) this.meet(other);
  }

  meet(other: MeetingPeer): void {
    for (const [one, another] of [
      [this, other],
      [other, this],
    ] as const) {
      one.#other = another;
      one.channel.carry = (message) =>
        queueMicrotask(() => {
          one.channel.drain(message.length);
          if (!another.destroyed) another.comes(message.slice());
        });
      one.emit('connect');
    }
  }

  override destroy(error?: Error): void {
    if (this.destroyed) return;
    super.destroy(error);
    queueMicrotask(() => this.#other?.destroy());
  }

  #say(type: 'offer' | 'answer'): void {
    queueMicrotask(() => {
      if (!this.destroyed) this.emit('signal', { type, sdp: this.#name });
    });
  }
}

/** Until what was sent through ports of this thread has come, and what came of it, too. */
export async function delivered(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => afterMessages(resolve));
}

/** A message of its own comes after those that were sent before. */
function afterMessages(then: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    then();
  };
  port2.postMessage(null);
}
