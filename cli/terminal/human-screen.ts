/**
 * Says things to people ([HL4] [HL6]): what was asked for on the standard output, what happens meanwhile on the standard
 * error; there, on a terminal that understands orders, as one line that moves, and elsewhere as a line now and then.
 */
import { plainSpaces, figuresOf } from './live-text.ts';
import { LiveLine } from './live-line.ts';
import { isMoving } from './moving.ts';
import type { Moving, Said, Status } from './said.ts';
import type { Outputs, Screen } from './screen.ts';
import { wordsOf } from './words.ts';

/** ms between two lines about what moves, where nothing is drawn. */
const LINE_EVERY_MS = 5_000;
/** Said on a line of its own also where there is one that moves: somebody may have to do something. */
const LASTING: ReadonlySet<Status['state']> = new Set(['failed', 'full', 'server-refuses', 'files-missing']);

export interface HumanParts extends Outputs {
  /** ms that never go back. */
  readonly now: () => number;
  /** The terminal has block characters. */
  readonly blocks: boolean;
  /** The terminal understands orders, such as to go back to the beginning of its line. */
  readonly orders: boolean;
}

export class HumanScreen implements Screen {
  readonly isForMachines = false;
  readonly #parts: HumanParts;
  readonly #live: LiveLine | null;
  /** When the next line about what moves may come; null: nothing has moved. */
  #dueAt: number | null = null;
  #lastLine = '';

  constructor(parts: HumanParts) {
    this.#parts = parts;
    this.#live = parts.err.isTTY === true && parts.orders ? new LiveLine(parts.err, parts.blocks) : null;
  }

  tell(said: Said): void {
    if (isMoving(said)) return this.#moved(said);
    if (said.type === 'status' && this.#live !== null && !LASTING.has(said.state)) {
      return this.#live.show({ status: said });
    }
    // Nothing of it moves any more.
    if (said.type === 'got' || said.type === 'fetched') this.#live?.close();
    const { to, text } = wordsOf(said, this.#parts.out.isTTY === true);
    const line = `${said.type === 'saved' ? text : plainSpaces(text)}\n`;
    this.#above(() => this.#parts[to].write(line));
  }

  raw(bytes: Uint8Array): void {
    this.#above(() => this.#parts.out.write(bytes));
  }

  log(line: string): void {
    this.#above(() => this.#parts.err.write(line));
  }

  close(): void {
    this.#live?.close();
  }

  #above(write: () => void): void {
    if (this.#live === null) write();
    else this.#live.above(write);
  }

  #moved(moving: Moving): void {
    if (this.#live !== null) return this.#live.show({ moving });
    // What a daemon gives is for who asks it ([HL15]), not for a file that grows all night.
    if (moving.type === 'serving' || (moving.type === 'sending' && moving.up === 0)) return;
    // What is over at once needs none.
    this.#dueAt ??= this.#parts.now() + LINE_EVERY_MS;
    if (this.#parts.now() < this.#dueAt) return;
    const percent = moving.type === 'progress' ? `${moving.percent} %, ` : '';
    const line = plainSpaces(`${percent}${figuresOf(moving).join(', ')}.\n`);
    if (line === this.#lastLine) return;
    [this.#dueAt, this.#lastLine] = [this.#parts.now() + LINE_EVERY_MS, line];
    this.#parts.err.write(line);
  }
}
