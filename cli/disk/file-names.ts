/**
 * [HL31] What the files of a share are called on this disk: the names of [MF9], in one folder as [SA13] has it, made such
 * as this system can hold. Pure. Knows no disk: what is there already is asked elsewhere.
 */
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { distinctPaths } from '../../shared/manifest/path-tree.ts';
import { shortened } from '../../shared/manifest/paths.ts';
import { savedName } from '../../shared/manifest/saved-paths.ts';
import { PLAIN_NAME_LENGTH } from './limits.ts';
import type { Below } from './target-folder.ts';

export interface SavedNames {
  /** The folder that everything lies in, or the one file. */
  readonly top: string;
  /** Below `top`; of one plain file the empty path. In the manifest's order. */
  readonly files: readonly Below[];
  /** Folders in which nothing lies, below `top`. */
  readonly folders: readonly Below[];
}

type Named = Pick<Manifest, 'name' | 'files' | 'folders'>;

export function savedNames({ name, files, folders }: Named, platform: string = process.platform): SavedNames {
  const safe = (one: string): string => systemName(savedName(one), platform);
  const saved = distinctPaths({ files: files.map(({ path }) => path), folders }, safe);
  const all = [...saved.files, ...saved.folders];
  const first = all[0]?.[0] ?? '';
  const isOne = all.length === 1 && saved.files[0]?.length === 1;
  if (isOne) return { top: first, files: [[]], folders: [] };
  const isInOne = all.every((path) => path.length > 1 && path[0] === first);
  if (!isInOne) return { top: safe(name), ...saved };
  const below = (path: Below): Below => path.slice(1);
  return { top: first, files: saved.files.map(below), folders: saved.folders.map(below) };
}

/** Windows takes `a:b` for a hidden part of `a`, and refuses the others. */
function systemName(name: string, platform: string): string {
  return platform === 'win32' ? name.replace(/[<>:"|?*]/g, '_') : name;
}

/** `a (2).txt` */
export function numberedName(name: string, number: number): string {
  return shortened(name, ` (${number})`);
}

/** What a file is called until it is whole. */
export function partName(name: string): string {
  return shortened(`${name}.part`, '');
}

/** For file systems that cannot hold a name: one that all of them can, and that no other file of the share has. */
export function plainName(name: string, number: number): string {
  const plain = name.replace(/[^A-Za-z0-9 ._()-]/g, '_');
  const dot = plain.lastIndexOf('.');
  const extension = dot > 0 && plain.length - dot <= 12 ? plain.slice(dot) : '';
  const stem = plain.slice(0, plain.length - extension.length).slice(0, PLAIN_NAME_LENGTH);
  return `${stem.trimStart()} [${number}]${extension}`;
}
