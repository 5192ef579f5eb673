/** Says everything to machines ([HL5]): one JSON object a line on the standard output, and nothing else. */
import { isMoving } from './moving.ts';
import type { Moving, Said } from './said.ts';
import type { Outputs, Screen } from './screen.ts';

/** ms between two lines about what moves. */
const LINE_EVERY_MS = 1_000;
/** JSON lets them stand as they are; a terminal may take them for orders, or turn the line around. */
const UNSEEN = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The last line that was written, when the next one may be, and which one waits for that. */
interface Told {
  readonly line: string;
  readonly dueAt: number;
  readonly waits: { readonly line: string; readonly cancel: () => void } | null;
}

type Later = (ms: number, run: () => void) => () => void;

export class JsonScreen implements Screen {
  readonly isForMachines = true;
  readonly #parts: Outputs;
  readonly #now: () => number;
  readonly #later: Later;
  /** What moves, by what it is of. */
  readonly #moving = new Map<string, Told>();
  readonly #whole = new Set<string>();

  /** `later` answers how to call it off, and keeps no process alive. */
  constructor(parts: Outputs, now: () => number, later: Later = afterUnheld) {
    this.#parts = parts;
    this.#now = now;
    this.#later = later;
  }

  tell(said: Said): void {
    if (isMoving(said)) return this.#tellMoving(said);
    if (said.type === 'interrupted' || said.type === 'error') this.close();
    this.#write(jsonLine(said));
  }

  raw(bytes: Uint8Array): void {
    this.#parts.out.write(bytes);
  }

  log(line: string): void {
    this.#parts.err.write(line);
  }

  /** What waits for its time is said now. */
  close(): void {
    for (const { waits } of this.#moving.values()) {
      waits?.cancel();
      if (waits !== null) this.#write(waits.line);
    }
    this.#moving.clear();
  }

  /** At once where it is time, or it is all of it for the first time; else the last of what comes until it is time. */
  #tellMoving(said: Moving): void {
    const kind = 'infoHash' in said ? `${said.type} ${said.infoHash}` : said.type;
    const isWholeNow = this.#isNewlyWhole(said, kind);
    const now = this.#now();
    const before = this.#moving.get(kind);
    const line = jsonLine(said);
    before?.waits?.cancel();
    if (before === undefined || isWholeNow || now >= before.dueAt) return this.#writeMoving(kind, line);
    const waits =
      line === before.line
        ? null
        : { line, cancel: this.#later(before.dueAt - now, () => this.#writeMoving(kind, line)) };
    this.#moving.set(kind, { ...before, waits });
  }

  #writeMoving(kind: string, line: string): void {
    this.#moving.set(kind, { line, dueAt: this.#now() + LINE_EVERY_MS, waits: null });
    this.#write(line);
  }

  #isNewlyWhole(said: Moving, kind: string): boolean {
    const isWhole =
      said.type === 'progress'
        ? said.percent === 100
        : said.type === 'streaming'
          ? said.receivedBytes === said.totalBytes
          : said.type === 'reading' && said.readBytes >= said.totalBytes;
    if (!isWhole) this.#whole.delete(kind);
    if (!isWhole || this.#whole.has(kind)) return false;
    this.#whole.add(kind);
    return true;
  }

  #write(line: string): void {
    this.#parts.out.write(`${line}\n`);
  }
}

function afterUnheld(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
}

export function jsonLine(said: Said): string {
  return JSON.stringify(said).replace(
    UNSEEN,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
