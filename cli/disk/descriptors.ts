/**
 * [HL34] Files that are open: few at a time, those that were used last. Owns every descriptor of the storage: one is
 * closed when it is the oldest that nobody uses, or its file is another one now. Where the system has no more of them
 * idle ones are closed, or it is waited until one is. Knows no shares.
 */
import type { FileHandle } from 'node:fs/promises';
import { MOST_OPEN_FILES } from './limits.ts';
import { codeOf } from './trouble.ts';

const NO_MORE = new Set(['EMFILE', 'ENFILE']);

class OpenFile {
  readonly file: Promise<FileHandle>;
  readonly closed: Promise<void>;
  users: number;
  #isLast = false;
  #isClosing = false;
  #markClosed: () => void = () => undefined;

  constructor(file: Promise<FileHandle>, users = 1) {
    this.file = file;
    this.users = users;
    this.closed = new Promise((resolve) => (this.#markClosed = resolve));
    file.catch(() => this.#markClosed());
  }

  /** Closed as soon as nobody uses it. */
  end(): void {
    this.#isLast = true;
    if (this.users === 0) this.#close();
  }

  release(): void {
    this.users -= 1;
    if (this.users === 0 && this.#isLast) this.#close();
  }

  #close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.file
      .then((file) => file.close())
      // What could not be written is said by the write itself, or by the next `fsync`.
      .catch(() => undefined)
      .finally(() => this.#markClosed());
  }
}

export class Descriptors {
  readonly #most: number;
  /** By their keys, the one that was used last at the end. */
  readonly #open = new Map<string, OpenFile>();
  readonly #ending = new Set<OpenFile>();
  #waiting: (() => void)[] = [];

  constructor(most = MOST_OPEN_FILES) {
    this.#most = most;
  }

  /** How many there are. */
  get count(): number {
    return this.#open.size + this.#ending.size;
  }

  /** `open` is called where none is open under this key. The task does not close the file. */
  async using<Answer>(
    key: string,
    open: () => Promise<FileHandle>,
    task: (file: FileHandle) => Promise<Answer>,
  ): Promise<Answer> {
    const opened = await this.#opened(key, open);
    try {
      return await task(await opened.file);
    } finally {
      opened.release();
      this.#wake();
    }
  }

  /** One that is open already, and is used again soon. It is not the giver's any more. */
  add(key: string, file: FileHandle): void {
    this.#open.set(key, new OpenFile(Promise.resolve(file), 0));
    if (this.count > this.#most) this.#endIdle();
  }

  /** Whoever uses it next opens it anew. Settles when it is closed. */
  async letGo(key: string): Promise<void> {
    const opened = this.#open.get(key);
    if (opened === undefined) return;
    this.#end(key, opened);
    await opened.closed;
  }

  async closeAll(): Promise<void> {
    for (const [key, opened] of [...this.#open]) this.#end(key, opened);
    await Promise.all([...this.#ending].map(({ closed }) => closed));
  }

  async #opened(key: string, open: () => Promise<FileHandle>): Promise<OpenFile> {
    for (;;) {
      const known = this.#open.get(key);
      if (known !== undefined) {
        known.users += 1;
        this.#open.delete(key);
        this.#open.set(key, known);
        return known;
      }
      if (this.count < this.#most) return this.#begin(key, open);
      this.#endIdle();
      if (this.count >= this.#most) await this.#someEnd();
    }
  }

  #begin(key: string, open: () => Promise<FileHandle>): OpenFile {
    const opened = new OpenFile(this.#patiently(open));
    this.#open.set(key, opened);
    opened.file.catch(() => {
      if (this.#open.get(key) === opened) this.#open.delete(key);
    });
    return opened;
  }

  /** Others in this process have descriptors, too. */
  async #patiently(open: () => Promise<FileHandle>): Promise<FileHandle> {
    for (;;) {
      try {
        return await open();
      } catch (error) {
        // The one that is being opened counts as well.
        if (!NO_MORE.has(codeOf(error)) || this.count <= 1) throw error;
        this.#endIdle();
        await this.#someEnd();
      }
    }
  }

  #endIdle(): void {
    for (const [key, opened] of this.#open) {
      if (opened.users > 0) continue;
      this.#end(key, opened);
      return;
    }
  }

  #end(key: string, opened: OpenFile): void {
    this.#open.delete(key);
    this.#ending.add(opened);
    opened.end();
    void opened.closed.then(() => {
      this.#ending.delete(opened);
      this.#wake();
    });
  }

  /** One was closed, or is not used any more. */
  #someEnd(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
