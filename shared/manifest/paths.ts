/**
 * Names of files and folders ([MF6]): which ones a manifest may hold, how a person's own are made such, and how
 * somebody else's are shown. The rules keep every name inside the folder it is saved to, on every system; within
 * them a name is kept exactly. Knows no disk and no manifest.
 */
import { MAX_NAME_BYTES, MAX_PATH_DEPTH } from '../limits.ts';
import { encodeUtf8, decodeUtf8, utf8Length } from '../utf8.ts';

export { displayName, displayText } from './display.ts';

/** Why a name is refused. */
export type SegmentFlaw =
  | 'empty'
  | 'ill-formed'
  | 'dots'
  | 'slash'
  | 'control'
  | 'trailing-dot-or-space'
  | 'drive-letter'
  | 'device-name'
  | 'too-long';

export type PathFlaw = SegmentFlaw | 'too-deep';

/** C0, delete and C1. */
const CONTROL = /\p{Cc}/u;
const CONTROLS = /\p{Cc}/gu;
const TRAILING = /[. ]+$/;
const DRIVE = /^[A-Za-z]:/;
/** Windows opens a device whatever follows the first dot or colon, and takes superscript digits for digits. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:[.:]|$)/i;

/** What is wrong with one name of a path; null when it may stand in a manifest. */
export function segmentFlaw(name: string): SegmentFlaw | null {
  if (name === '') return 'empty';
  if (!name.isWellFormed()) return 'ill-formed';
  if (name === '.' || name === '..') return 'dots';
  if (/[/\\]/.test(name)) return 'slash';
  if (CONTROL.test(name)) return 'control';
  if (TRAILING.test(name)) return 'trailing-dot-or-space';
  if (DRIVE.test(name)) return 'drive-letter';
  if (DEVICE.test(name)) return 'device-name';
  return name.length > MAX_NAME_BYTES || utf8Length(name) > MAX_NAME_BYTES ? 'too-long' : null;
}

export function pathFlaw(path: readonly string[]): PathFlaw | null {
  if (path.length === 0) return 'empty';
  if (path.length > MAX_PATH_DEPTH) return 'too-deep';
  for (const name of path) {
    const flaw = segmentFlaw(name);
    if (flaw !== null) return flaw;
  }
  return null;
}

/** The nearest name that the rules accept; a name they accept is returned as it is. */
export function safeSegment(name: string): string {
  if (name.length <= MAX_NAME_BYTES && segmentFlaw(name) === null) return name;
  const plain = name.toWellFormed().replace(/[/\\]/g, '_').replace(CONTROLS, '_');
  const placed = plain.replace(DRIVE, (drive) => `${drive.charAt(0)}_`);
  const short = shortened(withoutTrailing(placed), '');
  // After the cut: `CON`, very many spaces and something more are a device only once they were cut.
  return DEVICE.test(short) ? shortened(`_${short}`, '') : short;
}

/** Every name made safe; of folders that lie too deep the innermost are left out. An empty path is `_`. */
export function safePath(path: readonly string[]): string[] {
  const names =
    path.length > MAX_PATH_DEPTH ? [...path.slice(0, MAX_PATH_DEPTH - 1), path.at(-1) ?? ''] : path;
  return names.length === 0 ? ['_'] : names.map(safeSegment);
}

function withoutTrailing(name: string): string {
  const kept = name.replace(TRAILING, '');
  return kept === '' ? '_' : kept;
}

/** Stem, suffix and extension within the bound: the stem gives way, and only an absurd extension with it. */
function shortened(name: string, suffix: string): string {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 20 ? name.slice(dot) : '';
  const stem = name.slice(0, name.length - extension.length);
  const room = MAX_NAME_BYTES - utf8Length(suffix + extension);
  if (utf8Length(stem) <= room) return stem + suffix + extension;
  // A cut stem may end in a dot or a space, which is harmless before an extension or a suffix.
  const cut = firstBytes(stem, room);
  return suffix + extension === '' ? withoutTrailing(cut) : cut + suffix + extension;
}

/** As many whole characters as fit. */
function firstBytes(text: string, bytes: number): string {
  const cut = encodeUtf8(text.slice(0, bytes)).subarray(0, bytes);
  for (let end = cut.length; end > 0; end--) {
    const whole = decodeUtf8(cut.subarray(0, end));
    if (whole !== null) return whole;
  }
  return '';
}

/** Two names that some file system takes for one have the same key: case and composition are evened out. */
export function nameKey(name: string): string {
  return name.normalize('NFC').toLowerCase().toUpperCase().normalize('NFC');
}

/** A folder is a map of its entries by `nameKey`; a file is null. */
type Tree = Map<string, Tree | null>;

/** The first path that meets another (same file twice, or a file that is also a folder); null when none does. */
export function firstClash(paths: readonly (readonly string[])[]): readonly string[] | null {
  const root: Tree = new Map();
  for (const path of paths) {
    const folder = folderFor(root, path);
    const key = nameKey(path.at(-1) ?? '');
    if (folder === null || folder.has(key)) return path;
    folder.set(key, null);
  }
  return null;
}

/** The folder of a path, made where it is missing; null where one of its folders is a file. */
function folderFor(root: Tree, path: readonly string[]): Tree | null {
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

/** Safe paths that do not meet: the first keeps its name, later ones become `a (2).txt`. Order is kept. */
export function distinctPaths(paths: readonly (readonly string[])[]): string[][] {
  const root: Tree = new Map();
  // Folders first: they keep their names, and a file that has the name of one gives way.
  const folders = paths.map((path) => folderFor(root, path));
  const nextNumbers = new Map<Tree, Map<string, number>>();
  return paths.map((path, nth) => {
    const folder = folders[nth] ?? root;
    const numbers = nextNumbers.get(folder) ?? new Map<string, number>();
    nextNumbers.set(folder, numbers);
    const name = freeName(path.at(-1) ?? '', folder, numbers);
    folder.set(nameKey(name), null);
    return [...path.slice(0, -1), name];
  });
}

/** `numbers` remembers where the search for each name stopped, so that 10,000 equal names take 10,000 steps. */
function freeName(wished: string, folder: Tree, numbers: Map<string, number>): string {
  const key = nameKey(wished);
  let name = wished;
  let number = numbers.get(key) ?? 2;
  while (folder.has(nameKey(name))) name = shortened(wished, ` (${number++})`);
  numbers.set(key, number);
  return name;
}
