/**
 * What is saved of a share, written into a folder that the person chose ([SA13]): a new folder of the share's name, with
 * the tree as the zip has it, each file part by part. Nothing that is there is written over, and what is not whole is not
 * left behind. Knows no worker: it is given what to write and who reads it.
 */
import { nameKey } from '../../shared/manifest/path-tree.ts';
import { shortened } from '../../shared/manifest/paths.ts';
import type { Renamed, ZipEntry } from '../worker/contract.ts';
import { missingWhy, notWrittenWhy } from './file-sentences.ts';

type Directory = FileSystemDirectoryHandle;

export interface FolderSource {
  readonly entries: readonly ZipEntry[];
  /** Some bytes of a file from an offset on; null: they are not here any more. */
  readonly read: (file: number, from: number) => Promise<Uint8Array<ArrayBuffer> | null>;
}

export type FolderEnd =
  { kind: 'saved'; renamed: readonly Renamed[] } | { kind: 'failed'; why: string } | { kind: 'cancelled' };

/** How many files are written at the same time: each takes several answers of the browser. */
const AT_ONCE = 4;
/** Names that are tried for one file or folder. */
const MOST_NAMES = 1_000;

interface Written {
  readonly path: readonly string[];
  readonly entry: ZipEntry;
}

/** What a new folder is to be called, and what lies in it under which path. */
export interface Layout {
  readonly top: string;
  readonly written: readonly Written[];
}

/** Where everything lies in one folder, that one is the new one; else it has the share's name. */
export function layoutOf(shareName: string, entries: readonly ZipEntry[]): Layout {
  const all = entries.map((entry) => ({ path: entry.name.split('/').filter((name) => name !== ''), entry }));
  const top = all[0]?.path[0] ?? shareName;
  const isInOne = all.every(({ path }) => path.length > 1 && path[0] === top);
  if (!isInOne) return { top: shareName, written: all };
  return { top, written: all.map(({ path, entry }) => ({ path: path.slice(1), entry })) };
}

/** A folder that was not there before: `NAME (2)` where there is something of that name. */
export async function newFolder(parent: Directory, name: string): Promise<Directory> {
  const made = await free(name, {
    isTaken: () => false,
    look: (tried) => parent.getDirectoryHandle(tried),
    make: (tried) => parent.getDirectoryHandle(tried, { create: true }),
  });
  return made.handle;
}

export class FolderSave {
  readonly #root: Directory;
  readonly #source: FolderSource;
  readonly #layout: Layout;
  readonly #told: (files: number, bytes: number) => void;
  readonly #signal: AbortSignal;
  readonly #folders = new Map<string, Promise<Directory>>();
  readonly #planned: ReadonlySet<string>;
  readonly #renamed = new Map<string, Renamed>();
  readonly #missing: string[] = [];
  #failure: string | null = null;

  /** `told`: hears of what more is written. */
  constructor(
    root: Directory,
    layout: Layout,
    source: FolderSource,
    told: (files: number, bytes: number) => void,
    signal: AbortSignal,
  ) {
    this.#root = root;
    this.#layout = layout;
    this.#source = source;
    this.#told = told;
    this.#signal = signal;
    this.#planned = new Set(
      layout.written.flatMap(({ path }) => path.map((_, depth) => keyOf(path.slice(0, depth + 1)))),
    );
  }

  async run(): Promise<FolderEnd> {
    const queue = this.#layout.written.values();
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.#work(queue)));
    if (this.#failure !== null) return { kind: 'failed', why: this.#failure };
    if (this.#signal.aborted) return { kind: 'cancelled' };
    if (this.#missing.length > 0) return { kind: 'failed', why: missingWhy(this.#missing, this.#root.name) };
    return { kind: 'saved', renamed: [...this.#renamed.values()] };
  }

  async #work(queue: Iterator<Written>): Promise<void> {
    while (this.#failure === null && !this.#signal.aborted) {
      const next = queue.next();
      if (next.done === true) return;
      const { path, entry } = next.value;
      try {
        if (entry.kind === 'folder') await this.#folderFor(path);
        else await this.#write(path, entry);
      } catch (error) {
        if (error instanceof MissingBytes) this.#missing.push(entry.name);
        else if (!this.#signal.aborted) this.#failure ??= notWrittenWhy(entry.name, error, this.#root.name);
      }
    }
  }

  async #write(path: readonly string[], { file, size }: ZipEntry & { kind: 'file' }): Promise<void> {
    const folder = await this.#folderFor(path.slice(0, -1));
    const { handle, name } = await this.#made(path, {
      look: (tried) => folder.getFileHandle(tried),
      make: (tried) => folder.getFileHandle(tried, { create: true }),
    });
    try {
      await this.#fill(handle, file, size);
    } catch (error) {
      // What is not whole must not look as if it were. It may be gone already, with its folder.
      await folder.removeEntry(name).catch(() => undefined);
      throw error;
    }
    this.#note(path, name);
    this.#told(1, 0);
  }

  /** The browser writes beside the file until it is closed. */
  async #fill(handle: FileSystemFileHandle, file: number, size: number): Promise<void> {
    const writable = await handle.createWritable();
    try {
      let coming = size === 0 ? null : this.#read(file, 0);
      for (let at = 0; coming !== null;) {
        const bytes = await coming;
        this.#signal.throwIfAborted();
        if (bytes === null || bytes.length === 0) throw new MissingBytes();
        at += bytes.length;
        coming = at < size ? this.#read(file, at) : null;
        await writable.write(bytes);
        this.#told(0, bytes.length);
      }
      await writable.close();
    } catch (error) {
      // One that has failed by itself cannot be stopped any more.
      await writable.abort().catch(() => undefined);
      throw error;
    }
  }

  /** Its failure is told when its turn comes, if it comes. */
  #read(file: number, from: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const reading = this.#source.read(file, from);
    reading.catch(() => undefined);
    return reading;
  }

  #folderFor(path: readonly string[]): Promise<Directory> {
    const key = keyOf(path);
    const known = this.#folders.get(key);
    if (known !== undefined) return known;
    const made = path.length === 0 ? Promise.resolve(this.#root) : this.#makeFolder(path);
    this.#folders.set(key, made);
    return made;
  }

  async #makeFolder(path: readonly string[]): Promise<Directory> {
    const above = await this.#folderFor(path.slice(0, -1));
    const { handle, name } = await this.#made(path, {
      look: (tried) => above.getDirectoryHandle(tried),
      make: (tried) => above.getDirectoryHandle(tried, { create: true }),
    });
    this.#note(path, name);
    return handle;
  }

  /** Makes what has that path, or nearly. */
  async #made<T>(
    path: readonly string[],
    making: Omit<Making<T>, 'isTaken'>,
  ): Promise<{ handle: T; name: string }> {
    const above = path.slice(0, -1);
    const isTaken = (name: string): boolean => this.#planned.has(keyOf([...above, name]));
    return free(path.at(-1) ?? '', { ...making, isTaken });
  }

  #note(path: readonly string[], name: string): void {
    if (path.at(-1) !== name)
      this.#renamed.set(path.join('/'), { from: path, to: [...path.slice(0, -1), name] });
  }
}

class MissingBytes extends Error {
  override name = 'MissingBytes';
}

function keyOf(path: readonly string[]): string {
  return path.map(nameKey).join('/');
}

interface Making<T> {
  /** It is another's, here or in what is still to be written. */
  readonly isTaken: (name: string) => boolean;
  readonly look: (name: string) => Promise<unknown>;
  readonly make: (name: string) => Promise<T>;
}

/**
 * Makes what has the first name that is free: `a (2).txt`. A browser refuses names by which a system would run something
 * (`a.lnk`): with a mark behind them it takes them.
 */
async function free<T>(
  wished: string,
  { isTaken, look, make }: Making<T>,
): Promise<{ readonly handle: T; readonly name: string }> {
  let base = wished;
  for (let number = 1; number <= MOST_NAMES; number++) {
    const name = number === 1 ? base : shortened(base, ` (${number})`);
    if (name !== wished && isTaken(name)) continue;
    try {
      if (!(await isThere(look(name)))) return { handle: await make(name), name };
    } catch (error) {
      if (!(error instanceof TypeError) || base !== wished) throw error;
      [base, number] = [shortened(`${wished}_`, ''), 0];
    }
  }
  throw new Error('there are too many of that name');
}

async function isThere(looking: Promise<unknown>): Promise<boolean> {
  try {
    await looking;
    return true;
  } catch (error) {
    const kind = error instanceof DOMException ? error.name : '';
    if (kind === 'NotFoundError') return false;
    if (kind === 'TypeMismatchError') return true;
    throw error;
  }
}
