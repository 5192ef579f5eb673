/**
 * The files of a share as a tree ([UI14]): built, sorted and summed once. Nodes stand in the order in which they are
 * shown, each before what lies in it, so that a folder is a stretch of the list. Pure; knows no screen.
 */
import { displayName } from '../manifest/display.ts';
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
