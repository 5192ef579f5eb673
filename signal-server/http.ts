/**
 * Everything the server says over plain HTTP ([SV1] to [SV3], [SV8], [SV9]): the page, `/config`, `/scrape`,
 * `/health`, `/metrics`, TorrentInno's `/peers` and the share target. Knows no sockets and no swarms.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { swarmId } from '../shared/ids.ts';
import type { SwarmId } from '../shared/ids.ts';
import { MAX_SCRAPED_SWARMS } from '../shared/tracker/limits.ts';
import type { ErrorCode, SwarmCounts } from '../shared/tracker/messages.ts';
import type { IceServer } from './ice.ts';
import { ANSWER_BYTES_PER_REQUEST } from './limits.ts';
import { pageBeside } from './misplaced.ts';
import type { PageFiles } from './page-files.ts';
import { pageSecurity } from './page-security.ts';
import { MAX_PEERS_BODY_BYTES } from './torrentinno-peers.ts';
import type { TorrentInnoPeers } from './torrentinno-peers.ts';
import { scrapePoints } from './work.ts';

export interface HttpParts {
  readonly page: PageFiles;
  readonly peers: TorrentInnoPeers;
  readonly listPeers: boolean;
  readonly https: boolean;
  readonly urlSources: boolean;
  readonly allowedOrigins: ReadonlySet<string> | null;
  iceServers(): readonly IceServer[];
  /** Whether the address has paid for what this costs; settles when it may begin. */
  pay(addressKey: string, points: number): Promise<boolean>;
  scrape(swarms: readonly SwarmId[]): Promise<Record<string, SwarmCounts>>;
  health(): object;
  /** Null: switched off. */
  readonly metrics: { text(): Promise<string>; readonly contentType: string } | null;
}

type Answer = (
  parts: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
  url: Parts,
  addressKey: string,
) => void | Promise<void>;

interface Parts {
  readonly path: string;
  readonly query: string;
}

const ROUTES: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
  '/config': { GET: config },
  '/scrape': { GET: scrape },
  '/health': { GET: health },
  '/metrics': { GET: metrics },
  '/peers': { GET: listPeers, POST: announcePeer },
  '/share-target': { GET: toReceived, POST: toReceived },
};
const NO_STORE = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };
/** 200 of them in the window of one address. */
const GATHERED_COST = 20;
/** Characters of `swarm=`, an id and `&`. */
const SWARM_IN_QUERY = 71;
/** Relative: a proxy may have taken a path away. */
const RECEIVED = './#/received';
const JSON_TYPE = 'application/json; charset=utf-8';

/** How many requests it costs like: what is gathered from everything that the server knows costs more. */
export function requestCost(request: IncomingMessage): number {
  const { path } = splitUrl(request.url ?? '/');
  return path === '/metrics' || (path === '/peers' && request.method !== 'POST') ? GATHERED_COST : 1;
}

/** How many requests more it costs to have answered that. */
export function answerCost(response: ServerResponse): number {
  return Math.floor(Number(response.getHeader('Content-Length') ?? 0) / ANSWER_BYTES_PER_REQUEST);
}

/** `addressKey`: whose request it is. */
export async function answerHttp(
  parts: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
  addressKey: string,
): Promise<void> {
  const url = splitUrl(request.url ?? '/');
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
  const route = Object.hasOwn(ROUTES, url.path) ? ROUTES[url.path] : undefined;
  if (!route) return answerPage(parts, request, response, url, method);
  const answer = Object.hasOwn(route, method) ? route[method] : undefined;
  if (answer) return answer(parts, request, response, url, addressKey);
  refuse(response, 405, 'bad-message', 'This address takes no such request.', { Allow: allowed(route) });
}

export function refuse(
  response: ServerResponse,
  status: number,
  code: ErrorCode,
  message: string,
  headers: Record<string, string> = {},
): void {
  sendJson(response, status, { error: { code, message } }, headers);
}

function allowed(route: Readonly<Record<string, Answer>>): string {
  return ['HEAD', ...Object.keys(route)].join(', ');
}

function splitUrl(target: string): Parts {
  const question = target.indexOf('?');
  return question < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, question), query: target.slice(question + 1) };
}

function answerPage(
  parts: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
  url: Parts,
  method: string,
): void {
  const security = pageSecurity(request.headers, parts);
  if (method !== 'GET') {
    response.writeHead(405, { ...security, Allow: 'GET, HEAD', 'Content-Length': 0 }).end();
    return;
  }
  const { headers } = request;
  const found = parts.page.respond(url.path, headers['accept-encoding'], headers['if-none-match']);
  if (found) {
    if (found.body) response.setHeader('Content-Length', found.body.length);
    response.writeHead(found.status, { ...security, ...found.headers });
    response.end(request.method === 'HEAD' ? undefined : (found.body ?? undefined));
    return;
  }
  const beside = pageBeside(url.path);
  if (beside !== null) {
    response.writeHead(303, { ...security, ...NO_STORE, Location: beside, 'Content-Length': 0 }).end();
    return;
  }
  const missing = url.path === '/' && !parts.page.built;
  const text = missing
    ? 'The page has not been built: run "npm run build", then start again.\n'
    : 'There is nothing here.\n';
  response.writeHead(missing ? 503 : 404, {
    ...security,
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

/** A page from elsewhere may use this tracker where its origin may open a socket. */
function crossOrigin(parts: HttpParts, request: IncomingMessage): Record<string, string> {
  const { origin } = request.headers;
  if (!parts.allowedOrigins) return { 'Access-Control-Allow-Origin': '*' };
  if (origin === undefined || !parts.allowedOrigins.has(origin.toLowerCase())) return { Vary: 'Origin' };
  return { 'Access-Control-Allow-Origin': origin, Vary: 'Origin' };
}

/**
 * [SV16] What another app hands over goes to the service worker; where there is none the page says so. Nothing of the
 * body is looked at: Node throws away what still comes, for as long as a request may take.
 */
function toReceived(_parts: HttpParts, _request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(303, { ...NO_STORE, Location: RECEIVED, 'Content-Length': 0 }).end();
}

function config(parts: HttpParts, request: IncomingMessage, response: ServerResponse): void {
  const { urlSources } = parts;
  const answer = { iceServers: parts.iceServers(), ...(urlSources ? { urlSources } : {}) };
  sendJson(response, 200, answer, crossOrigin(parts, request));
}

async function scrape(
  parts: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
  { query }: Parts,
  addressKey: string,
): Promise<void> {
  // Paid for by its length: reading a hundred ids is work as well.
  if (!(await parts.pay(addressKey, scrapePoints(Math.ceil(query.length / SWARM_IN_QUERY))))) {
    const message = 'Too many searches and scrapes from this address. Try again in a minute.';
    return refuse(response, 429, 'rate-limited', message, crossOrigin(parts, request));
  }
  const asked = new URLSearchParams(query).getAll('swarm');
  const swarms = asked.flatMap((text) => swarmId(text) ?? []);
  if (asked.length === 0 || asked.length > MAX_SCRAPED_SWARMS || swarms.length < asked.length) {
    const message = `Name 1 to ${MAX_SCRAPED_SWARMS} swarms: /scrape?swarm=<64 lowercase hexadecimal digits>&swarm=…`;
    return refuse(response, 400, 'bad-message', message, crossOrigin(parts, request));
  }
  sendJson(response, 200, { swarms: await parts.scrape(swarms) }, crossOrigin(parts, request));
}

function health(parts: HttpParts, _request: IncomingMessage, response: ServerResponse): void {
  sendJson(response, 200, parts.health());
}

async function metrics(parts: HttpParts, _request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!parts.metrics) return refuse(response, 404, 'unavailable', 'This server gives no metrics.');
  send(response, 200, parts.metrics.contentType, await parts.metrics.text());
}

function listPeers(parts: HttpParts, _request: IncomingMessage, response: ServerResponse): void {
  if (!parts.listPeers)
    return refuse(response, 403, 'forbidden', 'The operator does not list peers (LIST_PEERS).');
  send(response, 200, JSON_TYPE, parts.peers.dump());
}

async function announcePeer(
  parts: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
  _url: Parts,
  addressKey: string,
): Promise<void> {
  const body = await readBody(request, MAX_PEERS_BODY_BYTES);
  const answer = body === null ? ({ kind: 'malformed' } as const) : parts.peers.announce(body, addressKey);
  if (answer.kind === 'peers') return send(response, 200, JSON_TYPE, answer.json);
  const status = answer.kind === 'full' ? 429 : 400;
  // The original answers without a body, and what is left of a body that is too long is not read.
  response.writeHead(status, {
    ...NO_STORE,
    'Content-Length': 0,
    ...(body === null ? { Connection: 'close' } : {}),
  });
  response.end();
}

/** Null: longer than that, or cut off. */
function readBody(request: IncomingMessage, most: number): Promise<string | null> {
  return new Promise((resolve) => {
    // One place for all of it: a body that comes byte by byte would else cost an object for each.
    let body: Buffer | null = null;
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      if (length + chunk.length > most) {
        length = Infinity;
        return resolve(null);
      }
      body ??= Buffer.alloc(most);
      length += chunk.copy(body, length);
    });
    request.on('end', () => resolve(body?.toString('utf8', 0, length) ?? ''));
    request.on('close', () => resolve(null));
  });
}

function sendJson(
  response: ServerResponse,
  status: number,
  value: object,
  headers: Record<string, string> = {},
): void {
  send(response, status, JSON_TYPE, JSON.stringify(value), headers);
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Record<string, string> = {},
): void {
  // Set, not only written: who counts what answers cost can ask for it.
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.writeHead(status, { ...NO_STORE, ...headers, 'Content-Type': type });
  response.end(response.req.method === 'HEAD' ? undefined : text);
}
