/** An output whose reader has gone, as `head` goes when it has enough ([HL6]): nothing more is written, and nothing is said. */
import type { Writable } from 'node:stream';

export function endsOnBrokenPipe(outputs: readonly Writable[], gone: () => void): void {
  for (const output of outputs) {
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
      gone();
    });
  }
}
