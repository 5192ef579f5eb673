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
  /** Who asked how long a packet takes. */
  #asking: ((roundTripMs: number | null) => void)[] = [];

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
      if (typeof data === 'object' && 'roundTripMs' in data) return this.#measured(data.roundTripMs);
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

  /** The page knows. The answer comes when somebody listens. */
  roundTripMs(): Promise<number | null> {
    if (!this.#open) return Promise.resolve(null);
    this.#port.postMessage('measure' satisfies ToPage);
    return new Promise((tell) => this.#asking.push(tell));
  }

  close(): void {
    if (!this.#open) return;
    this.#port.postMessage('close' satisfies ToPage);
    this.#shut();
  }

  #measured(roundTripMs: number | null): void {
    for (const tell of this.#asking.splice(0)) tell(roundTripMs);
  }

  #shut(): void {
    this.#open = false;
    this.#measured(null);
    this.#port.onmessage = null;
    this.#port.close();
  }
}
