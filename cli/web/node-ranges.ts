/**
 * Fetches ranges of files from servers on the web ([WS3] [WS5]) by Node's own HTTP: identity encoding, no cookies, no
 * credentials, no referrer. Follows redirects itself, and connects to no address that the policy does not allow: names are
 * resolved here, and what was resolved is what is connected to. Knows no pieces.
 */
import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import * as http from 'node:http';
import * as https from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import type { RangeTrouble } from '../../shared/engine/io.ts';
import type { RangeListener, RangeOrder, WebRanges } from '../../shared/peer/ports.ts';
import type { AddressPolicy } from './address-policy.ts';
import { rangeTroubleOf, retryMsOf } from '../../shared/peer/range-answer.ts';

const MOST_REDIRECTS = 5;
/** Until an answer begins, and between two parts of it. */
const SILENT_MS = 30_000;
const MOST_SOCKETS = 4;

class ForbiddenAddress extends Error {
  override name = 'ForbiddenAddress';
}

export class NodeRanges implements WebRanges {
  readonly #lookup: LookupFunction;
  readonly #mayConnect: AddressPolicy;
  readonly #agents: { readonly 'http:': http.Agent; readonly 'https:': https.Agent };

  constructor(mayConnect: AddressPolicy) {
    this.#mayConnect = mayConnect;
    this.#lookup = allowedLookup(mayConnect);
    const options = { keepAlive: true, maxSockets: MOST_SOCKETS };
    this.#agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
  }

  fetch(order: RangeOrder, listener: RangeListener): () => void {
    const giveUp = new AbortController();
    let isOver = false;
    const over = (): boolean => {
      const isFirst = !isOver && !giveUp.signal.aborted;
      isOver = true;
      return isFirst;
    };
    const told: RangeListener = {
      came: (bytes) => !isOver && !giveUp.signal.aborted && listener.came(bytes),
      ended: () => over() && listener.ended(),
      failed: (why, retryMs) => over() && listener.failed(why, retryMs),
    };
    // Nothing is told before this returns.
    setImmediate(() => {
      if (!giveUp.signal.aborted) this.#request(order, new URL(order.url), 0, giveUp.signal, told);
    });
    return () => giveUp.abort();
  }

  /** Lets go of connections that wait for a next request. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  #request(order: RangeOrder, url: URL, redirects: number, signal: AbortSignal, told: RangeListener): void {
    const { protocol } = url;
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    if (protocol !== 'http:' && protocol !== 'https:') return told.failed('refused', 0);
    if (url.username !== '' || url.password !== '') return told.failed('refused', 0);
    // Node asks no look-up for what is an address already.
    if (isIP(host) !== 0 && !this.#mayConnect(host)) return told.failed('forbidden-address', 0);
    const request = (protocol === 'https:' ? https : http).request(url, {
      agent: this.#agents[protocol],
      lookup: this.#lookup,
      signal,
      headers: {
        range: `bytes=${order.from}-${order.from + order.length - 1}`,
        'accept-encoding': 'identity',
        accept: '*/*',
        'user-agent': 'shoal',
      },
    });
    request.setTimeout(SILENT_MS, () => request.destroy(new Error('silent')));
    // More than once: one that is given up breaks, too.
    request.on('error', (error) => {
      // The server had closed the connection that we kept: another one says whether anything is wrong.
      if (request.reusedSocket && !signal.aborted && isReset(error))
        return this.#request(order, url, redirects, signal, told);
      told.failed(troubleOf(error), 0);
    });
    request.once('response', (response) => {
      const { statusCode = 0, headers } = response;
      const next = statusCode >= 300 && statusCode < 400 ? redirectOf(headers.location, url) : null;
      if (next !== null) {
        response.resume();
        if (redirects === MOST_REDIRECTS) return told.failed('too-many-redirects', 0);
        return this.#request(order, next, redirects + 1, signal, told);
      }
      const head = { status: statusCode, header: headerOf(response), seesAll: true };
      const why = rangeTroubleOf(order, head);
      if (why === null) return this.#read(response, order, told);
      response.destroy();
      told.failed(why, retryMsOf(head, Date.now()));
    });
    request.end();
  }

  #read(response: http.IncomingMessage, order: RangeOrder, told: RangeListener): void {
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
}

function headerOf({ headers }: http.IncomingMessage): (name: string) => string | null {
  return (name) => [headers[name]].flat().at(0) ?? null;
}

function isExactly({ headers }: http.IncomingMessage, bytes: number): boolean {
  return headers['transfer-encoding'] === 'chunked' || Number(headers['content-length']) === bytes;
}

/** Null: there is none that makes sense, or one that would give up encryption on the way. */
function redirectOf(location: string | undefined, from: URL): URL | null {
  if (location === undefined || !URL.canParse(location, from.href)) return null;
  const next = new URL(location, from);
  return from.protocol === 'https:' && next.protocol !== 'https:' ? null : next;
}

function isReset(error: Error): boolean {
  return 'code' in error && error.code === 'ECONNRESET';
}

function troubleOf(error: Error): RangeTrouble {
  if (error instanceof ForbiddenAddress) return 'forbidden-address';
  return error.message === 'silent' ? 'silent' : 'unreachable';
}

/** Of what a name stands for only what may be connected to. */
function allowedLookup(mayConnect: AddressPolicy): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => mayConnect(address));
      const [first] = allowed;
      if (first === undefined)
        return callback(new ForbiddenAddress(`${host} is not a public address`), '', 0);
      if (options.all === true) return callback(null, allowed as LookupAddress[]);
      callback(null, first.address, first.family);
    });
  };
}
