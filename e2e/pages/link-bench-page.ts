/**
 * In the browser: what the making of a link cannot do without. A worker reads the file in its pieces and hashes each,
 * several at a time, and does nothing else.
 */
import { pieceSizeFor } from '../../shared/geometry.ts';

/** More are not faster. */
const AT_A_TIME = 4;

async function hashAll(file: File): Promise<number> {
  const pieceBytes = pieceSizeFor(file.size, null);
  if (pieceBytes === null) throw new Error('the file is too large');
  const begun = performance.now();
  let next = 0;
  const hashSome = async (): Promise<void> => {
    while (next < file.size) {
      const from = next;
      next += pieceBytes;
      await crypto.subtle.digest('SHA-256', await file.slice(from, from + pieceBytes).arrayBuffer());
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, hashSome));
  return performance.now() - begun;
}

globalThis.addEventListener('message', ({ data }: MessageEvent<File>) => {
  hashAll(data).then(
    (ms) => globalThis.postMessage({ ms }),
    (error: unknown) => globalThis.postMessage({ error: String(error) }),
  );
});
