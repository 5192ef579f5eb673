/**
 * A bare data channel in Node, of the library that the headless peer uses: the limit that everything built on it is
 * measured against. The counterpart of `pages/raw-channel-page.ts`, and on speaking terms with it.
 */
import { PeerConnection } from 'node-datachannel';
import type { DataChannel } from 'node-datachannel';
import { REFILL_BELOW_BYTES } from '../../shared/peer/send-queue.ts';

const MESSAGE_BYTES = 65_536;

/** The library ends the process over one that the collection of garbage took before it was closed. */
const held = new Set<DataChannel>();

export class BareChannel {
  readonly #connection = new PeerConnection('bare', {
    iceServers: [],
    maxMessageSize: 262_144,
    disableAutoNegotiation: true,
  });
  readonly #gathered = new Promise<void>((done) => {
    this.#connection.onGatheringStateChange((state) => {
      if (state === 'complete') done();
    });
  });
  readonly #channel: DataChannel = this.#connection.createDataChannel('raw', { negotiated: true, id: 0 });
  readonly #opened = new Promise<void>((open) => this.#channel.onOpen(open));

  constructor() {
    held.add(this.#channel);
    this.#channel.onClosed(() => held.delete(this.#channel));
  }

  offer(): Promise<string> {
    this.#connection.setLocalDescription('offer');
    return this.#description();
  }

  answer(theirs: string): Promise<string> {
    this.accept(theirs);
    this.#connection.setLocalDescription('answer');
    return this.#description();
  }

  accept(theirs: string): void {
    const { sdp, type } = JSON.parse(theirs) as { sdp: string; type: 'offer' | 'answer' };
    this.#connection.setRemoteDescription(sdp, type);
  }

  /** Sends what the other side asks for. */
  serve(): void {
    const message = new Uint8Array(MESSAGE_BYTES);
    this.#channel.onMessage((asked) => {
      let left = Number(String(asked));
      const pump = (): void => {
        while (left > 0 && this.#channel.bufferedAmount() <= REFILL_BELOW_BYTES) {
          this.#channel.sendMessageBinary(message.subarray(0, Math.min(left, MESSAGE_BYTES)));
          left -= MESSAGE_BYTES;
        }
      };
      this.#channel.setBufferedAmountLowThreshold(REFILL_BELOW_BYTES);
      this.#channel.onBufferedAmountLow(pump);
      pump();
    });
  }

  /** Milliseconds from asking for that many bytes to the last of them. */
  async fetchBytes(bytes: number): Promise<number> {
    await this.#opened;
    const asked = performance.now();
    let missing = bytes;
    await new Promise<void>((complete) => {
      this.#channel.onMessage((data) => {
        missing -= typeof data === 'string' ? data.length : data.byteLength;
        if (missing <= 0) complete();
      });
      this.#channel.sendMessage(String(bytes));
    });
    return performance.now() - asked;
  }

  close(): void {
    this.#channel.close();
    this.#connection.close();
  }

  /** With all its candidates in it. */
  async #description(): Promise<string> {
    await this.#gathered;
    return JSON.stringify(this.#connection.localDescription());
  }
}
