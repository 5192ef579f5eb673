/**
 * What came over a channel goes to the worker in messages as few as can be: each costs this page more than handling what
 * the channel gave ([PN8]). Small ones wait for those that have come already and have not been handled, and go as one;
 * a large one goes as it is, behind them. Their order stays. Knows no frames: a border between two messages means
 * nothing ([WF2]).
 */

/** Larger ones are passed on as they are, without a copy. */
const SMALL_BYTES = 4_096;
/** Small ones that wait come to no more than this. */
const MOST_WAITING_BYTES = 65_536;

export class ReceivedBytes {
  readonly #pass: (bytes: ArrayBuffer) => void;
  readonly #soon: (work: () => void) => void;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  /** `soon` does the work behind what the browser has to do already. `pass` makes the buffer somebody else's. */
  constructor(pass: (bytes: ArrayBuffer) => void, soon: (work: () => void) => void = behindWhatWaits) {
    this.#pass = pass;
    this.#soon = soon;
  }

  push(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length >= SMALL_BYTES) {
      this.flush();
      const whole = bytes.byteLength === bytes.buffer.byteLength;
      return this.#pass(whole ? bytes.buffer : bytes.slice().buffer);
    }
    if (this.#waitingBytes + bytes.length > MOST_WAITING_BYTES) this.flush();
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waiting.length === 1) this.#soon(() => this.flush());
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const joined = new Uint8Array(this.#waitingBytes);
    let at = 0;
    for (const bytes of this.#waiting) {
      joined.set(bytes, at);
      at += bytes.length;
    }
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#pass(joined.buffer);
  }
}

const due: (() => void)[] = [];
let alarm: MessagePort | null = null;

/** By a message to ourselves: unlike a timer it is not held back where the page is hidden. */
function behindWhatWaits(work: () => void): void {
  alarm ??= newAlarm();
  due.push(work);
  alarm.postMessage(null);
}

function newAlarm(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => due.shift()?.();
  return port2;
}
