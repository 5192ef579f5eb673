/**
 * A web server for measurements: has one file under every path, gives each address that asks no more than so many bytes a
 * second, and counts what went to whom. It speaks https and lets pages read it, as a browser wants it. Who asks comes through a
 * proxy of its own, which connects from an address of its own: a browser can be given a proxy, but no address.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer as createProxy } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';

const HOST = 'files.example';
/** Of each address the server gives so much at once. */
const PART_MS = 20;

const pem = (name: string): string =>
  readFileSync(new URL(`../../signal-server/testing/localhost-${name}.pem`, import.meta.url), 'utf8');

export class LimitedOrigin {
  readonly #bytes: Uint8Array;
  readonly #rate: number;
  readonly #server = createServer({ cert: pem('cert'), key: pem('key') }, (request, response) =>
    this.#answer(request, response),
  );
  readonly #proxies: Server[] = [];
  /** When each address may have the next part, in ms. */
  readonly #freeAt = new Map<string, number>();
  #sent = new Map<string, number>();

  private constructor(bytes: Uint8Array, rate: number) {
    this.#bytes = bytes;
    this.#rate = rate;
  }

  static async start(bytes: Uint8Array, rate: number): Promise<LimitedOrigin> {
    const origin = new LimitedOrigin(bytes, rate);
    await listening(origin.#server);
    return origin;
  }

  /** Of its file, in bytes. */
  get size(): number {
    return this.#bytes.length;
  }

  get sha256(): string {
    return createHash('sha256').update(this.#bytes).digest('hex');
  }

  addressOf(name: string): string {
    return `https://${HOST}/${name}`;
  }

  /** The port of a proxy on this machine that leads here, and connects from that address. */
  async proxy(localAddress: string): Promise<number> {
    const proxy = createProxy();
    proxy.on('connect', (_request, client, head) => {
      const tunnel = connect({ port: portOf(this.#server), host: '127.0.0.1', localAddress }, () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        tunnel.write(head);
        tunnel.pipe(client).pipe(tunnel);
      });
      tunnel.on('error', () => client.destroy());
      client.on('error', () => tunnel.destroy());
    });
    this.#proxies.push(proxy);
    await listening(proxy);
    return portOf(proxy);
  }

  /** What went to each address since this was asked last. */
  said(): string {
    const sent = [...this.#sent].map(([to, bytes]) => `${to} ${(bytes / this.#bytes.length).toFixed(2)}`);
    this.#sent = new Map();
    return `of the file to ${sent.sort().join(', ')}`;
  }

  async close(): Promise<void> {
    for (const proxy of this.#proxies) proxy.close();
    this.#server.closeAllConnections();
    await new Promise<void>((closed) => this.#server.close(() => closed()));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const [, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const size = this.#bytes.length;
    const [from, to] = [Number(first), last === '' ? size : Math.min(Number(last) + 1, size)];
    const isPart = request.headers.range !== undefined;
    response.writeHead(isPart ? 206 : 200, {
      'access-control-allow-origin': '*',
      'content-length': to - from,
      'last-modified': 'Fri, 06 Mar 2026 10:00:00 GMT',
      etag: '"1"',
      ...(isPart ? { 'content-range': `bytes ${from}-${to - 1}/${size}` } : {}),
    });
    void this.#send(response, request.socket.remoteAddress ?? '', from, to);
  }

  async #send(response: ServerResponse, address: string, from: number, to: number): Promise<void> {
    const part = Math.ceil((this.#rate * PART_MS) / 1000);
    for (let at = from; at < to && !response.destroyed; at += part) {
      const now = performance.now();
      const due = Math.max(now, this.#freeAt.get(address) ?? 0);
      const bytes = this.#bytes.subarray(at, Math.min(at + part, to));
      this.#freeAt.set(address, due + (bytes.length / this.#rate) * 1000);
      await new Promise((waited) => setTimeout(waited, due - now));
      if (response.destroyed) return;
      this.#sent.set(address, (this.#sent.get(address) ?? 0) + bytes.length);
      response.write(bytes);
    }
    response.end();
  }
}

function listening(server: Pick<Server, 'listen'>): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function portOf(server: Pick<Server, 'address'>): number {
  return (server.address() as AddressInfo).port;
}
