/** Web servers and a proxy of a test's own, on free ports of this machine. */
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import type { Duplex } from 'node:stream';

export type Handler = (request: http.IncomingMessage, response: http.ServerResponse, origin: string) => void;

/** `target`: as the proxy was asked for it. */
export interface Proxied {
  readonly target: string;
  readonly authorization: string | undefined;
}

export interface LocalProxy {
  readonly url: string;
  readonly asked: readonly Proxied[];
}

const FOLDER = new URL('../../../signal-server/testing/', import.meta.url);
/** For `localhost`, and signed by nobody else. */
export const CERTIFICATE = readFileSync(new URL('localhost-cert.pem', FOLDER), 'utf8');

export class LocalServers {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Duplex>();

  async serve(handler: Handler): Promise<string> {
    const server = http.createServer((request, response) => handler(request, response, origin));
    const origin = `http://127.0.0.1:${await this.#listen(server)}`;
    return origin;
  }

  async serveTls(handler: Handler): Promise<string> {
    const keys = { cert: CERTIFICATE, key: readFileSync(new URL('localhost-key.pem', FOLDER)) };
    const server = https.createServer(keys, (request, response) => handler(request, response, origin));
    const origin = `https://localhost:${await this.#listen(server)}`;
    return origin;
  }

  /** Leads everybody to one server, whatever name was asked for; `refusal`: to nobody, with this status. */
  async proxy(to: string, refusal: number | null = null): Promise<LocalProxy> {
    const asked: Proxied[] = [];
    const note = ({ url = '', headers }: http.IncomingMessage): void =>
      void asked.push({ target: url, authorization: headers['proxy-authorization'] });
    const server = http.createServer((request, response) => {
      note(request);
      if (refusal !== null) return void response.writeHead(refusal).end();
      const { pathname, search } = new URL(request.url ?? '');
      const passedOn = http.request(`${to}${pathname}${search}`, { headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passedOn.on('error', () => response.destroy());
      response.once('close', () => passedOn.destroy());
      passedOn.end();
    });
    server.on('connect', (request, socket) => {
      note(request);
      if (refusal !== null) return void socket.end(`HTTP/1.1 ${refusal} No\r\n\r\n`);
      const { hostname, port } = new URL(to);
      const through = connect(Number(port), hostname, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        through.pipe(socket).pipe(through);
      });
      for (const end of [socket, through]) {
        this.#sockets.add(end);
        end.on('error', () => undefined);
      }
    });
    return { url: `http://127.0.0.1:${await this.#listen(server)}`, asked };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers.splice(0)) await new Promise((closed) => server.close(closed));
    this.#sockets.clear();
  }

  async #listen(server: Server): Promise<number> {
    this.#servers.push(server);
    server.on('connection', (socket) => this.#sockets.add(socket));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return (server.address() as AddressInfo).port;
  }
}
