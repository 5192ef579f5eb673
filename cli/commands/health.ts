/**
 * Health and figures of a daemon over http ([HL16]), in the text format of Prometheus by prom-client, which is loaded with
 * this file and only where it is asked for. No name and no id of a share is told.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { notDone } from './exit.ts';
import type { Listen } from './quantities.ts';

export interface Figures {
  readonly shares: number;
  /** Resource files whose content is not here or not right. */
  readonly skipped: number;
  readonly links: number;
  readonly peers: number;
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  readonly up: number;
  readonly down: number;
  readonly delivered: number;
  /** The server is reached for every share; null: there is none to tell by. */
  readonly isServerReached: boolean | null;
}

export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

/** ms in which a request has to be there. */
const PATIENCE_MS = 5_000;
const MOST_CONNECTIONS = 32;

export async function openHealth(listen: Listen, figures: () => Promise<Figures>): Promise<HealthServer> {
  const register = registered(figures);
  const server = createServer((request, response) => {
    answer(request, response, register, figures).catch(() => response.destroy());
  });
  server.requestTimeout = PATIENCE_MS;
  server.headersTimeout = PATIENCE_MS;
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(notDone(portSentence(error, listen))));
    server.listen(listen.port, listen.host, resolve);
  });
  return {
    url: `http://${shownHost(listen.host)}:${portOf(server.address(), listen.port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  register: Registry,
  figures: () => Promise<Figures>,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0];
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return send(response, 405, 'text/plain', 'GET only\n');
  if (path === '/healthz') {
    const { shares, skipped, links, isServerReached } = await figures();
    const body = { status: 'ok', shares, skipped, links, server: serverWord(isServerReached) };
    return send(response, 200, 'application/json', `${JSON.stringify(body)}\n`);
  }
  if (path === '/metrics') return send(response, 200, register.contentType, await register.metrics());
  return send(response, 404, 'text/plain', 'There is /healthz and /metrics.\n');
}

function serverWord(isReached: boolean | null): 'reached' | 'away' | 'unknown' {
  if (isReached === null) return 'unknown';
  return isReached ? 'reached' : 'away';
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

const GAUGES: Readonly<Record<string, readonly [help: string, value: (figures: Figures) => number]>> = {
  shoal_seed_shares: ['Shares that are sent to whoever wants them.', ({ shares }) => shares],
  shoal_seed_skipped: ['Resource files whose content is not here or not right.', ({ skipped }) => skipped],
  shoal_seed_links: ['Connections to peers, of all shares.', ({ links }) => links],
  shoal_seed_peers: ['People who are connected.', ({ peers }) => peers],
  shoal_seed_uploaded_bytes: [
    'Bytes of files that were sent, over restarts.',
    ({ uploadedBytes }) => uploadedBytes,
  ],
  shoal_seed_downloaded_bytes: [
    'Bytes of files that came, over restarts.',
    ({ downloadedBytes }) => downloadedBytes,
  ],
  shoal_seed_up_bytes_per_second: ['Bytes sent a second.', ({ up }) => up],
  shoal_seed_down_bytes_per_second: ['Bytes that come a second.', ({ down }) => down],
  shoal_seed_delivered: [
    'Receivers who had all of a share while they were connected.',
    ({ delivered }) => delivered,
  ],
  shoal_seed_server_up: [
    '1 while the Shoal server is reached.',
    ({ isServerReached }) => Number(isServerReached),
  ],
};

function registered(figures: () => Promise<Figures>): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register, prefix: 'shoal_' });
  for (const [name, [help, value]] of Object.entries(GAUGES)) {
    new Gauge({
      ...{ name, help, registers: [register] },
      async collect() {
        this.set(value(await figures()));
      },
    });
  }
  return register;
}

function portSentence(error: Error, { host, port }: Listen): string {
  const code = 'code' in error ? error.code : '';
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken: another program uses it. Choose another one with --health.`;
  if (code === 'EACCES')
    return `Port ${port} may not be opened by this user. Choose one above 1023 with --health.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `--health names an address that this machine does not have: ${host}.`;
  return `--health could not be opened: ${error.message}`;
}

function shownHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function portOf(address: string | AddressInfo | null, otherwise: number): number {
  return typeof address === 'object' && address !== null ? address.port : otherwise;
}
