/**
 * [HL36] What was stored of a share since its state was written, a line each, in files that are only added to: what is in
 * them survives a process that is killed, and is verified before it is believed. A state names the first of them that it
 * does not know; older ones are removed. Knows no pieces.
 */
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Descriptors } from './descriptors.ts';
import { linesFrom } from './share-state.ts';
import type { JournalLine } from './share-state.ts';
import { isMissing, orNull } from './trouble.ts';

const NAME = /^journal-(\d+)$/;

export class Journal {
  readonly #folder: string;
  readonly #descriptors: Descriptors;
  #generation = 0;

  /** `folder` is made when something is added. */
  constructor(folder: string, descriptors: Descriptors) {
    this.#folder = folder;
    this.#descriptors = descriptors;
  }

  get generation(): number {
    return this.#generation;
  }

  /** What is in those from this one on, in its order. What is added from now on goes behind it. */
  async replay(from: number): Promise<JournalLine[]> {
    const lines: JournalLine[] = [];
    this.#generation = from;
    for (const generation of await this.#generations()) {
      if (generation < from) continue;
      const text = await orNull(readFile(this.#path(generation), 'utf8'));
      lines.push(...linesFrom(text ?? ''));
      // Behind a line that was cut off nothing could be read.
      this.#generation = generation + 1;
    }
    return lines;
  }

  /** Rejects where it cannot be written. */
  async add(lines: readonly JournalLine[]): Promise<void> {
    if (lines.length === 0) return;
    const path = this.#path(this.#generation);
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await this.#descriptors.using(
      keyOf(path),
      () => this.#open(path),
      async (file) => {
        await file.appendFile(text);
      },
    );
  }

  /** What is added from now on goes into the next one, whose number is the answer. */
  next(): number {
    this.#generation += 1;
    return this.#generation;
  }

  async removeBefore(generation: number): Promise<void> {
    for (const older of await this.#generations()) {
      if (older < generation) await this.#remove(older);
    }
  }

  async close(): Promise<void> {
    await this.#descriptors.letGo(keyOf(this.#path(this.#generation)));
  }

  async #open(path: string): Promise<FileHandle> {
    try {
      return await open(path, 'a');
    } catch (error) {
      if (!isMissing(error)) throw error;
      await mkdir(this.#folder, { recursive: true });
      return open(path, 'a');
    }
  }

  async #remove(generation: number): Promise<void> {
    const path = this.#path(generation);
    await this.#descriptors.letGo(keyOf(path));
    // One that stays is passed over, as the state names a later one.
    await orNull(rm(path, { force: true }));
  }

  async #generations(): Promise<number[]> {
    const names = (await orNull(readdir(this.#folder))) ?? [];
    const found = names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
    return found.sort((a, b) => a - b);
  }

  #path(generation: number): string {
    return join(this.#folder, `journal-${generation}`);
  }
}

function keyOf(path: string): string {
  return `a:${path}`;
}
