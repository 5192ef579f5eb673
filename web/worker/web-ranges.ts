/**
 * Fetches ranges of files from servers on the web ([WS3]) as a page may: without cookies, credentials, a referrer or the
 * browser's cache, and by https alone, as the policy of the page has it ([WS6]). A server that does not let pages read it (CORS) looks like one that is not there. Knows no pieces.
 */
import type { RangeListener, RangeOrder, WebRanges } from '../../shared/peer/ports.ts';
import { rangeTroubleOf } from '../../shared/peer/range-answer.ts';
import { retryMsOf } from '../../shared/url/headers.ts';

/** Until an answer begins. */
const SILENT_MS = 30_000;

export const webRanges: WebRanges = {
  fetch(order, listener) {
    const giveUp = new AbortController();
    void fetched(order, listener, giveUp);
    return () => giveUp.abort();
  },
};

async function fetched(order: RangeOrder, listener: RangeListener, giveUp: AbortController): Promise<void> {
  const { signal } = giveUp;
  if (!order.url.startsWith('https:')) {
    await null; // Nothing is told before the way to give it up is known.
    if (!signal.aborted) listener.failed('forbidden-address', 0);
    return;
  }
  let isSilent = false;
  const silence = setTimeout(() => {
    isSilent = true;
    giveUp.abort();
  }, SILENT_MS);
  try {
    const response = await fetch(order.url, {
      headers: { range: `bytes=${order.from}-${order.from + order.length - 1}` },
      signal,
      mode: 'cors',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
    });
    clearTimeout(silence);
    await read(response, order, listener, signal);
  } catch {
    // Given up by us, or the way there: a browser does not say more.
    if (isSilent || !signal.aborted) listener.failed(isSilent ? 'silent' : 'unreachable', 0);
  } finally {
    clearTimeout(silence);
  }
}

async function read(
  response: Response,
  order: RangeOrder,
  listener: RangeListener,
  signal: AbortSignal,
): Promise<void> {
  const head = {
    status: response.status,
    header: (name: string) => response.headers.get(name),
    seesAll: false,
  };
  const why = rangeTroubleOf(order, head);
  const reader = response.body?.getReader();
  if (why !== null || reader === undefined) {
    await reader?.cancel().catch(() => undefined);
    return listener.failed(why ?? 'cut-short', retryMsOf(head, Date.now()));
  }
  let missing = order.length;
  while (missing > 0) {
    const part = await reader.read().catch(() => null);
    if (signal.aborted) return;
    if (part === null || part.done) return listener.failed('cut-short', 0);
    const some = part.value.subarray(0, missing);
    missing -= some.length;
    if (some.length > 0) listener.came(some);
  }
  listener.ended();
  // More than was asked for is nobody's.
  await reader.cancel().catch(() => undefined);
}
