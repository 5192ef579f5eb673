/**
 * Fetches whole files from servers on the web, as fast as they are read ([WS25]). How a server is reached, and whether it may
 * be, is the client's business. Knows no pieces.
 */
import type { IncomingMessage } from 'node:http';
import type { ByteStream, StreamPart, UrlStream } from '../../shared/peer/ports.ts';
import { streamTroubleOf } from '../../shared/peer/range-answer.ts';
import type { AddressPolicy } from './address-policy.ts';
import { TROUBLES } from './node-ranges.ts';
import type { Ways } from './proxies.ts';
import { WebClient, headerOf } from './web-client.ts';

type Opening = Awaited<ReturnType<UrlStream['open']>>;

export class NodeStream implements UrlStream {
  readonly #client: WebClient;

  constructor(mayConnect: AddressPolicy, ways?: Ways, localAddress?: string) {
    this.#client = new WebClient(mayConnect, ways, localAddress);
  }

  open(url: string): Promise<Opening> {
    return new Promise((resolve) => {
      const giveUp = new AbortController();
      this.#client.get(
        { url: new URL(url), headers: {}, signal: giveUp.signal },
        {
          answered: (response) => resolve(opened(response, giveUp)),
          // Of an answer that breaks off its reader is told.
          failed: (why) => resolve({ kind: 'failed', why: TROUBLES[why] }),
        },
      );
    });
  }

  /** Lets go of connections that wait for a next request. */
  close(): void {
    this.#client.close();
  }
}

function opened(response: IncomingMessage, giveUp: AbortController): Opening {
  const why = streamTroubleOf({ status: response.statusCode ?? 0, header: headerOf(response) });
  if (why === null) return { kind: 'opened', stream: streamOf(response, giveUp) };
  response.destroy();
  return { kind: 'failed', why };
}

function streamOf(response: IncomingMessage, giveUp: AbortController): ByteStream {
  const parts: AsyncIterator<Buffer> = response[Symbol.asyncIterator]();
  return {
    async next(): Promise<StreamPart> {
      try {
        const part = await parts.next();
        if (part.done !== true) return { kind: 'bytes', bytes: part.value };
        return response.complete ? { kind: 'end' } : { kind: 'failed', why: 'cut-short' };
      } catch {
        // Node says no more than that the way there broke.
        return { kind: 'failed', why: 'cut-short' };
      }
    },
    close() {
      giveUp.abort();
    },
  };
}
