/** Files one behind the other as one ([SO1]), for platforms that cannot do it themselves: reads across their borders. */
import type { FileBytes, FileContent } from '../ports.ts';
import { slicedReader } from '../sliced-reader.ts';

export function joinContents(files: readonly FileContent[]): FileContent {
  const [only] = files;
  if (files.length === 1 && only !== undefined) return only;
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const read = (from: number, to: number): Promise<FileBytes> => readAcross(files, from, to);
  return { size, read, inOrder: () => slicedReader({ read }) };
}

async function readAcross(files: readonly FileContent[], from: number, to: number): Promise<FileBytes> {
  const parts: Promise<FileBytes>[] = [];
  let start = 0;
  for (const file of files) {
    const [first, last] = [Math.max(from - start, 0), Math.min(to - start, file.size)];
    if (first < last) parts.push(file.read(first, last));
    start += file.size;
  }
  const bytes = new Uint8Array(Math.max(0, to - from));
  let at = 0;
  for (const part of await Promise.all(parts)) {
    if (part.kind === 'unreadable') return part;
    bytes.set(part.bytes, at);
    at += part.bytes.length;
  }
  return at === bytes.length ? { kind: 'read', bytes } : { kind: 'unreadable', why: 'changed' };
}
