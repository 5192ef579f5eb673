/**
 * Turns what a person dropped, chose or pasted into files with their paths ([UI3]). A dropped folder is walked
 * whole. Knows nothing of shares; names are made safe by the worker.
 */
import { MAX_FILES } from '../../shared/limits.ts';
import type { ChosenFile } from '../worker/contract.ts';

export type Chosen =
  | { kind: 'files'; files: readonly ChosenFile[] }
  | { kind: 'too-many' }
  | { kind: 'unreadable'; name: string };

/** Of an `<input type=file>`: a folder's files carry their path, single files their name. */
export function fromList(list: Iterable<File>): Chosen {
  const files = [...list].map((file) => ({ file, path: (file.webkitRelativePath || file.name).split('/') }));
  return files.length > MAX_FILES ? { kind: 'too-many' } : { kind: 'files', files };
}

class Unreadable extends Error {}
class TooMany extends Error {}

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

async function walk(entry: FileSystemEntry, above: readonly string[], found: ChosenFile[]): Promise<void> {
  const path = [...above, entry.name];
  if (entry.isFile) {
    found.push({ file: await fileOf(entry as FileSystemFileEntry), path });
    if (found.length > MAX_FILES) throw new TooMany();
    return;
  }
  for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) await walk(child, path, found);
}

function byPath(one: ChosenFile, other: ChosenFile): number {
  const [a, b] = [one.path.join('/'), other.path.join('/')];
  return a < b ? -1 : a > b ? 1 : 0;
}

async function walkAll(entries: readonly FileSystemEntry[]): Promise<Chosen> {
  const files: ChosenFile[] = [];
  try {
    for (const entry of entries) await walk(entry, [], files);
  } catch (error) {
    if (error instanceof TooMany) return { kind: 'too-many' };
    if (error instanceof Unreadable) return { kind: 'unreadable', name: error.message };
    throw error;
  }
  // Folders list their entries in no order of their own.
  return { kind: 'files', files: files.sort(byPath) };
}

/** Of a drop or a paste. The transfer is only readable while its event is handled, so entries are taken at once. */
export function fromTransfer(transfer: Pick<DataTransfer, 'items' | 'files'>): Promise<Chosen> {
  const items = [...transfer.items].filter((item) => item.kind === 'file');
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  // A pasted picture is a file without an entry: there is nothing to walk then.
  const whole = entries.filter((entry) => entry !== null);
  if (whole.length > 0 && whole.length === items.length && whole.some((entry) => entry.isDirectory)) {
    return walkAll(whole);
  }
  return Promise.resolve(fromList(transfer.files));
}

/**
 * What the share is called: empty lets the worker take the file's own or the common folder's name; loose files
 * are named after the first.
 */
export function defaultName(files: readonly ChosenFile[]): string {
  const first = files[0];
  if (first === undefined || files.length === 1) return '';
  const folder = first.path[0] ?? '';
  if (files.every((file) => file.path.length > 1 && file.path[0] === folder)) return '';
  return `${first.path.at(-1) ?? ''} and ${files.length - 1} more`;
}
