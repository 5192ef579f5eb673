/**
 * Turns what a person dropped, chose or pasted into files with their paths ([UI3]). A dropped folder is walked
 * whole. Knows nothing of shares; names are made safe by the worker.
 */
import { MAX_FILES } from '../../shared/limits.ts';
import { comparePaths } from '../../shared/manifest/chosen-paths.ts';
import type { ChosenFile, FileHandle } from '../worker/contract.ts';

export { sharedName as nameOf } from '../../shared/manifest/chosen-paths.ts';

/** What becomes one share. */
export interface ChosenContent {
  readonly files: readonly ChosenFile[];
  /** Paths of folders in which nothing lies. Only a drop shows them: a folder that is chosen is a list of its files. */
  readonly folders: readonly (readonly string[])[];
}

export type Chosen =
  ({ kind: 'files' } & ChosenContent) | { kind: 'too-many' } | { kind: 'unreadable'; name: string };

/** Of an `<input type=file>`: a folder's files carry their path, single files their name. `handles`: of each its own. */
export function fromList(list: Iterable<File>, handles: readonly Handle[] = []): Chosen {
  const files = [...list].map((file, nth) => {
    return { file, path: (file.webkitRelativePath || file.name).split('/'), handle: handles[nth] };
  });
  return files.length > MAX_FILES ? { kind: 'too-many' } : { kind: 'files', files, folders: [] };
}

export class Unreadable extends Error {}
export class TooMany extends Error {}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, () => reject(new Unreadable(entry.name))));
}

function batchOf(reader: FileSystemDirectoryReader, name: string): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, () => reject(new Unreadable(name))));
}

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  // A reader hands out at most a hundred entries at a time and an empty batch at the end.
  for (;;) {
    const batch = await batchOf(reader, folder.name);
    if (batch.length === 0) return children;
    children.push(...batch);
    if (children.length > MAX_FILES) throw new TooMany();
  }
}

/** [LB5] Of a browser that gives one. */
type Handle = FileHandle | undefined;

interface Dropped {
  readonly entry: FileSystemEntry;
  readonly handle: Handle;
}

/** What a walk through folders has found so far. */
export interface Found {
  readonly files: ChosenFile[];
  readonly folders: string[][];
}

/** Whoever puts something there calls it: there are at most so many of both together. */
export function checkCount({ files, folders }: Found): void {
  if (files.length + folders.length > MAX_FILES) throw new TooMany();
}

async function walk({ entry, handle }: Dropped, above: readonly string[], found: Found): Promise<void> {
  const path = [...above, entry.name];
  if (entry.isFile) {
    found.files.push({ file: await fileOf(entry as FileSystemFileEntry), path, handle });
  } else {
    const children = await childrenOf(entry as FileSystemDirectoryEntry);
    for (const child of children) await walk({ entry: child, handle }, path, found);
    if (children.length === 0) found.folders.push(path);
  }
  checkCount(found);
}

/** What the walk finds, in the order of names; or why it came to no end. */
export async function gathered(walkAll: (found: Found) => Promise<void>): Promise<Chosen> {
  const { files, folders }: Found = { files: [], folders: [] };
  try {
    await walkAll({ files, folders });
  } catch (error) {
    if (error instanceof TooMany) return { kind: 'too-many' };
    if (error instanceof Unreadable) return { kind: 'unreadable', name: error.message };
    throw error;
  }
  // Folders list their entries in no order of their own.
  files.sort((one, other) => comparePaths(one.path, other.path));
  return { kind: 'files', files, folders: folders.sort(comparePaths) };
}

/** The transfer is only readable while its event is handled, so all of it is taken at once. */
export async function fromTransfer(transfer: Pick<DataTransfer, 'items' | 'files'>): Promise<Chosen> {
  const items = [...transfer.items].filter((item) => item.kind === 'file');
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const asked = items.map((item) => item.getAsFileSystemHandle?.().catch(() => null));
  const loose = [...transfer.files];
  const handles = (await Promise.all(asked)).map((handle) => handle ?? undefined);
  // A pasted picture is a file without an entry: there is nothing to walk then.
  const whole = entries.flatMap((entry, nth) => (entry === null ? [] : [{ entry, handle: handles[nth] }]));
  if (whole.length === items.length && whole.some(({ entry }) => entry.isDirectory)) {
    return gathered(async (found) => {
      for (const dropped of whole) await walk(dropped, [], found);
    });
  }
  return fromList(loose, loose.length === items.length ? handles : []);
}

/** [UI26] The resource file that is dropped or pasted, alone; null: it is something else. */
export function resourceIn({ items, files }: Pick<DataTransfer, 'items' | 'files'>): File | null {
  const [item, ...others] = [...items].filter(({ kind }) => kind === 'file');
  const isFolder = item?.webkitGetAsEntry?.()?.isDirectory === true;
  const [file] = files;
  if (file === undefined || others.length > 0 || isFolder) return null;
  return isResourceName(file.name) ? file : null;
}

/** [MF10] As resource files are called. */
export function isResourceName(name: string): boolean {
  return /\.torrentinno$/i.test(name);
}
