/**
 * In the browser: what the making of a link cannot do without. A worker reads the file from its beginning to its end
 * and hashes its pieces, and does nothing else: one window is read while the pieces of the one before it are hashed, and
 * two buffers are used again and again, because new ones take longer than all the rest where memory is dear.
 */
import { pieceSizeFor } from '../../shared/geometry.ts';

const WINDOW_PIECES = 8;

async function hashAll(file: File): Promise<number> {
  const pieceBytes = pieceSizeFor(file.size, null);
  if (pieceBytes === null) throw new Error('the file is too large');
  const begun = performance.now();
  const reader = file.stream().getReader({ mode: 'byob' });
  const spare = [0, 1].map(() => new ArrayBuffer(WINDOW_PIECES * pieceBytes));
  let hashing: Promise<unknown> = Promise.resolve();
  for (let left = file.size; left > 0;) {
    const bytes = Math.min(left, WINDOW_PIECES * pieceBytes);
    let buffer = spare.shift() ?? new ArrayBuffer(WINDOW_PIECES * pieceBytes);
    for (let at = 0; at < bytes;) {
      const { value, done } = await reader.read(new Uint8Array(buffer, at, bytes - at));
      if (done) throw new Error('the file ended before its end');
      buffer = value.buffer;
      at += value.byteLength;
    }
    await hashing;
    const window = buffer;
    hashing = hashPieces(window, bytes, pieceBytes).then(() => spare.push(window));
    left -= bytes;
  }
  await hashing;
  return performance.now() - begun;
}

async function hashPieces(window: ArrayBuffer, bytes: number, pieceBytes: number): Promise<void> {
  const pieces: Promise<ArrayBuffer>[] = [];
  for (let at = 0; at < bytes; at += pieceBytes) {
    const piece = new Uint8Array(window, at, Math.min(pieceBytes, bytes - at));
    pieces.push(crypto.subtle.digest('SHA-256', piece));
  }
  await Promise.all(pieces);
}

globalThis.addEventListener('message', ({ data }: MessageEvent<File>) => {
  hashAll(data).then(
    (ms) => globalThis.postMessage({ ms }),
    (error: unknown) => globalThis.postMessage({ error: String(error) }),
  );
});
