/**
 * What becomes one share, as a person chose it ([UI3], [HL40]): in which order its paths stand, and what it is called. Pure;
 * names are made safe elsewhere.
 */
import type { Path } from './path-tree.ts';

export function comparePaths(one: Path, other: Path): number {
  const [a, b] = [one.join('/'), other.join('/')];
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Chosen {
  readonly files: readonly { readonly path: Path }[];
  /** Paths of folders in which nothing lies. */
  readonly folders: readonly Path[];
}

/** A file's own name, that of the folder all lie in, or that of the first of several. */
export function sharedName({ files, folders }: Chosen): string {
  const first = files[0]?.path ?? [];
  const loose = files.some(({ path }) => path.length === 1);
  const [folder = ''] = first;
  if (!loose && [...files.map(({ path }) => path), ...folders].every(([root]) => root === folder))
    return folder;
  const others = files.length + folders.length - 1;
  const name = first.at(-1) ?? '';
  return others <= 0 ? name : `${name} and ${others} more`;
}
