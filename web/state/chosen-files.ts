/**
 * Turns what a person dropped, chose or pasted into files with their paths ([UI3]), or a link ([UI2]). A dropped folder
 * is walked whole. Knows nothing of shares; names are made safe by the worker.
 */
import type { InfoHash } from '../../shared/ids.ts';
import { MAX_FILES } from '../../shared/limits.ts';
import { parseLink } from '../../shared/manifest/link.ts';
import type { ChosenFile } from '../worker/contract.ts';

/** What becomes one share. */
export interface ChosenContent {
  readonly files: readonly ChosenFile[];
  /** Paths of folders in which nothing lies. Only a drop shows them: a folder that is chosen is a list of its files. */
  readonly folders: readonly (readonly string[])[];
}

export type Chosen =
  ({ kind: 'files' } & ChosenContent) | { kind: 'too-many' } | { kind: 'unreadable'; name: string };

/** Of an `<input type=file>`: a folder's files carry their path, single files their name. */
export function fromList(list: Iterable<File>): Chosen {
  const files = [...list].map((file) => ({ file, path: (file.webkitRelativePath || file.name).split('/') }));
  return files.length > MAX_FILES ? { kind: 'too-many' } : { kind: 'files', files, folders: [] };
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

interface Found {
  readonly files: ChosenFile[];
  readonly folders: string[][];
}

async function walk(entry: FileSystemEntry, above: readonly string[], found: Found): Promise<void> {
  const path = [...above, entry.name];
  if (entry.isFile) {
    found.files.push({ file: await fileOf(entry as FileSystemFileEntry), path });
  } else {
    const children = await childrenOf(entry as FileSystemDirectoryEntry);
    for (const child of children) await walk(child, path, found);
    if (children.length === 0) found.folders.push(path);
  }
  if (found.files.length + found.folders.length > MAX_FILES) throw new TooMany();
}

function inOrder(one: readonly string[], other: readonly string[]): number {
  const [a, b] = [one.join('/'), other.join('/')];
  return a < b ? -1 : a > b ? 1 : 0;
}

async function walkAll(entries: readonly FileSystemEntry[]): Promise<Chosen> {
  const { files, folders }: Found = { files: [], folders: [] };
  try {
    for (const entry of entries) await walk(entry, [], { files, folders });
  } catch (error) {
    if (error instanceof TooMany) return { kind: 'too-many' };
    if (error instanceof Unreadable) return { kind: 'unreadable', name: error.message };
    throw error;
  }
  // Folders list their entries in no order of their own.
  files.sort((one, other) => inOrder(one.path, other.path));
  return { kind: 'files', files, folders: folders.sort(inOrder) };
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

/** The share whose link is dropped or pasted ([UI2]): a link that is dragged may come with another text, or without. */
export function linkIn(transfer: Pick<DataTransfer, 'getData'>): InfoHash | null {
  // RFC 2483: addresses line by line; a line that begins with # is a comment.
  const addresses = transfer.getData('text/uri-list').split(/\r?\n/);
  const link = addresses
    .filter((line) => !line.startsWith('#'))
    .map(parseLink)
    .find(({ kind }) => kind === 'link');
  const found = link ?? parseLink(transfer.getData('text/plain'));
  return found.kind === 'link' ? found.infoHash : null;
}

/** What the share is called: a file's own name, that of the folder all lie in, or that of the first of several. */
export function nameOf({ files, folders }: ChosenContent): string {
  const first = files[0]?.path ?? [];
  const loose = files.some(({ path }) => path.length === 1);
  const [folder = ''] = first;
  if (!loose && [...files.map(({ path }) => path), ...folders].every(([root]) => root === folder))
    return folder;
  const others = files.length + folders.length - 1;
  const name = first.at(-1) ?? '';
  return others <= 0 ? name : `${name} and ${others} more`;
}
