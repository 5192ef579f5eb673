/**
 * Names of files and folders ([MF6]): which ones a manifest may hold, and how any other is made such. The rules keep
 * every name inside the folder it is saved to, on every system; within them a name is kept exactly. Knows one path at
 * a time (path-tree.ts knows those of a whole share), no disk and no manifest.
 */
import { MAX_NAME_BYTES, MAX_PATH_DEPTH } from '../limits.ts';
import { encodeUtf8, decodeUtf8, utf8Length } from '../utf8.ts';

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
const TRAILING = /[. ]$/;
const DRIVE = /^[A-Za-z]:/;
/** Windows opens a device whatever follows the first dot or colon, and takes superscript digits for digits. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:[.:]|$)/i;

/** What is wrong with one name of a path; null when it may stand in a manifest. */
export function segmentFlaw(name: string): SegmentFlaw | null {
  if (name === '') return 'empty';
  if (isTooLong(name)) return 'too-long';
  if (!name.isWellFormed()) return 'ill-formed';
  if (name === '.' || name === '..') return 'dots';
  if (/[/\\]/.test(name)) return 'slash';
  if (CONTROL.test(name)) return 'control';
  if (TRAILING.test(name)) return 'trailing-dot-or-space';
  if (DRIVE.test(name)) return 'drive-letter';
  return DEVICE.test(name) ? 'device-name' : null;
}

/** Judged before anything else looks at the name, and its bytes are not counted where it has more characters. */
function isTooLong(name: string): boolean {
  return name.length > MAX_NAME_BYTES || utf8Length(name) > MAX_NAME_BYTES;
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
  if (segmentFlaw(name) === null) return name;
  const plain = name.toWellFormed().replace(/[/\\]/g, '_').replace(CONTROLS, '_');
  const placed = plain.replace(DRIVE, (drive) => `${drive.charAt(0)}_`);
  const short = shortened(withoutTrailing(placed), '');
  // After the cut: `CON`, very many spaces and something more are a device only once they were cut.
  return DEVICE.test(short) ? shortened(`_${short}`, '') : short;
}

/** Of folders that lie too deep the innermost are left out; a path that fits is returned as it is. */
export function shallowPath(path: readonly string[]): readonly string[] {
  return path.length > MAX_PATH_DEPTH ? [...path.slice(0, MAX_PATH_DEPTH - 1), path.at(-1) ?? ''] : path;
}

/** Without a pattern: one that looks for the end of a name from each of its dots takes their square in steps. */
function withoutTrailing(name: string): string {
  let end = name.length;
  while (end > 0 && TRAILING.test(name.charAt(end - 1))) end--;
  return end === 0 ? '_' : name.slice(0, end);
}

/** Stem, suffix and extension within the bound: the stem gives way, and only an absurd extension with it. */
export function shortened(name: string, suffix: string): string {
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
