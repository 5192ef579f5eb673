/**
 * [HL36] A value in a JSON file that is there as a whole or not at all: written beside its place, with fsync, and then
 * renamed. Of several that are to be written while one is, the last is. One that is damaged is put aside and said.
 * Knows no meaning of what is in it.
 */
import { mkdir, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Notices } from './notices.ts';
import { isMissing, isWorlds } from './trouble.ts';

export class JsonFile {
  readonly path: string;
  readonly #notices: Notices;
  #next: { value: () => unknown; readonly written: Promise<void> } | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, notices: Notices) {
    this.path = path;
    this.#notices = notices;
  }

  /** Null: there is none, or it cannot be read. `parse` answers null for what makes no sense. */
  async read<Value>(parse: (json: unknown) => Value | null): Promise<Value | null> {
    const text = await this.#text();
    if (text === null) return null;
    const value = parsed(text);
    const meant = value === undefined ? null : parse(value);
    if (meant === null) await this.#putAside();
    return meant;
  }

  /** Rejects where it cannot be written; what was there stays then. `value` is asked for when it is its turn. */
  write(value: () => unknown): Promise<void> {
    if (this.#next !== null) {
      this.#next.value = value;
      return this.#next.written;
    }
    const written = this.#writing.then(async () => {
      const last = this.#next?.value ?? value;
      this.#next = null;
      await writeWhole(this.path, JSON.stringify(last()));
    });
    this.#next = { value, written };
    this.#writing = written.catch(() => undefined);
    return written;
  }

  /** Nothing is being written any more. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  async #text(): Promise<string | null> {
    try {
      return await readFile(this.path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return null;
      if (!isWorlds(error)) throw error;
      await this.#putAside();
      return null;
    }
  }

  async #putAside(): Promise<void> {
    const aside = `${this.path}.damaged`;
    try {
      await rename(this.path, aside);
    } catch (error) {
      if (!isWorlds(error)) throw error;
    }
    this.#notices.tell({ kind: 'state-damaged', path: this.path, aside });
  }
}

/** All of it or what was there before, also after a power cut. Makes the folder. */
export async function writeWhole(path: string, data: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, data);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
