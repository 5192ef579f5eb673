/**
 * Opens the port: HTTP or HTTPS, and the WebSocket at `/tracker` (the only import of `ws`). Decisions live in the
 * parts; here is what touches the network ([SV1], [SV4], [SV11]).
 */
import { createServer as createHttp } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import { MAX_TRACKER_FRAME_BYTES } from '../shared/tracker/limits.ts';
import { assemble } from './assembly.ts';
import type { Assembly } from './assembly.ts';
import { addressKey, clientAddress } from './client-address.ts';
import { defaultConfig } from './config.ts';
import type { Config } from './config.ts';
import { Connection, PING_EVERY_MS } from './connection.ts';
import type { ConnectionParts, Wire } from './connection.ts';
import { answerHttp, refuse } from './http.ts';
import type { HttpParts } from './http.ts';
import { iceServersNow } from './ice.ts';
import { coarse, openLog } from './log.ts';
import type { Log } from './log.ts';
import { FlushQueue, FrameWriter } from './outbox.ts';
import { PageFiles } from './page-files.ts';
import type { Clock } from './swarms.ts';

export interface ServerOptions extends Partial<Config> {
  /** The built page; none: the tracker alone. */
  readonly pageFolder?: string;
  readonly log?: Log;
  /** Milliseconds that never go back. */
  readonly clock?: Clock;
  readonly patience?: Patience;
}

/** Milliseconds that a client has to send its request: one that sends drop by drop ("slow loris") is cut off. */
export interface Patience {
  readonly headers: number;
  readonly request: number;
  /** How often that is looked at. */
  readonly check: number;
}

export interface RunningServer {
  readonly port: number;
  /** `http://localhost:8000`, without a slash at the end. */
  readonly url: string;
  /** Tells every client to come back elsewhere, and settles when the port is free. */
  close(): Promise<void>;
}

const TICK_MS = 500;
const TICKS_PER_PING = PING_EVERY_MS / TICK_MS;
/** What a client that was told to go has to close its socket. */
const GRACE_MS = 1_500;
const PATIENCE: Patience = { headers: 10_000, request: 20_000, check: 2_000 };
const KEEP_ALIVE_MS = 65_000;

/** Rejects when the port cannot be opened. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const config: Config = { ...defaultConfig(), ...options };
  const log = options.log ?? openLog(config.logLevel);
  const assembly = await assemble(config, log, options.clock ?? (() => performance.now()));
  const page = new PageFiles(options.pageFolder ?? '');
  const shell = new ServerShell(config, assembly, log, page, options.patience ?? PATIENCE);
  try {
    await shell.listen();
  } catch (failure) {
    await shell.close();
    throw failure;
  }
  return { port: shell.port, url: shell.url, close: () => shell.close() };
}

class ServerShell {
  readonly #config: Config;
  readonly #assembly: Assembly;
  readonly #log: Log;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #connections = new Set<Connection>();
  readonly #flushes = new FlushQueue();
  readonly #connectionParts: ConnectionParts;
  readonly #httpParts: HttpParts;
  #timer: NodeJS.Timeout | null = null;
  #ticks = 0;
  #serial = 0;
  #closing: Promise<void> | null = null;

  constructor(config: Config, assembly: Assembly, log: Log, page: PageFiles, patience: Patience) {
    this.#config = config;
    this.#assembly = assembly;
    this.#log = log;
    this.#connectionParts = { ...assembly, later };
    this.#httpParts = httpParts(config, assembly, page, (request) => addressKey(this.#addressOf(request)));
    const timeouts = {
      headersTimeout: patience.headers,
      requestTimeout: patience.request,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: patience.check,
    };
    this.#http = config.tls ? createHttps({ ...timeouts, ...config.tls }) : createHttp(timeouts);
    this.#http.on('request', (request, response) => void this.#requested(request, response));
    this.#http.on('upgrade', (request, socket, head) => void this.#upgraded(request, socket, head));
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_TRACKER_FRAME_BYTES,
      perMessageDeflate: false,
      clientTracking: false,
    });
    this.#sockets.on('wsClientError', (_failure, socket) => socket.destroy());
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get url(): string {
    const host = this.#config.host ?? 'localhost';
    const shown = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
    return `${this.#config.tls ? 'https' : 'http'}://${shown}:${this.port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(
        { port: this.#config.port, ...(this.#config.host ? { host: this.#config.host } : {}) },
        resolve,
      );
    });
    this.#http.on('error', (failure) => this.#log.error({ failure: String(failure) }, 'the port failed'));
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    const freed = new Promise<void>((resolve) => {
      if (this.#http.listening) this.#http.close(() => resolve());
      else resolve();
    });
    for (const connection of this.#connections) connection.restart();
    this.#http.closeIdleConnections();
    const grace = setTimeout(() => {
      for (const connection of this.#connections) connection.cut();
      this.#http.closeAllConnections();
    }, GRACE_MS);
    await freed;
    clearTimeout(grace);
    await this.#assembly.shared?.close();
  }

  #tick(): void {
    this.#ticks = (this.#ticks + 1) % TICKS_PER_PING;
    this.#assembly.tracker.expire();
    this.#assembly.peers.expire();
    // A part of the sockets at each tick, so that ten thousand pings never leave at once.
    for (const connection of this.#connections) {
      if (connection.serial % TICKS_PER_PING === this.#ticks) connection.pingDue();
    }
  }

  async #requested(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { limits, metrics } = this.#assembly;
    try {
      if (limits && !(await limits.request(addressKey(this.#addressOf(request))))) {
        metrics.rejected('requests');
        refuse(response, 429, 'rate-limited', 'Too many requests from this address. Try again in a minute.');
        return;
      }
      await answerHttp(this.#httpParts, request, response);
    } catch (failure) {
      metrics.failed(failure);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'unavailable', 'The server could not do this now.');
    }
  }

  async #upgraded(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const address = this.#addressOf(request);
    const key = addressKey(address);
    const refusal = await this.#refusalOf(request, key);
    if (refusal) {
      this.#assembly.metrics.rejected(refusal.why);
      this.#log.debug({ why: refusal.why, from: coarse(address) }, 'a socket was refused');
      socket.end(`HTTP/1.1 ${refusal.status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    let opened = false;
    socket.once('close', () => {
      if (!opened) this.#assembly.limits?.disconnect(key);
    });
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      opened = true;
      this.#opened(webSocket, socket, key);
    });
  }

  async #refusalOf(request: IncomingMessage, key: string): Promise<{ status: string; why: string } | null> {
    const { origin } = request.headers;
    const { allowedOrigins } = this.#config;
    if ((request.url ?? '').split('?')[0] !== '/tracker') return { status: '404 Not Found', why: 'path' };
    if (this.#closing) return { status: '503 Service Unavailable', why: 'restarting' };
    if (allowedOrigins && origin !== undefined && !allowedOrigins.has(origin.toLowerCase())) {
      return { status: '403 Forbidden', why: 'origin' };
    }
    const { limits } = this.#assembly;
    if (limits && !(await limits.connect(key))) return { status: '429 Too Many Requests', why: 'sockets' };
    return null;
  }

  #opened(webSocket: WebSocket, socket: Duplex, key: string): void {
    const wire = wireOf(webSocket, socket, this.#flushes);
    const connection = new Connection(++this.#serial, key, wire, this.#connectionParts);
    this.#connections.add(connection);
    this.#assembly.sockets = this.#connections.size;
    webSocket.on('message', (data, isBinary) => connection.received(bytesOf(data), isBinary));
    webSocket.on('pong', () => connection.ponged());
    webSocket.on('ping', () => void connection.pinged());
    // A frame that is too long, bad UTF-8: `ws` closes with 1009 or 1007; without a listener the process would end.
    webSocket.on('error', () => this.#assembly.metrics.rejected('frame'));
    webSocket.once('close', () => {
      this.#connections.delete(connection);
      this.#assembly.sockets = this.#connections.size;
      this.#assembly.limits?.disconnect(key);
      connection.ended();
    });
    if (this.#closing) connection.restart();
  }

  #addressOf(request: IncomingMessage): string {
    const forwarded = request.headers['x-forwarded-for'];
    const text = Array.isArray(forwarded) ? forwarded.join(',') : forwarded;
    return clientAddress(request.socket.remoteAddress ?? '', text, this.#config.trustedProxies);
  }
}

function httpParts(
  config: Config,
  assembly: Assembly,
  page: PageFiles,
  keyOf: (request: IncomingMessage) => string,
): HttpParts {
  return {
    page,
    peers: assembly.peers,
    listPeers: config.listPeers,
    https: config.tls !== null,
    allowedOrigins: config.allowedOrigins,
    iceServers: () => iceServersNow(config.iceServers, config.turn, Date.now()),
    pay: (request, points) => assembly.work.pay(keyOf(request), points),
    scrape: (swarms) => assembly.tracker.scrape(swarms),
    health: () => ({
      status: 'ok',
      ...(assembly.shared ? { redis: assembly.shared.connected ? 'connected' : 'unreachable' } : {}),
    }),
    metrics: config.metrics ? assembly.metrics : null,
  };
}

function wireOf(webSocket: WebSocket, socket: Duplex, flushes: FlushQueue): Wire {
  const isOpen = () => webSocket.readyState === webSocket.OPEN;
  const frames = new FrameWriter(socket, flushes, isOpen);
  return {
    get bufferedAmount() {
      return frames.bufferedBytes;
    },
    send: (text) => frames.send(text),
    flush: () => frames.flush(),
    ping: () => isOpen() && webSocket.ping(),
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    close: (code, reason) => {
      frames.flush();
      webSocket.close(code, reason);
    },
    terminate: () => webSocket.terminate(),
  };
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/** A task that is left over keeps no process alive. */
function later(task: () => void, ms: number): () => void {
  const timer = setTimeout(task, ms).unref();
  return () => clearTimeout(timer);
}
