/**
 * Node's HTTP or HTTPS server with the time that each step of a client may take ([SV4]), and the refusal of what
 * would be a WebSocket. Knows no addresses of ours.
 */
import { createServer as createHttp } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TlsFiles } from './tls-files.ts';
import { upgradeRequests } from './upgrade-request.ts';

/** Milliseconds that a client has for each step: one that sends drop by drop ("slow loris") is cut off. */
export interface Patience {
  /** For a TLS handshake. */
  readonly handshake: number;
  /** From the first byte, or from having connected, to the end of the headers. */
  readonly headers: number;
  readonly request: number;
  /** To take a refusal, or to close a WebSocket that is to be closed. */
  readonly closing: number;
  /** How often headers and requests are looked at. */
  readonly check: number;
}

export const PATIENCE: Patience = {
  handshake: 10_000,
  headers: 10_000,
  request: 20_000,
  closing: 1_500,
  check: 2_000,
};
const KEEP_ALIVE_MS = 65_000;
/** What a client that was refused may send on. */
const MAX_REFUSED_BYTES = 65_536;

/** `tooMany`: whether a connection that sends one more request is to be read no further; `upgrade` hears of it. */
export function httpServer(
  tls: TlsFiles | null,
  patience: Patience,
  tooMany: (socket: Socket) => boolean,
): Server {
  const options = {
    headersTimeout: patience.headers,
    requestTimeout: patience.request,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: patience.check,
    IncomingMessage: upgradeRequests(tooMany),
  };
  return tls
    ? createHttps({ ...options, ...tls, handshakeTimeout: patience.handshake })
    : createHttp(options);
}

/** Says why, and reads on only to notice that the other end closes. Whoever calls it destroys the socket in time. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  let left = MAX_REFUSED_BYTES;
  socket.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) socket.destroy();
  });
  socket.on('end', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
