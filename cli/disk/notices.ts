/**
 * What a person should hear of their disk ([HL39]): each thing once, until it is over. Sentences say what happened and
 * what to do next. Knows no terminal.
 */
import { unreachable } from '../../shared/assert.ts';
import { displayText } from '../../shared/manifest/display.ts';

export type DiskNotice =
  | { kind: 'no-room'; path: string }
  /** `code`: the system's own, as `EACCES`. */
  | { kind: 'not-writable'; path: string; code: string }
  /** A folder of the path is a link, or no folder. */
  | { kind: 'unsafe-path'; path: string }
  | { kind: 'name-taken'; path: string; instead: string }
  /** The file system has no place for such a name. */
  | { kind: 'name-refused'; path: string; instead: string }
  /** What was here of it, or part of that, was moved or deleted by somebody else. */
  | { kind: 'file-gone'; path: string }
  | { kind: 'file-changed'; path: string }
  | { kind: 'state-damaged'; path: string; aside: string }
  | { kind: 'found-here'; path: string; from: string; how: FoundHow }
  /** `path`: what they all lie in. */
  | { kind: 'many-found-here'; path: string; files: number; how: FoundHow };

export type FoundHow = 'in-place' | 'linked' | 'copied';

export type NoticeListener = (notice: DiskNotice) => void;

export class Notices {
  readonly #listener: NoticeListener;
  readonly #told = new Set<string>();

  constructor(listener: NoticeListener = () => undefined) {
    this.#listener = listener;
  }

  tell(notice: DiskNotice): void {
    const key = JSON.stringify(notice);
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#listener(notice);
  }

  /** Something could be written: what stood in the way before would be news again. */
  wroteSomething(): void {
    for (const key of this.#told)
      if (PASSING.some((kind) => key.startsWith(`{"kind":"${kind}"`))) this.#told.delete(key);
  }
}

const PASSING: readonly DiskNotice['kind'][] = ['no-room', 'not-writable'];

export function noticeSentence(notice: DiskNotice): string {
  const path = displayText(notice.path);
  switch (notice.kind) {
    case 'no-room':
      return `There is no room left on the disk for ${path}. What has arrived is kept; it goes on by itself when there is room.`;
    case 'not-writable':
      return `${path} cannot be written (${reasonOf(notice.code)}). What has arrived is kept: set that right, and start again.`;
    case 'unsafe-path':
      return `${path} is a symbolic link or no folder, and nothing is written through it. Move it away, or choose another folder.`;
    case 'name-taken':
      return `${path} is there already and is something else. It stays as it is; this file is called ${displayText(notice.instead)}.`;
    case 'name-refused':
      return `This disk cannot hold the name ${path}; the file is called ${displayText(notice.instead)}.`;
    case 'file-gone':
      return `${path} was moved or deleted. What is missing is fetched again when it is asked for.`;
    case 'file-changed':
      return `${path} is not what it was. It stays as it is; what is wrong in it is fetched again into a file beside it.`;
    case 'state-damaged':
      return `${path} cannot be read and was put aside as ${displayText(notice.aside)}. What it said is found out again as far as that is possible.`;
    case 'found-here':
      return foundSentence(path, displayText(notice.from), notice.how);
    case 'many-found-here':
      return manySentence(`${notice.files.toLocaleString('en')} files in ${path}`, notice.how);
    default:
      return unreachable(notice);
  }
}

function foundSentence(path: string, from: string, how: FoundHow): string {
  if (how === 'in-place') return `${path} was here already, and is right.`;
  return how === 'linked'
    ? `${path} is linked to ${from}, which has it already.`
    : `${path} was copied from ${from}.`;
}

function manySentence(files: string, how: FoundHow): string {
  if (how === 'in-place') return `${files} were here already, and are right.`;
  return how === 'linked'
    ? `${files} are linked to ones that were on this machine already.`
    : `${files} were copied from ones that were on this machine already.`;
}

function reasonOf(code: string): string {
  switch (code) {
    case 'EROFS':
      return 'the disk is read-only';
    case 'EACCES':
    case 'EPERM':
      return 'no permission';
    case 'EFBIG':
      return 'this disk cannot hold a file that large';
    case 'EIO':
      return 'the disk reports a fault';
    case 'ENOENT':
    case 'ENOTDIR':
      return 'its folder is gone';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open';
    default:
      return code === '' ? 'unknown reason' : code;
  }
}
