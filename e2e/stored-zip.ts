/** Reads zip archives whose entries are stored without compression, as ours are. Throws on any other. */
import { createHash } from 'node:crypto';

export interface ZipEntry {
  readonly path: string;
  readonly sha256: string;
}

const END = Buffer.from('PK\x05\x06', 'latin1');

/** The entries in the order of the archive's directory. */
export function entriesOf(zip: Buffer): ZipEntry[] {
  const end = zip.lastIndexOf(END);
  if (end < 0) throw new Error('this is no zip archive: it has no end of a directory');
  const entries: ZipEntry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let entry = 0; entry < zip.readUInt16LE(end + 10); entry++) {
    const nameBytes = zip.readUInt16LE(at + 28);
    const path = zip.toString('utf8', at + 46, at + 46 + nameBytes);
    if (zip.readUInt16LE(at + 10) !== 0) throw new Error(`${path} is compressed`);
    entries.push({ path, sha256: createHash('sha256').update(contentAt(zip, at)).digest('hex') });
    at += 46 + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

/** `at`: where the entry stands in the directory. */
function contentAt(zip: Buffer, at: number): Buffer {
  const size = zip.readUInt32LE(at + 20);
  const local = zip.readUInt32LE(at + 42);
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  return zip.subarray(start, start + size);
}
