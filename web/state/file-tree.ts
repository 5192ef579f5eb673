/**
 * The files of a share as a tree ([UI14]): built and sorted once, flattened as far as folders are open, summed, toggled,
 * and walked by keys. Nodes stand in the order in which they are shown, each before what lies in it, so that a folder is
 * a stretch of the list. Pure; knows no worker and no screen.
 */
import { displayName } from '../../shared/manifest/display.ts';
import { labelsOf } from './labels.ts';

type Path = readonly string[];

export interface TreeNode {
  readonly kind: 'file' | 'folder';
  /** As it is shown. */
  readonly name: string;
  /** No other of the tree has it: the name, or the path where others have the same name. */
  readonly label: string;
  /** From 1. */
  readonly level: number;
  /** Its folder's place in the list; -1: it lies in none. */
  readonly parent: number;
  /** The place behind everything that lies in it. */
  readonly end: number;
  /** Its index in the share's list; -1: a folder. */
  readonly file: number;
  /** Of all files in it. */
  readonly size: number;
  /** How many files it has in it, or is. */
  readonly files: number;
  /** Among those of its folder, from 1, and how many these are. */
  readonly position: number;
  readonly siblings: number;
}

export type FileTree = readonly TreeNode[];

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: { readonly name: string; readonly file: number; readonly size: number }[];
}

const NATURAL = new Intl.Collator('en', { numeric: true });

/** `2.jpg` before `10.jpg`; of what is equal by that what has the lesser code unit. */
function byName(one: string, other: string): number {
  return NATURAL.compare(one, other) || (one < other ? -1 : Number(one > other));
}

export function fileTree(
  files: readonly { readonly path: Path; readonly size: number }[],
  folders: readonly Path[],
): FileTree {
  const root = newFolder();
  for (const [file, { path, size }] of files.entries()) {
    folderFor(root, path.slice(0, -1)).files.push({ name: path.at(-1) ?? '', file, size });
  }
  for (const path of folders) folderFor(root, path);
  const nodes: Draft[] = [];
  list(nodes, root, { level: 1, parent: -1, path: '' });
  return labelled(nodes);
}

function newFolder(): Folder {
  return { folders: new Map(), files: [] };
}

function folderFor(root: Folder, path: Path): Folder {
  let folder = root;
  for (const name of path) {
    let inner = folder.folders.get(name);
    if (inner === undefined) folder.folders.set(name, (inner = newFolder()));
    folder = inner;
  }
  return folder;
}

/** A node on its way into the tree, with its path as it is shown. */
type Draft = { -readonly [Key in Exclude<keyof TreeNode, 'label'>]: TreeNode[Key] } & { path: string };

/** Folders first. Answers bytes and files of all of them. */
function list(
  nodes: Draft[],
  { folders, files }: Folder,
  above: { readonly level: number; readonly parent: number; readonly path: string },
): { size: number; files: number } {
  const { level, parent } = above;
  const siblings = folders.size + files.length;
  const sum = { size: 0, files: 0 };
  let position = 0;
  const add = (name: string, of: Pick<Draft, 'kind' | 'file' | 'size' | 'files'>): Draft => {
    const shown = displayName(name);
    const [path, end] = [above.path + shown, nodes.length + 1];
    const node = { ...of, name: shown, path, level, parent, end, position: ++position, siblings };
    nodes.push(node);
    return node;
  };
  for (const [name, inner] of [...folders].sort(([one], [other]) => byName(one, other))) {
    const node = add(name, { kind: 'folder', file: -1, size: 0, files: 0 });
    const within = { level: level + 1, parent: nodes.length - 1, path: `${node.path}/` };
    Object.assign(node, list(nodes, inner, within));
    node.end = nodes.length;
    sum.size += node.size;
    sum.files += node.files;
  }
  for (const { name, file, size } of files.sort((one, other) => byName(one.name, other.name))) {
    add(name, { kind: 'file', file, size, files: 1 });
    sum.size += size;
    sum.files += 1;
  }
  return sum;
}

function labelled(drafts: readonly Draft[]): FileTree {
  const counts = new Map<string, number>();
  for (const { name } of drafts) counts.set(name, (counts.get(name) ?? 0) + 1);
  const wished = drafts.map(({ name, path }) => ((counts.get(name) ?? 0) > 1 ? path : name));
  // Two paths may look alike where what cannot be seen is left out.
  const labels = labelsOf(wished);
  return drafts.map(({ path, ...node }, at) => ({ ...node, label: labels[at] ?? path }));
}

// What is open

/** Above so many rows folders are closed at first. */
const FEW_ROWS = 200;

export const ALL_CLOSED: ReadonlySet<number> = new Set();

/** The places of the folders that are open at first: all of a few, of many the one that all lies in. */
export function openAtFirst(tree: FileTree): ReadonlySet<number> {
  const open = new Set<number>();
  const [first] = tree;
  for (const [at, { kind }] of tree.entries()) {
    const isOpen = tree.length <= FEW_ROWS || (at === 0 && first?.siblings === 1);
    if (kind === 'folder' && isOpen) open.add(at);
  }
  return open;
}

/** The places of what is shown, in order. */
export function shownRows(tree: FileTree, open: ReadonlySet<number>): number[] {
  const rows: number[] = [];
  for (let at = 0; at < tree.length;) {
    rows.push(at);
    const node = tree[at];
    at = node === undefined || node.kind === 'file' || open.has(at) ? at + 1 : node.end;
  }
  return rows;
}

/** With a folder opened or closed. */
export function withOpen(open: ReadonlySet<number>, at: number, isOpen: boolean): ReadonlySet<number> {
  const changed = new Set(open);
  if (isOpen) changed.add(at);
  else changed.delete(at);
  return changed;
}

// What is wanted

/** One byte a file, in the share's order: 1 wanted, 0 not. */
export type Wanted = Uint8Array<ArrayBuffer>;

/** How many files of each node are wanted. */
export function wantedFiles(tree: FileTree, wanted: Wanted): Uint32Array {
  const counts = new Uint32Array(tree.length);
  // What lies in a folder stands behind it: backwards each is whole before it is added to its own.
  for (let at = tree.length - 1; at >= 0; at--) {
    const node = tree[at];
    if (node === undefined) continue;
    if (node.kind === 'file') counts[at] = wanted[node.file] ?? 0;
    if (node.parent >= 0) counts[node.parent] = (counts[node.parent] ?? 0) + (counts[at] ?? 0);
  }
  return counts;
}

/** All that lies in it is wanted now; or none of it, where all of it was. */
export function toggled(tree: FileTree, at: number, wanted: Wanted): Wanted {
  const node = tree[at];
  const changed = wanted.slice();
  if (node === undefined) return changed;
  const within = tree.slice(at, node.end).filter(({ kind }) => kind === 'file');
  const value = within.every(({ file }) => wanted[file] === 1) ? 0 : 1;
  for (const { file } of within) changed[file] = value;
  return changed;
}

/** By their indexes in the share's list; null: all. */
export function asChoice(wanted: Wanted): number[] | null {
  const files = [...wanted.keys()].filter((file) => wanted[file] === 1);
  return files.length === wanted.length ? null : files;
}

// Keys

export interface TreePlace {
  readonly open: ReadonlySet<number>;
  /** The node that the keys are at. */
  readonly at: number;
}

/** Where a key leads ([UI14], the tree pattern of ARIA); null: it is none of the tree's. */
export function moved(tree: FileTree, { open, at }: TreePlace, key: string): TreePlace | null {
  const rows = shownRows(tree, open);
  const row = rows.indexOf(at);
  const to = (next: number | undefined): TreePlace => ({ open, at: next ?? at });
  const node = tree[at];
  const isFolder = node?.kind === 'folder';
  switch (key) {
    case 'ArrowDown':
      return to(rows[row + 1]);
    case 'ArrowUp':
      return to(rows[Math.max(0, row - 1)]);
    case 'Home':
      return to(rows[0]);
    case 'End':
      return to(rows.at(-1));
    case 'ArrowRight':
      if (!isFolder) return to(at);
      if (!open.has(at)) return { open: withOpen(open, at, true), at };
      return to(node.end > at + 1 ? at + 1 : at);
    case 'ArrowLeft':
      if (isFolder && open.has(at)) return { open: withOpen(open, at, false), at };
      return to(node !== undefined && node.parent >= 0 ? node.parent : at);
    default:
      return isLetter(key) ? to(nextWith(tree, rows, row, key)) : null;
  }
}

function isLetter(key: string): boolean {
  return key !== ' ' && [...key].length === 1;
}

/** The next shown name that begins with it, from the beginning again behind the end. */
function nextWith(tree: FileTree, rows: readonly number[], row: number, key: string): number | undefined {
  const begin = key.toLowerCase();
  return [...rows.slice(row + 1), ...rows.slice(0, row + 1)].find((at) =>
    tree[at]?.name.toLowerCase().startsWith(begin),
  );
}
