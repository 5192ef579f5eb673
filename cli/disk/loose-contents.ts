/**
 * [HL33] Bytes that belong into no file: pieces whose share's files are not known, and copies of one's own. One file for
 * each content, named by its SHA-256, however many pieces have it. Owns that it is there exactly as long as one has.
 */
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, orNull } from './trouble.ts';

interface Content {
  readonly bytes: number;
  /** Pieces that have it. */
  uses: number;
}

export class LooseContents {
  readonly #folder: string;
  readonly #contents = new Map<string, Content>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  has(sha256: string): boolean {
    return this.#contents.has(sha256);
  }

  /** Bytes; undefined: it is not here. */
  sizeOf(sha256: string): number | undefined {
    return this.#contents.get(sha256)?.bytes;
  }

  /** Writes it where it is not here yet. Rejects where that is impossible. */
  async write(sha256: string, bytes: Uint8Array): Promise<void> {
    if (this.has(sha256)) return;
    await mkdir(this.#folder, { recursive: true });
    const unfinished = this.#path(`${sha256}.${crypto.randomUUID()}`);
    const file = await open(unfinished, 'w');
    try {
      await file.writeFile(bytes);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    await rename(unfinished, this.#path(sha256));
  }

  /** One piece more has it. */
  use(sha256: string, bytes: number): void {
    const content = this.#contents.get(sha256);
    if (content === undefined) this.#contents.set(sha256, { bytes, uses: 1 });
    else content.uses += 1;
  }

  /** One piece less has it. Answers the bytes that are free now. */
  async release(sha256: string): Promise<number> {
    const content = this.#contents.get(sha256);
    if (content === undefined || --content.uses > 0) return 0;
    this.#contents.delete(sha256);
    await this.#remove(sha256);
    return content.bytes;
  }

  /** Nobody has it any more. */
  async drop(sha256: string): Promise<void> {
    if (this.#contents.delete(sha256)) await this.#remove(sha256);
  }

  async read(sha256: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = this.sizeOf(sha256);
    if (bytes === undefined) return null;
    const file = await orNull(open(this.#path(sha256), 'r'));
    if (file === null) return null;
    try {
      const read = new Uint8Array(bytes);
      const got = await orNull(file.read(read, 0, bytes, 0));
      return got?.bytesRead === bytes ? read : null;
    } finally {
      await file.close();
    }
  }

  /** Whether it is on the disk, whoever has it. */
  async isThere(sha256: string, bytes: number): Promise<boolean> {
    try {
      return (await stat(this.#path(sha256))).size === bytes;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /**
   * What nobody has, or was not finished, was left by a process that was killed. `noted`: what journals say that somebody
   * has, of which nobody knows yet whether it is so.
   */
  async sweep(noted: ReadonlySet<string>): Promise<void> {
    for (const name of (await orNull(readdir(this.#folder))) ?? []) {
      if (!this.has(name) && !noted.has(name)) await this.#remove(name);
    }
  }

  /** Nothing is to be done for what nobody has any more. */
  async sync(sha256: string): Promise<void> {
    try {
      const file = await open(this.#path(sha256), 'r+');
      await file.datasync().finally(() => file.close());
    } catch (error) {
      if (this.has(sha256) || !isMissing(error)) throw error;
    }
  }

  async #remove(name: string): Promise<void> {
    // What cannot be removed now is swept away at the next start.
    await orNull(rm(this.#path(name), { force: true }));
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}
