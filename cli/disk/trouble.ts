/** What the errors of a file system mean to a peer. Knows no files. */
import type { FileTrouble, StoreTrouble } from '../../shared/engine/io.ts';

/** A path leads, or would lead, out of the folder that it belongs to. */
export class UnsafePath extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`${path} is a link or no folder`);
    this.path = path;
  }
}

/** `ENOENT` and the like; empty where it is no error of the system. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** The world's doing, and no fault of ours: everything that a system call answers. */
export function isWorlds(error: unknown): boolean {
  return error instanceof UnsafePath || codeOf(error) !== '';
}

export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT']);

export function storeTroubleOf(error: unknown): StoreTrouble {
  return NO_ROOM.has(codeOf(error)) ? 'quota' : 'unavailable';
}

/** [SO4] A name that leads nowhere has vanished; what is there and cannot be read is not what it was. */
export function fileTroubleOf(error: unknown): FileTrouble {
  return isMissing(error) ? 'vanished' : 'changed';
}

const NO_NAME = new Set(['ENAMETOOLONG', 'EINVAL', 'EILSEQ']);

/** The file system has no place for such a name or path. */
export function isNoName(error: unknown): boolean {
  return NO_NAME.has(codeOf(error));
}

const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/** There are no hard links here, or none from there to here. */
export function isNoLink(error: unknown): boolean {
  return NO_LINKS.has(codeOf(error));
}

/** What the world refuses is null; a fault of ours is thrown on. */
export async function orNull<Answer>(work: Promise<Answer>): Promise<Answer | null> {
  try {
    return await work;
  } catch (error) {
    if (isWorlds(error)) return null;
    throw error;
  }
}
