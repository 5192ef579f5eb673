/** Says everything to machines ([HL5]): one JSON object a line on the standard output, and nothing else. */
import type { Said } from './said.ts';
import type { Outputs, Screen } from './screen.ts';

/** ms between two lines about what moves. */
const LINE_EVERY_MS = 1_000;
/** JSON lets them stand as they are; a terminal may take them for orders, or turn the line around. */
const UNSEEN = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export class JsonScreen implements Screen {
  readonly isForMachines = true;
  readonly #parts: Outputs;
  readonly #now: () => number;
  readonly #dueAt = new Map<string, number>();

  constructor(parts: Outputs, now: () => number) {
    this.#parts = parts;
    this.#now = now;
  }

  tell(said: Said): void {
    if (!this.#isDue(said)) return;
    this.#parts.out.write(`${jsonLine(said)}\n`);
  }

  raw(bytes: Uint8Array): void {
    this.#parts.out.write(bytes);
  }

  log(line: string): void {
    this.#parts.err.write(line);
  }

  close(): void {
    this.#dueAt.clear();
  }

  /** The last of what moves is never left out: it is everything. */
  #isDue(said: Said): boolean {
    if (said.type === 'reading' && said.readBytes >= said.totalBytes) return true;
    if (said.type === 'progress' && said.percent === 100) return this.#first('100 %', said.infoHash);
    if (!['progress', 'sending', 'serving', 'reading'].includes(said.type)) return true;
    const kind = 'infoHash' in said ? `${said.type} ${said.infoHash}` : said.type;
    if (this.#now() < (this.#dueAt.get(kind) ?? 0)) return false;
    this.#dueAt.set(kind, this.#now() + LINE_EVERY_MS);
    return true;
  }

  #first(what: string, of: string): boolean {
    const isFirst = !this.#dueAt.has(`${what} ${of}`);
    this.#dueAt.set(`${what} ${of}`, Infinity);
    return isFirst;
  }
}

export function jsonLine(said: Said): string {
  return JSON.stringify(said).replace(
    UNSEEN,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
