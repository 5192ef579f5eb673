/**
 * [ST16] [ST17] Segments' bytes as files in the browser's private file system: a directory for each database, a file for
 * each segment, written as a whole and never changed. Owns the handles that are open to read: a file that has one cannot
 * be removed. Knows nothing of the database, nor which file belongs to what.
 */
import { FILES_AT_ONCE, OPEN_FILES } from './limits.ts';
import { isCalled } from './settled.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type AccessMode = 'readwrite' | 'read-only';

declare global {
  /** Younger than the types that we have. */
  interface FileSystemFileHandle {
    createSyncAccessHandle(options: { mode: AccessMode }): Promise<FileSystemSyncAccessHandle>;
  }
  interface FileSystemSyncAccessHandle {
    readonly mode?: string;
  }
}

interface OpenFile {
  read(from: number, to: number): Bytes | Promise<Bytes>;
  close(): void;
}

/** What it takes to read one. */
export class SegmentFile {
  readonly size: number;
  readonly #files: SegmentFiles;
  readonly #name: string;

  constructor(files: SegmentFiles, name: string, size: number) {
    this.#files = files;
    this.#name = name;
    this.size = size;
  }

  get readsAtOnce(): boolean {
    return this.#files.readsAtOnce;
  }

  read(from: number, to: number): Promise<Bytes> {
    return this.#files.read(this.#name, from, to);
  }
}

export class SegmentFiles {
  readonly #name: string;
  #directory: Promise<FileSystemDirectoryHandle> | null = null;
  /** Least recently used first. */
  readonly #open = new Map<string, Promise<OpenFile>>();
  /** For access to their files, and not answered yet. */
  readonly #asked = new Set<FileSystemFileHandle>();
  /** The browser has handles that only read, so that others may have one, too. Supposed until it was tried. */
  #hasReaders = true;

  constructor(database: string) {
    this.#name = encodeURIComponent(database); // [ST8] one to one, and without the slashes
  }

  /** Reading is quick: what is read ahead has no advantage. */
  get readsAtOnce(): boolean {
    return this.#hasReaders;
  }

  /** All of it, or no file is left behind. */
  async write(name: string, parts: readonly Bytes[]): Promise<'written' | 'quota' | 'unavailable'> {
    try {
      const access = await this.#access(await this.#created(name), 'readwrite');
      try {
        writeAll(access, parts);
      } finally {
        access.close();
      }
      return 'written';
    } catch (error) {
      await this.remove([name]);
      return isCalled(error, 'QuotaExceededError') ? 'quota' : 'unavailable';
    }
  }

  /** Fewer bytes where the file is shorter. Rejects where it cannot be read. */
  read(name: string, from: number, to: number): Promise<Bytes> {
    const open = this.#open.get(name) ?? this.#opening(name);
    this.#open.delete(name);
    this.#open.set(name, open);
    // What is asked for before the file is closed is read before that: in the order in which it waits for the opening.
    const bytes = open.then((file) => file.read(from, to));
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= OPEN_FILES) break;
      void this.#close(oldest);
    }
    return bytes;
  }

  /** What cannot be removed stays: it is an orphan, and looked for again. */
  async remove(names: readonly string[]): Promise<void> {
    for (let from = 0; from < names.length; from += FILES_AT_ONCE) {
      await Promise.allSettled(
        names.slice(from, from + FILES_AT_ONCE).map(async (name) => {
          await this.#close(name);
          await (await this.#reached()).removeEntry(name);
        }),
      );
    }
  }

  /** All there are; none where the browser has no such files. */
  async list(): Promise<string[]> {
    const names: string[] = [];
    try {
      for await (const name of (await this.#reached()).keys()) names.push(name);
    } catch {
      return [];
    }
    return names;
  }

  /** By the system's clock; null where there is no such file. */
  async writtenAt(name: string): Promise<number | null> {
    try {
      const handle = await (await this.#reached()).getFileHandle(name);
      return (await handle.getFile()).lastModified;
    } catch {
      return null;
    }
  }

  close(): void {
    for (const name of this.#open.keys()) void this.#close(name);
  }

  async #created(name: string): Promise<FileSystemFileHandle> {
    try {
      return await (await this.#reached()).getFileHandle(name, { create: true });
    } catch (error) {
      if (!isCalled(error, 'NotFoundError')) throw error;
      this.#directory = null; // cleared away under us
      return (await this.#reached()).getFileHandle(name, { create: true });
    }
  }

  async #reached(): Promise<FileSystemDirectoryHandle> {
    this.#directory ??= navigator.storage
      .getDirectory()
      .then((root) => root.getDirectoryHandle(this.#name, { create: true }));
    try {
      return await this.#directory;
    } catch (error) {
      this.#directory = null;
      throw error;
    }
  }

  #opening(name: string): Promise<OpenFile> {
    const opening = this.#openFile(name);
    opening.catch(() => {
      if (this.#open.get(name) === opening) this.#open.delete(name);
    });
    return opening;
  }

  async #openFile(name: string): Promise<OpenFile> {
    const handle = await (await this.#reached()).getFileHandle(name);
    const access = this.#hasReaders ? await this.#reader(handle) : null;
    if (access !== null)
      return { read: (from, to) => readRange(access, from, to), close: () => access.close() };
    const file = await handle.getFile();
    return {
      read: async (from, to) => new Uint8Array(await file.slice(from, to).arrayBuffer()),
      close: () => undefined,
    };
  }

  /** Null: this one cannot be opened so. A browser that gives a handle for writing instead keeps all others out. */
  async #reader(handle: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle | null> {
    this.#hasReaders = 'createSyncAccessHandle' in handle;
    if (!this.#hasReaders) return null;
    try {
      const access = await this.#access(handle, 'read-only');
      if (access.mode === 'read-only') return access;
      this.#hasReaders = false;
      access.close();
    } catch (error) {
      if (!isCalled(error, 'NoModificationAllowedError')) throw error;
    }
    return null;
  }

  /** Chromium never answers where the handle is collected as garbage meanwhile. */
  async #access(handle: FileSystemFileHandle, mode: AccessMode): Promise<FileSystemSyncAccessHandle> {
    this.#asked.add(handle);
    try {
      return await handle.createSyncAccessHandle({ mode });
    } finally {
      this.#asked.delete(handle);
    }
  }

  async #close(name: string): Promise<void> {
    const open = this.#open.get(name);
    this.#open.delete(name);
    await open?.then(
      (file) => file.close(),
      () => undefined, // it never opened
    );
  }
}

function writeAll(access: FileSystemSyncAccessHandle, parts: readonly Bytes[]): void {
  let at = 0;
  for (const part of parts) {
    const written = access.write(part, { at });
    if (written !== part.length)
      throw new DOMException('there is no room for the rest', 'QuotaExceededError');
    at += written;
  }
}

function readRange(access: FileSystemSyncAccessHandle, from: number, to: number): Bytes {
  const bytes = new Uint8Array(to - from);
  return bytes.subarray(0, access.read(bytes, { at: from }));
}
