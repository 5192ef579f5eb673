/**
 * Opens the port: HTTP or HTTPS, and the WebSocket at `/tracker`. Decisions live in the parts; here is what touches
 * the network ([SV1], [SV4], [SV11]).
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { assemble } from './assembly.ts';
import type { Assembly } from './assembly.ts';
import { addressKey, clientAddress, isTrusted, plainAddress } from './client-address.ts';
import { defaultConfig } from './config.ts';
import type { Config } from './config.ts';
import { Connection, PING_EVERY_MS } from './connection.ts';
import type { ConnectionParts } from './connection.ts';
import { HeldBytes } from './held-bytes.ts';
import { HttpLinks } from './http-links.ts';
import { PATIENCE, httpServer, refuseUpgrade } from './http-server.ts';
import type { Patience } from './http-server.ts';
import { answerCost, answerHttp, refuse, requestCost } from './http.ts';
import type { HttpParts } from './http.ts';
import { iceServersNow } from './ice.ts';
import {
  HELD_BYTES_PER_ADDRESS,
  NEW_CONNECTIONS_PER_ADDRESS,
  SOCKETS_PER_ADDRESS,
  SPARE_CONNECTIONS,
} from './limits.ts';
import { coarse, openLog } from './log.ts';
import type { Log } from './log.ts';
import { OpenSockets } from './open-sockets.ts';
import { PageFiles } from './page-files.ts';
import type { Clock } from './swarms.ts';
import { WebSockets } from './web-sockets.ts';
import type { Wire } from './wire.ts';

export interface ServerOptions extends Partial<Config> {
  /** The built page; none: the tracker alone. */
  readonly pageFolder?: string;
  readonly log?: Log;
  /** Milliseconds that never go back. */
  readonly clock?: Clock;
  readonly patience?: Partial<Patience>;
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

/** Rejects when the port cannot be opened. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const config: Config = { ...defaultConfig(), ...options };
  const log = options.log ?? openLog(config.logLevel);
  const clock = options.clock ?? (() => performance.now());
  const assembly = await assemble(config, log, clock);
  const page = new PageFiles(options.pageFolder ?? '', config.publicUrl);
  const shell = new ServerShell(config, assembly, log, page, clock, { ...PATIENCE, ...options.patience });
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
  readonly #webSockets: WebSockets;
  readonly #open: OpenSockets;
  readonly #links: HttpLinks;
  readonly #patience: Patience;
  readonly #connections = new Set<Connection>();
  readonly #connectionParts: ConnectionParts;
  readonly #httpParts: HttpParts;
  #timer: NodeJS.Timeout | null = null;
  #ticks = 0;
  #serial = 0;
  #closing: Promise<void> | null = null;

  constructor(
    config: Config,
    assembly: Assembly,
    log: Log,
    page: PageFiles,
    clock: Clock,
    patience: Patience,
  ) {
    this.#config = config;
    this.#assembly = assembly;
    this.#log = log;
    this.#patience = patience;
    const rejected = (why: string) => assembly.metrics.rejected(why);
    const { rateLimit: factor } = config;
    const held =
      factor === null ? null : new HeldBytes(HELD_BYTES_PER_ADDRESS * Math.max(1, factor), rejected);
    this.#connectionParts = { ...assembly, held, later };
    this.#links = new HttpLinks(held, rejected);
    this.#open = new OpenSockets({
      mostPerAddress: factor === null ? Infinity : SOCKETS_PER_ADDRESS * factor + SPARE_CONNECTIONS,
      mostNewPerAddress:
        factor === null ? Infinity : NEW_CONNECTIONS_PER_ADDRESS * factor + SPARE_CONNECTIONS,
      keyOf: (remote) => (this.#isProxy(remote) ? null : addressKey(plainAddress(remote))),
      clock,
      rejected,
    });
    this.#httpParts = httpParts(config, assembly, page);
    this.#http = httpServer(config.tls, patience, (socket) => this.#links.isFull(socket));
    this.#http.on('connection', (socket) => this.#open.accept(socket));
    this.#http.on(config.tls ? 'secureConnection' : 'connection', (stream: Socket) =>
      this.#open.watch(stream),
    );
    // Node would answer a strange `Expect` by itself, uncounted.
    for (const event of ['request', 'checkExpectation'] as const)
      this.#http.on(event, (request, response) => void this.#requested(request, response));
    this.#http.on('upgrade', (request, socket, head) => void this.#upgraded(request, socket, head));
    this.#webSockets = new WebSockets(patience.closing);
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
      this.#open.destroyAll();
    }, GRACE_MS);
    await freed;
    clearTimeout(grace);
    await this.#assembly.shared?.close();
  }

  #tick(): void {
    this.#ticks = (this.#ticks + 1) % TICKS_PER_PING;
    this.#assembly.tracker.expire();
    this.#assembly.peers.expire();
    this.#open.tick();
    // A part of the sockets at each tick, so that ten thousand pings never leave at once.
    for (const connection of this.#connections) {
      if (connection.serial % TICKS_PER_PING === this.#ticks) connection.pingDue();
    }
  }

  async #requested(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { limits, metrics } = this.#assembly;
    const key = addressKey(this.#addressOf(request));
    this.#links.begin(request, response, key);
    try {
      if (limits && !(await limits.request(key, requestCost(request)))) {
        metrics.rejected('requests');
        // Whoever goes on all the same has to connect anew for each: reading and refusing costs, too.
        const sentence = 'Too many requests from this address. Try again in a minute.';
        return refuse(response, 429, 'rate-limited', sentence, { Connection: 'close' });
      }
      await answerHttp(this.#httpParts, request, response, key);
      // The answer was given for one request's price; what it costs beyond that is missing for the next ones.
      const more = answerCost(response);
      if (limits && more > 0) await limits.request(key, more);
    } catch (failure) {
      metrics.failed(failure);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'unavailable', 'The server could not do this now.');
    } finally {
      this.#links.answered(request);
    }
  }

  async #upgraded(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (this.#links.isFull(request.socket)) return this.#links.cut(request.socket);
    socket.on('error', () => socket.destroy());
    // Whatever becomes of it: until it is a WebSocket, it is a socket that nobody else looks after.
    const cancel = later(() => socket.destroy(), this.#patience.closing);
    const address = this.#addressOf(request);
    const key = addressKey(address);
    const refusal = await this.#refusalOf(request, key);
    if (refusal) {
      this.#assembly.metrics.rejected(refusal.why);
      this.#log.debug({ why: refusal.why, from: coarse(address) }, 'a socket was refused');
      refuseUpgrade(socket, refusal.status);
      return;
    }
    if (socket.destroyed) return this.#assembly.limits?.disconnect(key);
    let opened = false;
    socket.once('close', () => {
      if (!opened) this.#assembly.limits?.disconnect(key);
    });
    this.#webSockets.accept(request, socket, head, {
      opened: (wire) => {
        opened = true;
        cancel();
        return this.#opened(wire, key);
      },
      ended: (connection) => this.#ended(connection),
      failed: () => this.#assembly.metrics.rejected('frame'),
    });
  }

  async #refusalOf(request: IncomingMessage, key: string): Promise<{ status: string; why: string } | null> {
    const { origin } = request.headers;
    const { allowedOrigins } = this.#config;
    const { limits } = this.#assembly;
    // Refused or not, it costs like any other request.
    if (limits && !(await limits.request(key))) return { status: '429 Too Many Requests', why: 'requests' };
    if ((request.url ?? '').split('?')[0] !== '/tracker') return { status: '404 Not Found', why: 'path' };
    if (this.#closing) return { status: '503 Service Unavailable', why: 'restarting' };
    if (allowedOrigins && origin !== undefined && !allowedOrigins.has(origin.toLowerCase())) {
      return { status: '403 Forbidden', why: 'origin' };
    }
    if (limits && !(await limits.connect(key))) return { status: '429 Too Many Requests', why: 'sockets' };
    return null;
  }

  #opened(wire: Wire, key: string): Connection {
    const connection = new Connection(++this.#serial, key, wire, this.#connectionParts);
    this.#connections.add(connection);
    this.#assembly.sockets = this.#connections.size;
    if (this.#closing) connection.restart();
    return connection;
  }

  #ended(connection: Connection): void {
    this.#connections.delete(connection);
    this.#assembly.sockets = this.#connections.size;
    this.#assembly.limits?.disconnect(connection.addressKey);
    connection.ended();
  }

  #isProxy(remote: string): boolean {
    return isTrusted(plainAddress(remote), this.#config.trustedProxies);
  }

  #addressOf(request: IncomingMessage): string {
    const forwarded = request.headers['x-forwarded-for'];
    const text = Array.isArray(forwarded) ? forwarded.join(',') : forwarded;
    return clientAddress(request.socket.remoteAddress ?? '', text, this.#config.trustedProxies);
  }
}

function httpParts(config: Config, assembly: Assembly, page: PageFiles): HttpParts {
  return {
    page,
    peers: assembly.peers,
    listPeers: config.listPeers,
    urlSources: config.urlSources,
    https: config.tls !== null,
    allowedOrigins: config.allowedOrigins,
    iceServers: () => iceServersNow(config.iceServers, config.turn, Date.now()),
    pay: (addressKey, points) => assembly.work.pay(addressKey, points),
    scrape: (swarms) => assembly.tracker.scrape(swarms),
    health: () => ({
      status: 'ok',
      ...(assembly.shared ? { redis: assembly.shared.connected ? 'connected' : 'unreachable' } : {}),
    }),
    metrics: config.metrics ? assembly.metrics : null,
  };
}

/** A task that is left over keeps no process alive. */
function later(task: () => void, ms: number): () => void {
  const timer = setTimeout(task, ms).unref();
  return () => clearTimeout(timer);
}
