/**
 * Fetches ranges of files from servers on the web ([WS3]), and says which state of the file is meant where it is known
 * ([WS12]). How a server is reached, and whether it may be, is the client's business. Knows no pieces.
 */
import type { IncomingMessage } from 'node:http';
import type { RangeTrouble } from '../../shared/engine/io.ts';
import type { RangeListener, RangeOrder, WebRanges } from '../../shared/peer/ports.ts';
import { rangeTroubleOf } from '../../shared/peer/range-answer.ts';
import { retryMsOf } from '../../shared/url/headers.ts';
import type { AddressPolicy } from './address-policy.ts';
import type { Ways } from './proxies.ts';
import { WebClient, headerOf } from './web-client.ts';
import type { RequestFault } from './web-client.ts';

export const TROUBLES: Readonly<Record<RequestFault, RangeTrouble>> = {
  'not-allowed': 'refused',
  'forbidden-address': 'forbidden-address',
  'too-many-redirects': 'too-many-redirects',
  'insecure-redirect': 'refused',
  silent: 'silent',
  unreachable: 'unreachable',
  proxy: 'unreachable',
};

export class NodeRanges implements WebRanges {
  readonly #client: WebClient;

  constructor(mayConnect: AddressPolicy, ways?: Ways, localAddress?: string) {
    this.#client = new WebClient(mayConnect, ways, localAddress);
  }

  fetch(order: RangeOrder, listener: RangeListener): () => void {
    const giveUp = new AbortController();
    const { signal } = giveUp;
    let isOver = false;
    const over = (): boolean => {
      const isFirst = !isOver && !signal.aborted;
      isOver = true;
      return isFirst;
    };
    const told: RangeListener = {
      came: (bytes) => !isOver && !signal.aborted && listener.came(bytes),
      ended: () => over() && listener.ended(),
      failed: (why, retryMs) => over() && listener.failed(why, retryMs),
    };
    // Nothing is told before this returns.
    setImmediate(() => {
      if (signal.aborted) return;
      const headers = headersFor(order);
      this.#client.get(
        { url: new URL(order.url), headers, signal },
        {
          answered: (response) => answered(response, order, told),
          failed: (why) => told.failed(TROUBLES[why], 0),
        },
      );
    });
    return () => giveUp.abort();
  }

  /** Lets go of connections that wait for a next request. */
  close(): void {
    this.#client.close();
  }
}

/** [WS12] Where the file is another one by now, the server is to send the whole, which says so. */
function headersFor({ from, length, validator = null }: RangeOrder): Record<string, string> {
  const range = `bytes=${from}-${from + length - 1}`;
  return validator === null ? { range } : { range, 'if-range': validator };
}

function answered(response: IncomingMessage, order: RangeOrder, told: RangeListener): void {
  const head = { status: response.statusCode ?? 0, header: headerOf(response), seesAll: true };
  const why = rangeTroubleOf(order, head);
  if (why === null) return read(response, order, told);
  response.destroy();
  told.failed(why, retryMsOf(head, Date.now()));
}

function read(response: IncomingMessage, order: RangeOrder, told: RangeListener): void {
  let missing = order.length;
  response.on('data', (chunk: Buffer) => {
    const some = chunk.subarray(0, missing);
    missing -= some.length;
    // Node's buffers are parts of larger ones that it uses again.
    if (some.length > 0) told.came(Uint8Array.from(some));
    if (missing > 0) return;
    told.ended();
    // The connection serves the next request, unless more comes than was asked for.
    if (some.length < chunk.length || !isExactly(response, order.length)) response.destroy();
  });
  response.on('error', () => told.failed('cut-short', 0));
  response.once('close', () => told.failed('cut-short', 0));
}

function isExactly({ headers }: IncomingMessage, bytes: number): boolean {
  return headers['transfer-encoding'] === 'chunked' || Number(headers['content-length']) === bytes;
}
