/**
 * The line that moves on a terminal ([HL6]): cli-progress (imported here alone) decides when it is drawn anew, hides the
 * cursor and keeps lines from wrapping; each drawing is one write, so that nothing flickers. Knows no words.
 */
import { Writable } from 'node:stream';
import cliProgress from 'cli-progress';
import { liveText } from './live-text.ts';
import type { Live } from './live-text.ts';
import type { Out } from './screen.ts';

const NOTHING: Live = { moving: null, status: null };
const ESC = '\u001b';
/** Saving and restoring the cursor: the line never leaves its place, and a terminal that scrolls has moved it. */
const CURSOR_PLACE = new RegExp(`${ESC}[78]`, 'g');

/** Gathers what is written in one turn. */
class OneWrite extends Writable {
  readonly isTTY = true;
  readonly #out: Out;
  #pending = '';

  constructor(out: Out) {
    super({ decodeStrings: false });
    this.#out = out;
  }

  get columns(): number {
    return this.#out.columns ?? 80;
  }

  override _write(chunk: string | Buffer, _: BufferEncoding, done: () => void): void {
    this.#pending += chunk.toString().replace(CURSOR_PLACE, '');
    done();
  }

  /** What was gathered goes out. */
  flush(): void {
    if (this.#pending !== '') this.#out.write(this.#pending);
    this.#pending = '';
  }
}

export class LiveLine {
  readonly #stream: OneWrite;
  readonly #bar: cliProgress.SingleBar;
  #live: Live = NOTHING;
  #isShown = false;

  /** `blocks`: the terminal has block characters. */
  constructor(out: Out, blocks: boolean) {
    this.#stream = new OneWrite(out);
    this.#bar = new cliProgress.SingleBar({
      stream: this.#stream,
      format: (_, { maxWidth }) => liveText(this.#live, { columns: maxWidth ?? 80, blocks }),
      hideCursor: true,
      clearOnComplete: true,
      fps: 5,
    });
    this.#bar.on('redraw-post', () => queueMicrotask(() => this.#stream.flush()));
  }

  show(change: Partial<Live>): void {
    this.#live = { ...this.#live, ...change };
    if (this.#isShown) {
      this.#bar.update({});
      return;
    }
    this.#isShown = true;
    this.#bar.start(1, 0);
    this.#stream.flush();
  }

  /** Takes the line away while something else is written, and draws it again behind it. */
  above(write: () => void): void {
    const wasShown = this.#isShown;
    this.#take();
    write();
    if (wasShown) this.show({});
  }

  close(): void {
    this.#take();
    this.#live = NOTHING;
  }

  #take(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#bar.stop();
    this.#stream.flush();
  }
}
