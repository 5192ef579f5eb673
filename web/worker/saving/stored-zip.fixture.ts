/**
 * For tests: reads a zip whose entries are stored without compression, as ours are, by its directory. Throws where
 * the directory and what stands before each entry do not agree. Knows no Zip64.
 */

export interface StoredEntry {
  /** A folder's ends in a slash. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Local time: a zip has no zone. */
  readonly modified: Date;
}

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const NAME_IS_UTF8 = 0x0800;

/** In the order of the directory. */
export function storedEntries(zip: Uint8Array): StoredEntry[] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = zip.length - END_BYTES;
  if (end < 0 || view.getUint32(end, true) !== END_SIGNATURE) throw new Error('this is no zip archive');
  const entries: StoredEntry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let entry = 0; entry < view.getUint16(end + 10, true); entry++) {
    entries.push(entryAt(zip, view, at));
    at += 46 + [28, 30, 32].reduce((sum, field) => sum + view.getUint16(at + field, true), 0);
  }
  if (at !== end) throw new Error('the directory does not end where the archive does');
  return entries;
}

/** `at`: where the entry stands in the directory. */
function entryAt(zip: Uint8Array, view: DataView, at: number): StoredEntry {
  const path = textAt(zip, at + 46, view.getUint16(at + 28, true));
  const size = view.getUint32(at + 20, true);
  const local = view.getUint32(at + 42, true);
  const nameBytes = view.getUint16(local + 26, true);
  if (view.getUint16(at + 10, true) !== 0) throw new Error(`${path} is compressed`);
  if ((view.getUint16(at + 8, true) & NAME_IS_UTF8) === 0) throw new Error(`${path} is not said to be UTF-8`);
  if (textAt(zip, local + 30, nameBytes) !== path) throw new Error(`${path} has another name in its place`);
  if (view.getUint32(local + 10, true) !== view.getUint32(at + 12, true))
    throw new Error(`${path} has another date in its place`);
  const start = local + 30 + nameBytes + view.getUint16(local + 28, true);
  const date = dateOf(view.getUint16(at + 14, true), view.getUint16(at + 12, true));
  return { path, bytes: zip.slice(start, start + size), modified: date };
}

function textAt(zip: Uint8Array, at: number, length: number): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(zip.slice(at, at + length));
}

function dateOf(date: number, time: number): Date {
  const [year, month, day] = [1_980 + (date >> 9), (date >> 5) & 15, date & 31];
  return new Date(year, month - 1, day, time >> 11, (time >> 5) & 63, (time & 31) * 2);
}
