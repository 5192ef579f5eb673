/**
 * An open data channel of Node as a link ([HL21] [PN2] [PN3] [PN8]): what is to go waits here while the channel's own
 * buffer is shallow, and what comes is counted. Knows no frames, and of how the connection was made nothing.
 */
import type { ChannelMessages, MessageBudget } from '../../shared/peer/message-budget.ts';
import type { Clock, Link, LinkEnd, LinkListener, LinkPath } from '../../shared/peer/ports.ts';
import { REFILL_BELOW_BYTES, SendQueue } from '../../shared/peer/send-queue.ts';
import { SilenceWatch } from './silence-watch.ts';
import type { RtcChannel } from './web-rtc.ts';

export interface RtcLinkHost {
  readonly clock: Clock;
  readonly budget: MessageBudget;
  /** It is open, and nothing has come through it for seconds. */
  interrupted(): void;
  /** Of what the library last saw acknowledged; less than 0: of nothing yet. */
  roundTripMs(): number;
  /** By our own doing, or because it cannot go on: its connection is to be closed. */
  over(): void;
}

export class RtcLink implements Link {
  readonly path: LinkPath;
  readonly #host: RtcLinkHost;
  readonly #queue: SendQueue;
  readonly #messages: ChannelMessages;
  readonly #silence: SilenceWatch;
  #listener: LinkListener | null = null;
  /** What was to be told before anybody listened. */
  readonly #early: ((listener: LinkListener) => void)[] = [];
  /** Bytes that were given to the network and not told of yet. */
  #untold = 0;
  #open = true;

  /** `largest`: bytes of our messages. */
  constructor(channel: RtcChannel, largest: number, path: LinkPath, host: RtcLinkHost) {
    this.path = path;
    this.#host = host;
    this.#messages = host.budget.open(() => host.over());
    const outgoing = outgoingOf(channel);
    this.#queue = new SendQueue(outgoing, largest);
    this.#silence = new SilenceWatch(
      host.clock,
      () => this.#open && (!this.#queue.isEmpty || outgoing.bufferedAmount > 0),
      () => host.interrupted(),
    );
    channel.setBufferedAmountLowThreshold(REFILL_BELOW_BYTES);
    channel.onBufferedAmountLow(() => this.#pump());
  }

  listen(listener: LinkListener): void {
    this.#listener = listener;
    for (const tell of this.#early.splice(0)) tell(listener);
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#open) return;
    this.#messages.sent(bytes.length);
    this.#queue.push(bytes.buffer);
    this.#pump();
  }

  /** What the library measures includes what waits in its own buffer: of a short way it says nothing. */
  async roundTripMs(): Promise<number | null> {
    const ms = this.#open && this.path !== 'lan' ? this.#host.roundTripMs() : -1;
    return ms >= 0 ? ms : null;
  }

  close(): void {
    if (!this.#open) return;
    this.#shut();
    this.#host.over();
  }

  // What the connection tells

  /** False: it is one message too many. */
  came(bytes: Uint8Array): boolean {
    if (!this.#open) return true;
    if (!this.#messages.came(bytes.length, this.#host.clock.now())) return false;
    this.#silence.broken();
    // Others may have used up what is there for all, and this one may have gone for it.
    if (this.#open) this.#tell((listener) => listener.received(bytes));
    return true;
  }

  ended(why: LinkEnd): void {
    if (!this.#open) return;
    this.#shut();
    this.#tell((listener) => listener.closed(why));
  }

  #shut(): void {
    this.#open = false;
    this.#untold = 0;
    this.#silence.end();
    this.#host.budget.close(this.#messages);
  }

  #pump(): void {
    if (!this.#open) return;
    let given: number;
    try {
      given = this.#queue.pump();
    } catch {
      return this.#host.over(); // a frame that the channel refused is lost, and what follows it could not be read
    }
    if (given > 0) {
      this.#silence.broken();
      this.#gave(given);
    } else {
      this.#silence.watch();
    }
  }

  /** Told behind what runs: who sends is in the middle of something, and several messages are told of at once. */
  #gave(bytes: number): void {
    this.#untold += bytes;
    if (this.#untold > bytes) return;
    setImmediate(() => {
      const sent = this.#untold;
      this.#untold = 0;
      if (sent > 0) this.#tell((listener) => listener.sent(sent));
    });
  }

  #tell(tell: (listener: LinkListener) => void): void {
    if (this.#listener === null) this.#early.push(tell);
    else tell(this.#listener);
  }
}

function outgoingOf(channel: RtcChannel): ConstructorParameters<typeof SendQueue>[0] {
  return {
    get bufferedAmount() {
      return channel.bufferedAmount();
    },
    get readyState() {
      return channel.isOpen() ? 'open' : 'closed';
    },
    send: (message) => void channel.sendMessageBinary(new Uint8Array(message)),
  };
}
