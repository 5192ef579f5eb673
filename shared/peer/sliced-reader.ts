/** A file read in order, slice by slice, for platforms that cannot read into a buffer that is there already. */
import type { ContentReader, FileContent } from './ports.ts';

export function slicedReader(content: Pick<FileContent, 'read'>): ContentReader {
  let at = 0;
  return {
    next(bytes) {
      at += bytes;
      return content.read(at - bytes, at);
    },
    end: () => undefined,
  };
}
