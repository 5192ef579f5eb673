/** Every bound of the storage over a file system, with its unit. */

/** Files that are open at once, of all shares: a process may have 1,024 on many systems, and its links need some. */
export const MOST_OPEN_FILES = 128;
/** Files that are written, or given their names, at once. */
export const FILES_AT_ONCE = 8;
/** Questions to the file system that are under way at once. */
export const LOOKS_AT_ONCE = 16;
/** Pieces that are read and hashed at once while files are verified. */
export const HASHED_AT_ONCE = 4;

/** ms after the first piece that only the journal knows, until the disk is told to keep everything … */
export const SYNC_EVERY_MS = 5_000;
/** … or so many bytes, whichever comes first. */
export const SYNC_BYTES = 268_435_456;
/** Bytes of whole pieces that are being written while more is asked for: what a process that is killed would lose. */
export const MOST_WAITING_BYTES = 524_288;
/** Pieces that are remembered as written last. */
export const REMEMBERED_LATEST = 64;

/** Names that are tried for one file or folder: `a (2)` to `a (1000)`. */
export const MOST_NAMES = 1_000;
/** Characters of a name that every file system holds. */
export const PLAIN_NAME_LENGTH = 80;

/** Files of a folder that are looked through for content; what lies behind them is not found. */
export const MOST_LOOKED_THROUGH = 50_000;
/** Folders inside one another that are walked. */
export const DEEPEST_FOLDER = 128;
/** Files of the right size of which the first bytes are compared. */
export const MOST_CANDIDATES = 8;
/** ms for which the list of a folder's files is taken for right. */
export const LIST_LIFE_MS = 30_000;
/** ms between two reports of progress, at least. */
export const PROGRESS_EVERY_MS = 100;

/** ms between two signs of life of whoever holds a state folder … */
export const LOCK_PULSE_MS = 10_000;
/** … and how old the last one must be before somebody on another machine counts as gone. */
export const LOCK_LIFE_MS = 45_000;

/** Lines of what went on that are added to the file before it is written anew: an hour or two of a busy peer. */
export const MOST_ACTIVITY_LINES = 2_000;
