/**
 * The worker's end of one peer's MessagePort: raw frames, no Comlink ([WK2]). What we send is transferred, so it is
 * ours no more. Knows no frames and no engine.
 */
import type { FromPage, LinkPath, ToPage } from './contract.ts';

export interface PortListener {
  received(bytes: Uint8Array): void;
  sent(bytes: number): void;
  closed(): void;
}

export class PeerPort {
  readonly path: LinkPath;
  readonly #port: MessagePort;
  #open = true;

  constructor(port: MessagePort, path: LinkPath, listener: PortListener) {
    this.#port = port;
    this.path = path;
    port.onmessage = ({ data }: MessageEvent<FromPage>) => {
      if (!this.#open) return;
      if (data instanceof ArrayBuffer) return listener.received(new Uint8Array(data));
      if (data !== 'closed') return listener.sent(data.sent);
      this.#shut();
      listener.closed();
    };
  }

  /** `bytes` has a buffer of its own and is gone afterwards. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#open) this.#port.postMessage(bytes.buffer satisfies ToPage, [bytes.buffer]);
  }

  close(): void {
    if (!this.#open) return;
    this.#port.postMessage('close' satisfies ToPage);
    this.#shut();
  }

  #shut(): void {
    this.#open = false;
    this.#port.onmessage = null;
    this.#port.close();
  }
}
