/** Every bound of the store, with its unit. */

/** Pieces that are written together share a segment of at most this; a larger piece has one of its own. */
export const SEGMENT_BYTES = 4 * 1_048_576;
/** A Blob is made of Blobs of at most this: above 256,000 bytes Chromium does not send them along but asks for them. */
export const BLOB_BYTES = 131_072;
/** So many bytes that come soon are waited for before a transaction is begun … */
export const GATHERED_BYTES = 2 * 1_048_576;
/** … and while so many wait for one, nobody is asked for more: a slow disk slows the senders down. */
export const MOST_WAITING_BYTES = 32 * 1_048_576;
/** A segment below this is put together with others when there is nothing else to do … */
export const SMALL_SEGMENT_BYTES = 1_048_576;
/** … as soon as there are this many of them, or enough for one that is not small. */
export const MERGED_SEGMENTS = 16;

/** Segments that are kept open to read from: their handles, not their bytes … */
export const OPEN_SEGMENTS = 256;
/** … but for those whose bytes came along, where the browser stores no Blobs: of them at most this many bytes. */
export const OPEN_BUFFER_BYTES = 16 * 1_048_576;
/** Files of segments that are kept open to read from. */
export const OPEN_FILES = 64;
/** Files that are removed or looked at at once: each goes through the browser's main process. */
export const FILES_AT_ONCE = 64;
/** A file that no segment has is removed when it is older than this: until then somebody may be about to use it. */
export const ORPHAN_PATIENCE_MS = 60_000;
/** Places that are asked for ahead, as pieces are read in order. */
export const PLACES_AHEAD = 64;
/** Segments of which the rest is read at once, as they are read in order, and kept until it was asked for. */
export const READ_WINDOWS = 2;

/** The newest segments, among which the pieces of a share that were written last are looked for. */
export const LATEST_SEGMENTS = 64;
