/** An output whose reader has gone, as `head` goes when it has enough ([HL6]): nothing more is written, and nothing is said. */
import type { Writable } from 'node:stream';

/** Of a pipe, of an output that is closed, and of a terminal whose window was. */
const GONE: ReadonlySet<string> = new Set(['EPIPE', 'ERR_STREAM_DESTROYED', 'EIO']);

export function endsOnBrokenPipe(outputs: readonly Writable[], gone: () => void): void {
  for (const output of outputs) {
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (!GONE.has(error.code ?? '')) throw error;
      gone();
    });
  }
}
