/**
 * One GET to a server on the web ([WS3] [WS5] [WS13]) by Node's own HTTP: no cookies, no credentials, no referrer, identity
 * encoding. Follows redirects itself, goes through the proxy that the way names, and connects to no address that the policy
 * does not allow: names are resolved here, and what was resolved is what is connected to; through a proxy, which resolves
 * them, only what the text of an address says can be judged. Knows no ranges.
 */
import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import * as http from 'node:http';
import * as https from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { byteCountOf } from '../../shared/url/headers.ts';
import type { HeaderOf } from '../../shared/url/headers.ts';
import { isPublicHost } from '../../shared/url/literal-address.ts';
import type { AddressPolicy } from './address-policy.ts';
import { bareHost, straight } from './proxies.ts';
import type { HttpProxy, Ways } from './proxies.ts';
import { ProxyTrouble, TunnelAgent, authorizationFor } from './tunnel-agent.ts';

const MOST_REDIRECTS = 5;
/** Until an answer begins, and between two parts of it. */
const SILENT_MS = 30_000;
/** To one server: as many as browsers open. */
const MOST_SOCKETS = 6;
/** Through one proxy, to all servers. */
const MOST_PROXY_SOCKETS = 16;
/** Of a redirect's own page, which is read so that its connection serves the next request. */
const MOST_IDLE_BODY_BYTES = 65_536;
const LOOPBACK = '127.0.0.1';

/** Why no answer came. `not-allowed`: an address that is neither http nor https, or has credentials in it. */
export type RequestFault =
  | 'not-allowed'
  | 'forbidden-address'
  | 'too-many-redirects'
  | 'insecure-redirect'
  | 'silent'
  | 'unreachable'
  | 'proxy';

export interface WebRequest {
  readonly url: URL;
  readonly headers: http.OutgoingHttpHeaders;
  /** Gives it up. */
  readonly signal: AbortSignal;
}

export interface AnswerListener {
  /** `from`: whose answer it is, behind all redirects. It has to be read or destroyed. */
  answered(response: http.IncomingMessage, from: URL): void;
  /** May be told more than once, and also of an answer that breaks off. */
  failed(why: RequestFault): void;
}

class ForbiddenAddress extends Error {
  override name = 'ForbiddenAddress';
}

type Agents = Readonly<Record<'http:' | 'https:', http.Agent>>;

export class WebClient {
  readonly #mayConnect: AddressPolicy;
  readonly #ways: Ways;
  readonly #lookup: LookupFunction;
  readonly #agents: Agents;
  readonly #proxyAgents = new Map<HttpProxy, Agents>();

  /** `localAddress`: from which it connects, where this machine has several; left out: as the system chooses. */
  constructor(mayConnect: AddressPolicy, ways: Ways = straight, localAddress?: string) {
    this.#mayConnect = mayConnect;
    this.#ways = ways;
    this.#lookup = allowedLookup(mayConnect);
    const from = localAddress === undefined ? {} : { localAddress };
    const options = { keepAlive: true, maxSockets: MOST_SOCKETS, ...from };
    this.#agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
  }

  get(request: WebRequest, listener: AnswerListener): void {
    this.#follow(request, 0, listener);
  }

  /** Lets go of connections that wait for a next request. */
  close(): void {
    for (const agents of [this.#agents, ...this.#proxyAgents.values()])
      for (const agent of Object.values(agents)) agent.destroy();
  }

  #follow(asked: WebRequest, redirects: number, told: AnswerListener): void {
    const { url, signal } = asked;
    const way = this.#ways(url);
    if (!isPlain(url)) return told.failed('not-allowed');
    if (this.#isForbidden(url, way.kind === 'proxy')) return told.failed('forbidden-address');
    if (way.kind === 'unusable') return told.failed('proxy');
    const proxy = way.kind === 'proxy' ? way.proxy : null;
    const request = this.#request(asked, proxy);
    request.setTimeout(SILENT_MS, () => request.destroy(new Error('silent')));
    let [isAnswered, isLeft] = [false, false];
    // More than once: one that is given up breaks, too.
    request.on('error', (error) => {
      // It has led elsewhere.
      if (isLeft) return;
      // The server had closed the connection that we kept: another one says whether anything is wrong.
      if (!isAnswered && request.reusedSocket && !signal.aborted && isReset(error))
        return this.#follow(asked, redirects, told);
      told.failed(faultOf(error, proxy !== null && url.protocol === 'http:'));
    });
    request.once('response', (response) => {
      isAnswered = true;
      const next = redirectOf(response, url);
      if (next === null) return told.answered(response, url);
      isLeft = true;
      letGo(response);
      if (redirects === MOST_REDIRECTS) return told.failed('too-many-redirects');
      if (url.protocol === 'https:' && next.protocol === 'http:') return told.failed('insecure-redirect');
      this.#follow({ ...asked, url: next }, redirects + 1, told);
    });
    request.end();
  }

  #request({ url, headers: asked, signal }: WebRequest, proxy: HttpProxy | null): http.ClientRequest {
    const headers = { 'accept-encoding': 'identity', accept: '*/*', 'user-agent': 'shoal', ...asked };
    const isSecure = url.protocol === 'https:';
    if (proxy === null) {
      const options = { agent: this.#agents[isSecure ? 'https:' : 'http:'], lookup: this.#lookup };
      return (isSecure ? https : http).request(url, { ...options, signal, headers });
    }
    const agents = this.#agentsOf(proxy);
    if (isSecure) return https.request(url, { agent: agents['https:'], signal, headers });
    return (proxy.protocol === 'https:' ? https : http).request({
      ...{ host: proxy.host, port: proxy.port, agent: agents['http:'], signal },
      path: `${url.origin}${url.pathname}${url.search}`,
      headers: { ...headers, host: url.host, ...authorizationFor(proxy) },
    });
  }

  #agentsOf(proxy: HttpProxy): Agents {
    const known = this.#proxyAgents.get(proxy);
    if (known !== undefined) return known;
    const Plain = proxy.protocol === 'https:' ? https.Agent : http.Agent;
    const made = {
      'http:': new Plain({ keepAlive: true, maxSockets: MOST_PROXY_SOCKETS }),
      'https:': new TunnelAgent(proxy, SILENT_MS, { keepAlive: true, maxSockets: MOST_SOCKETS }),
    };
    this.#proxyAgents.set(proxy, made);
    return made;
  }

  /** Node asks no look-up for what is an address already, nor where a proxy makes the connection. */
  #isForbidden(url: URL, isProxied: boolean): boolean {
    const host = bareHost(url);
    if (isIP(host) !== 0) return !this.#mayConnect(host);
    // A name that is kept for this machine or its network is for those who may ask this machine.
    return isProxied && !isPublicHost(url.hostname) && !this.#mayConnect(LOOPBACK);
  }
}

export function headerOf({ headers }: http.IncomingMessage): HeaderOf {
  return (name) => [headers[name]].flat().at(0) ?? null;
}

function isPlain({ protocol, username, password }: URL): boolean {
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

/** Null: it is none, or leads to nothing that makes sense. */
function redirectOf({ statusCode = 0, headers: { location } }: http.IncomingMessage, from: URL): URL | null {
  if (statusCode < 300 || statusCode >= 400) return null;
  return location !== undefined && URL.canParse(location, from.href) ? new URL(location, from) : null;
}

function letGo(response: http.IncomingMessage): void {
  const length = byteCountOf(headerOf(response)('content-length'));
  if (length !== null && length <= MOST_IDLE_BODY_BYTES) response.resume();
  else response.destroy();
}

function isReset(error: Error): boolean {
  return 'code' in error && error.code === 'ECONNRESET';
}

/** `byProxy`: it is the proxy's connection that broke. */
function faultOf(error: Error, byProxy: boolean): RequestFault {
  if (error instanceof ForbiddenAddress) return 'forbidden-address';
  if (error.message === 'silent') return 'silent';
  return byProxy || error instanceof ProxyTrouble ? 'proxy' : 'unreachable';
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
