/**
 * Fetches whole files from servers on the web ([WS25]) as a page may: without cookies, credentials, a referrer or the browser's
 * cache, as fast as they are read. Knows no pieces.
 */
import type { ByteStream, StreamPart, UrlStream } from '../../shared/peer/ports.ts';
import { streamTroubleOf } from '../../shared/peer/range-answer.ts';

/** Until an answer begins, and between two parts of it. */
const SILENT_MS = 30_000;

export const urlStream: UrlStream = {
  async open(url) {
    const giveUp = new AbortController();
    const silence = setTimeout(() => giveUp.abort(), SILENT_MS);
    try {
      const response = await fetch(url, {
        signal: giveUp.signal,
        mode: 'cors',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        cache: 'no-store',
      });
      const why = streamTroubleOf({
        status: response.status,
        header: (name) => response.headers.get(name),
      });
      const reader = response.body?.getReader();
      if (why === null && reader !== undefined) return { kind: 'opened', stream: streamOf(reader, giveUp) };
      giveUp.abort();
      return { kind: 'failed', why: why ?? 'cut-short' };
    } catch {
      // Silence, or the way there: a browser does not say more.
      return { kind: 'failed', why: giveUp.signal.aborted ? 'silent' : 'unreachable' };
    } finally {
      clearTimeout(silence);
    }
  },
};

function streamOf(reader: ReadableStreamDefaultReader<Uint8Array>, giveUp: AbortController): ByteStream {
  return {
    async next(): Promise<StreamPart> {
      const silence = setTimeout(() => giveUp.abort(), SILENT_MS);
      try {
        const part = await reader.read();
        return part.done ? { kind: 'end' } : { kind: 'bytes', bytes: part.value };
      } catch {
        // It broke off, or we gave it up for its silence.
        return { kind: 'failed', why: giveUp.signal.aborted ? 'silent' : 'cut-short' };
      } finally {
        clearTimeout(silence);
      }
    },
    close() {
      giveUp.abort();
    },
  };
}
