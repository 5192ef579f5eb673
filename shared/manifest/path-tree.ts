/**
 * The paths of one share beside one another ([MF6]): whether two of them meet, and how any list of them is made safe
 * and distinct. What needs no change keeps its name, wherever in the list it stands; what has to change gives way to
 * it. Knows no disk and no manifest.
 */
import { MAX_FILES } from '../limits.ts';
import { safeSegment, shallowPath, shortened } from './paths.ts';

export type Path = readonly string[];

/** Files, and folders with nothing in them, each in an order of its own. */
export interface PathList<Of extends Path = Path> {
  readonly files: readonly Of[];
  readonly folders: readonly Of[];
}

/** Two names that some file system takes for one have the same key: case and composition are evened out. */
export function nameKey(name: string): string {
  return name.normalize('NFC').toLowerCase().toUpperCase().normalize('NFC');
}

/** A folder is a map of its entries by `nameKey`; a file, or a folder that is empty, is null. */
type Tree = Map<string, Tree | null>;

/** The first path that meets another: the same twice, or one that lies in what is a file or empty. Null: none does. */
export function firstClash(paths: readonly Path[]): Path | null {
  const root: Tree = new Map();
  for (const path of paths) {
    const folder = folderFor(root, path);
    const key = nameKey(path.at(-1) ?? '');
    if (folder === null || folder.has(key)) return path;
    folder.set(key, null);
  }
  return null;
}

/** The folder of a path, made where it is missing; null where one of its folders is a file or empty. */
function folderFor(root: Tree, path: Path): Tree | null {
  let folder = root;
  for (const name of path.slice(0, -1)) {
    const key = nameKey(name);
    let inner = folder.get(key);
    if (inner === null) return null;
    if (inner === undefined) folder.set(key, (inner = new Map()));
    folder = inner;
  }
  return folder;
}

/** A path on its way to the one it gets: `safe` grows by a name with every folder that is settled. */
interface Entry {
  readonly path: Path;
  readonly isFile: boolean;
  /** It lay too deep: its last name gives way to those that always were in that folder. */
  readonly moved: boolean;
  readonly safe: string[];
}

/**
 * Safe paths that do not meet; the files' in their order. `safeName` makes one name safe and leaves a safe one alone.
 * An empty folder that meets another folder is left out: what it stands for is there.
 */
export function distinctPaths(
  { files, folders }: PathList,
  safeName: (name: string) => string = safeSegment,
): PathList<string[]> {
  const ofFiles = files.map((path) => entryOf(path, true));
  const ofFolders = folders.map((path) => entryOf(path, false));
  const empty = new Set<Entry>();
  settle([...ofFiles, ...ofFolders], 0, safeName, empty);
  return {
    files: ofFiles.map(({ safe }) => safe),
    folders: ofFolders.filter((entry) => empty.has(entry)).map(({ safe }) => safe),
  };
}

function entryOf(path: Path, isFile: boolean): Entry {
  const shallow = shallowPath(path);
  return { path: shallow.length === 0 ? [''] : shallow, isFile, moved: shallow !== path, safe: [] };
}

/** Names what lies in one folder, and then what lies in its folders. `empty` gathers the folders that end there. */
function settle(
  entries: readonly Entry[],
  depth: number,
  safeName: (name: string) => string,
  empty: Set<Entry>,
): void {
  const names = new Names();
  const inner = new Map<string, Entry[]>();
  const changing: Entry[] = [];
  const isFile = (entry: Entry): boolean => entry.isFile && isLast(entry, depth);
  const keeps = (entry: Entry): boolean => {
    const name = nameAt(entry, depth);
    return safeName(name) === name && !(entry.moved && isLast(entry, depth));
  };
  // Folders first: a file that has the name of one gives way.
  for (const entry of [...entries.filter((one) => !isFile(one)), ...entries.filter(isFile)]) {
    const name = nameAt(entry, depth);
    if (!keeps(entry)) changing.push(entry);
    else if (!isFile(entry)) enter(inner, entry, name, names);
    else if (names.take(name)) entry.safe.push(name);
    else changing.push(entry);
  }
  const given = new Map<string, string>();
  for (const entry of changing) {
    const own = nameAt(entry, depth);
    if (isFile(entry)) {
      entry.safe.push(names.free(safeName(own)));
      continue;
    }
    const name = given.get(own) ?? names.free(safeName(own));
    given.set(own, name);
    enter(inner, entry, name, names);
  }
  for (const within of inner.values()) {
    const deeper = within.filter((entry) => !isLast(entry, depth));
    const [first] = within;
    if (deeper.length > 0) settle(deeper, depth + 1, safeName, empty);
    else if (first !== undefined) empty.add(first);
  }
}

function nameAt({ path }: Entry, depth: number): string {
  return path[depth] ?? '';
}

function isLast({ path }: Entry, depth: number): boolean {
  return depth === path.length - 1;
}

/** Two folders that some file system takes for one are one; each path keeps its own way to write it. */
function enter(inner: Map<string, Entry[]>, entry: Entry, name: string, names: Names): void {
  names.take(name);
  entry.safe.push(name);
  const key = nameKey(name);
  const within = inner.get(key);
  if (within === undefined) inner.set(key, [entry]);
  else within.push(entry);
}

/** The number that the last of very many files of one name may need. */
const LONGEST_SUFFIX = ` (${MAX_FILES})`;

/** The names that are given in one folder. */
class Names {
  readonly #taken = new Set<string>();
  /** Where the search for a free name stopped: ten thousand equal names take ten thousand steps. */
  readonly #numbers = new Map<string, number>();

  /** False where somebody has it. */
  take(name: string): boolean {
    const key = nameKey(name);
    if (this.#taken.has(key)) return false;
    this.#taken.add(key);
    return true;
  }

  /** The wished name, or `a (2).txt`. Names that are alike once they are cut to their bound are counted together. */
  free(wished: string): string {
    const counted = nameKey(shortened(wished, LONGEST_SUFFIX));
    let number = this.#numbers.get(counted) ?? 2;
    let name = wished;
    while (!this.take(name)) name = shortened(wished, ` (${number++})`);
    this.#numbers.set(counted, number);
    return name;
  }
}
