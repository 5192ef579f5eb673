/**
 * One WebRTC connection to one peer ([PN1]–[PN3]): the only import of simple-peer. Turns signals into a data
 * channel and the channel into a MessagePort for the worker: what comes is transferred on, what goes is kept in a
 * queue here while the channel's own buffer is shallow, because deep buffers cost a third of the speed. Knows no
 * frames.
 */
import Peer from 'simple-peer/simplepeer.min.js';
import type SimplePeer from 'simple-peer';
import type { LinkRole } from '../../shared/engine/io.ts';
import { GatheredSignals } from '../../shared/peer/gathered-signals.ts';
import type { ChannelMessages, MessageBudget } from '../../shared/peer/message-budget.ts';
import type { Clock, LinkEnd, LinkPath } from '../../shared/peer/ports.ts';
import {
  CUT_MESSAGE_BYTES,
  messageBytes,
  REFILL_BELOW_BYTES,
  SendQueue,
} from '../../shared/peer/send-queue.ts';
import type { FromPage, ToPage } from '../worker/contract.ts';
import { pathOf, roundTripMsOf } from './link-path.ts';
import type { PageLink, PageLinkListener } from './links.ts';
import { ReceivedBytes } from './received-bytes.ts';
import type { Signal } from '../../shared/peer/signals.ts';

/** The worker is told of bytes that left in portions of so many at the least, while more wait. */
const TELL_SENT_BYTES = 131_072;
/** Less than this, which small frames alone are, waits so many ms for more. */
const TELL_AT_ONCE_BYTES = 4_096;
const TELL_LATE_MS = 50;
/** Of what left, so many large buffers go back to the worker with that: fresh memory costs more than a copy into it. */
const MOST_SPARE = 4;
const LARGE_BYTES = 16_384;

/** simple-peer keeps the channel and the connection in fields that its types do not name. */
type OpenPeer = SimplePeer.Instance & { readonly _channel: RTCDataChannel; readonly _pc: RTCPeerConnection };

const TIMERS: Pick<Clock, 'after'> = {
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

export class PeerLink implements PageLink {
  readonly #peer: OpenPeer;
  readonly #listener: PageLinkListener;
  readonly #said: GatheredSignals;
  #port: MessagePort | null = null;
  /** Bytes that were given to the network and not told of yet. */
  #untold = 0;
  #spare: ArrayBuffer[] = [];
  #late: ReturnType<typeof setTimeout> | undefined;
  readonly #budget: MessageBudget;
  readonly #messages: ChannelMessages;
  readonly #received = new ReceivedBytes((bytes) =>
    this.#port?.postMessage(bytes satisfies FromPage, [bytes]),
  );
  #ended = false;

  constructor(role: LinkRole, config: RTCConfiguration, budget: MessageBudget, listener: PageLinkListener) {
    this.#listener = listener;
    this.#said = new GatheredSignals(TIMERS, (signals) => listener.signals(signals));
    this.#budget = budget;
    this.#messages = budget.open(() => this.close());
    this.#peer = new Peer({
      initiator: role === 'dialler',
      trickle: true,
      config,
    }) as OpenPeer;
    this.#peer.on('signal', (signal) => this.#said.push(signal));
    this.#peer.on('connect', () => void this.#connected());
    this.#peer.on('iceStateChange', (state) => {
      // [PN10] Long before the browser gives it up.
      if (state === 'disconnected' && this.#port !== null && !this.#ended) this.#listener.interrupted();
    });
    this.#peer.on('error', () => this.close());
    this.#peer.on('close', () => this.close());
    // [PN7] The dialler opens the one channel; the library would listen to any number of them.
    let more = role === 'dialler' ? 0 : 1;
    this.#peer._pc.addEventListener('datachannel', () => {
      if (--more < 0) this.close();
    });
  }

  signal(signal: Signal): void {
    if (this.#ended) return;
    try {
      // The library's type wants a whole RTCIceCandidate where its code takes the plain fields.
      this.#peer.signal(signal as SimplePeer.SignalData);
    } catch {
      this.close(); // a stranger's signal that the browser refuses is the end of that stranger's connection alone
    }
  }

  close(): void {
    this.#end('closed');
  }

  #end(why: LinkEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#budget.close(this.#messages);
    this.#said.end();
    clearTimeout(this.#late);
    this.#peer.destroy();
    this.#received.flush();
    this.#port?.postMessage(why satisfies FromPage);
    this.#listener.ended();
  }

  async #connected(): Promise<void> {
    const largest = messageBytes(this.#peer._pc.sctp?.maxMessageSize ?? CUT_MESSAGE_BYTES);
    if (largest === null) return this.close();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const channel = this.#peer._channel;
    channel.bufferedAmountLowThreshold = REFILL_BELOW_BYTES;
    const queue = new SendQueue(channel, largest);
    channel.addEventListener('bufferedamountlow', () => this.#pump(queue));
    this.#takeOver(channel);
    port1.onmessage = ({ data }: MessageEvent<ToPage>) => {
      if (data === 'close') return this.close();
      if (data === 'measure') return void this.#measure();
      this.#messages.sent(data.byteLength);
      queue.push(data);
      this.#pump(queue);
    };
    const path = await this.#path();
    if (!this.#ended) this.#listener.opened(port2, path);
  }

  async #path(): Promise<LinkPath> {
    try {
      return await pathOf(this.#peer._pc);
    } catch {
      return 'direct'; // statistics that cannot be had are no reason to give up what is open
    }
  }

  async #measure(): Promise<void> {
    const roundTripMs = await roundTripMsOf(this.#peer._pc).catch(() => null);
    if (!this.#ended) this.#port?.postMessage({ roundTripMs } satisfies FromPage);
  }

  /** What came before waits in the library's stream; what comes from now on need not pass it. */
  #takeOver(channel: RTCDataChannel): void {
    for (let early = this.#peer.read(); early !== null; early = this.#peer.read()) {
      this.#came(Uint8Array.from(early as Uint8Array));
    }
    channel.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) =>
      this.#came(typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data));
  }

  #came(data: Uint8Array<ArrayBuffer>): void {
    if (this.#ended) return;
    if (!this.#messages.came(data.byteLength, performance.now())) return this.#end('flooded');
    if (!this.#ended) this.#received.push(data);
  }

  #pump(queue: SendQueue): void {
    if (this.#ended) return;
    try {
      this.#untold += queue.pump((message) => this.#left(message));
    } catch {
      return this.close(); // a frame that the channel refused is lost, and what follows it could not be read
    }
    // Told when it is worth a message, and when the worker may be waiting for it.
    if (this.#untold >= (queue.isEmpty ? TELL_AT_ONCE_BYTES : TELL_SENT_BYTES)) return this.#tellSent();
    if (this.#untold > 0 && queue.isEmpty) this.#late ??= setTimeout(() => this.#tellSent(), TELL_LATE_MS);
  }

  #left(message: ArrayBuffer): void {
    if (message.byteLength >= LARGE_BYTES && this.#spare.length < MOST_SPARE) this.#spare.push(message);
  }

  #tellSent(): void {
    clearTimeout(this.#late);
    this.#late = undefined;
    const [sent, spare] = [this.#untold, this.#spare];
    this.#untold = 0;
    this.#spare = [];
    if (spare.length === 0) this.#port?.postMessage({ sent } satisfies FromPage);
    else this.#port?.postMessage({ sent, spare } satisfies FromPage, spare);
  }
}
