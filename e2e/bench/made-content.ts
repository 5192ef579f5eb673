/** Content that takes no memory and no disk: its bytes are made when they are read. */
import type { ContentReader, FileBytes, FileContent } from '../../shared/peer/ports.ts';
import { slicedReader } from '../../shared/peer/sliced-reader.ts';

/** Bytes after which it would begin again, but for a count that goes along. */
const PATTERN = new Uint8Array(65_536).map((_, at) => (at * 31 + (at >> 8)) & 255);

export class MadeContent implements FileContent {
  readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  async read(from: number, to: number): Promise<FileBytes> {
    const bytes = new Uint8Array(to - from);
    for (let at = from; at < to;) {
      const [nth, within] = [Math.floor(at / PATTERN.length), at % PATTERN.length];
      const part = PATTERN.subarray(within, within + to - at);
      bytes.set(part, at - from);
      if (within === 0 && part.length >= 4) new DataView(bytes.buffer).setUint32(at - from, nth);
      at += part.length;
    }
    return { kind: 'read', bytes };
  }

  inOrder(): ContentReader {
    return slicedReader(this);
  }
}
