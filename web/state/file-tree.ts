/**
 * The tree of a share's files as it is shown ([UI14]): flattened as far as folders are open, toggled, and walked by keys.
 * Pure; knows no worker and no screen.
 */
import type { FileTree } from '../../shared/words/file-tree.ts';

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
