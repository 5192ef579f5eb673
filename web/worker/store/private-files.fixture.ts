/**
 * For tests: a browser's private file system in memory, as far as the store uses it. It has handles for one writer or
 * several readers, may run full, and asks before each step whether the browser still lives.
 */
import { vi } from 'vitest';

type Bytes = Uint8Array<ArrayBuffer>;

/** What is asked for, by its name in the platform. */
export type FileStep =
  'getDirectoryHandle' | 'getFileHandle' | 'open' | 'write' | 'read' | 'getFile' | 'removeEntry';

interface MemoryFile {
  bytes: Bytes;
  writtenAt: number;
  readers: number;
  hasWriter: boolean;
}

/** Does what it is given, or something else. */
export type Around = <T>(step: FileStep, work: () => T) => T;

export class PrivateFiles {
  /** By their directory, then by name. */
  readonly #directories = new Map<string, Map<string, MemoryFile>>();
  /** That so many bytes more can be written. */
  room = Infinity;
  /** As in Chromium; otherwise every handle keeps all others out. */
  hasReaders = true;
  /** Every step goes through it. */
  around: Around = (_, work) => work();

  /** From now on the browser of this test has it. */
  static installed(): PrivateFiles {
    const files = new PrivateFiles();
    vi.stubGlobal('navigator', { storage: { getDirectory: async () => files.#root() } });
    return files;
  }

  /** By name, in the only directory there is. */
  get sizes(): Map<string, number> {
    return new Map([...this.directory()].map(([name, { bytes }]) => [name, bytes.length]));
  }

  get directories(): string[] {
    return [...this.#directories.keys()];
  }

  directory(name = 'shoal'): Map<string, MemoryFile> {
    return this.#directories.get(name) ?? new Map();
  }

  /** How many handles are open. */
  get open(): number {
    const all = [...this.#directories.values()].flatMap((files) => [...files.values()]);
    return all.reduce((sum, { readers, hasWriter }) => sum + readers + (hasWriter ? 1 : 0), 0);
  }

  add(name: string, bytes: Bytes, writtenAt = 0): void {
    const files = this.#directories.get('shoal') ?? new Map<string, MemoryFile>();
    this.#directories.set('shoal', files.set(name, { bytes, writtenAt, readers: 0, hasWriter: false }));
  }

  /** The person's clearing of site data. */
  clear(): void {
    this.#directories.clear();
  }

  /**
   * The browser is started again after a while: nobody has a file open, and none is young. No browser does it within the
   * same millisecond.
   */
  restart(): void {
    const began = Date.now();
    while (Date.now() === began) continue;
    for (const files of this.#directories.values())
      for (const [name, { bytes }] of files)
        files.set(name, { bytes, writtenAt: 0, readers: 0, hasWriter: false });
  }

  #root(): unknown {
    const getDirectoryHandle = async (name: string): Promise<unknown> =>
      this.around('getDirectoryHandle', () => {
        if (name.includes('/')) throw new TypeError('Name is not allowed.');
        if (!this.#directories.has(name)) this.#directories.set(name, new Map());
        return this.#directoryHandle(name);
      });
    return { getDirectoryHandle };
  }

  #directoryHandle(name: string): unknown {
    const files = (): Map<string, MemoryFile> => found(this.#directories.get(name));
    return {
      getFileHandle: async (file: string, options?: { create?: boolean }): Promise<unknown> =>
        this.around('getFileHandle', () => {
          const isNew = options?.create === true && !files().has(file);
          if (isNew)
            files().set(file, {
              bytes: new Uint8Array(),
              writtenAt: Date.now(),
              readers: 0,
              hasWriter: false,
            });
          found(files().get(file));
          return this.#fileHandle(() => found(files().get(file)));
        }),
      removeEntry: async (file: string): Promise<void> =>
        this.around('removeEntry', () => {
          const { readers, hasWriter } = found(files().get(file));
          if (readers > 0 || hasWriter) throw locked();
          files().delete(file);
        }),
      async *keys(): AsyncGenerator<string> {
        yield* files().keys();
      },
    };
  }

  #fileHandle(file: () => MemoryFile): unknown {
    return {
      getFile: async (): Promise<Blob> =>
        this.around('getFile', () =>
          Object.assign(new Blob([file().bytes]), { lastModified: file().writtenAt }),
        ),
      createSyncAccessHandle: async (options?: { mode?: string }): Promise<unknown> =>
        this.around('open', () =>
          this.#accessHandle(file(), this.hasReaders && options?.mode === 'read-only'),
        ),
    };
  }

  #accessHandle(file: MemoryFile, isReader: boolean): unknown {
    if (file.hasWriter || (!isReader && file.readers > 0)) throw locked();
    if (isReader) file.readers += 1;
    else file.hasWriter = true;
    let isOpen = true;
    const use = <T>(step: FileStep, work: () => T): T => {
      if (!isOpen) throw new DOMException('the handle is closed', 'InvalidStateError');
      return this.around(step, work);
    };
    return {
      ...(this.hasReaders ? { mode: isReader ? 'read-only' : 'readwrite' } : {}),
      read: (into: Bytes, { at }: { at: number }): number =>
        use('read', () => {
          const range = file.bytes.subarray(at, at + into.length);
          into.set(range);
          return range.length;
        }),
      write: (bytes: Bytes, { at }: { at: number }): number =>
        use('write', () => {
          if (bytes.length > this.room) throw new DOMException('the disk is full', 'QuotaExceededError');
          this.room -= bytes.length;
          const longer = new Uint8Array(Math.max(file.bytes.length, at + bytes.length));
          longer.set(file.bytes);
          longer.set(bytes, at);
          file.bytes = longer;
          return bytes.length;
        }),
      close: (): void => {
        if (!isOpen) return;
        isOpen = false;
        if (isReader) file.readers -= 1;
        else file.hasWriter = false;
      },
    };
  }
}

function found<T>(entry: T | undefined): T {
  if (entry === undefined) throw new DOMException('no such entry', 'NotFoundError');
  return entry;
}

function locked(): DOMException {
  return new DOMException('it is open', 'NoModificationAllowedError');
}
