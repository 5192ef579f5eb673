/**
 * One peer's connection as the worker has it: a MessagePort to the page, raw frames, no Comlink ([WK2]). What we send is
 * transferred, so it is ours no more. Knows no frames and no engine.
 */
import type { Link, LinkListener, LinkPath } from '../../shared/peer/ports.ts';
import type { FromPage, ToPage } from './contract.ts';
import { SpareFrames } from './spare-frames.ts';

const SPARE = new SpareFrames();

export class PortLink implements Link {
  readonly path: LinkPath;
  readonly #port: MessagePort;
  readonly #spare: SpareFrames;
  #open = true;

  /** `spare`: what all links of this thread use again. */
  constructor(port: MessagePort, path: LinkPath, spare = SPARE) {
    this.#spare = spare;
    this.#port = port;
    this.path = path;
  }

  listen(listener: LinkListener): void {
    if (!this.#open) return;
    this.#port.onmessage = ({ data }: MessageEvent<FromPage>) => {
      if (data instanceof ArrayBuffer) return listener.received(new Uint8Array(data));
      if (typeof data !== 'string') {
        this.#spare.keep(data.spare ?? []);
        return listener.sent(data.sent);
      }
      this.#shut();
      listener.closed(data);
    };
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#open) this.#port.postMessage(bytes.buffer satisfies ToPage, [bytes.buffer]);
  }

  frame(bytes: number): Uint8Array<ArrayBuffer> {
    return this.#spare.take(bytes);
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
