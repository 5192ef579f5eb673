/**
 * A server on the web with one file, by https, and a proxy that leads to it by a name that everybody may ask: so a browser
 * on this machine meets it as any page meets a server elsewhere. Counts what it is asked, and by whom it is told of itself.
 */
import { createReadStream, readFileSync } from 'node:fs';
import { createServer as createProxy } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { expect } from 'playwright/test';
import type { Person } from './person.ts';

export const ORIGIN_HOST = 'files.example';
export const URL_OF_FILE = `https://${ORIGIN_HOST}/pub/film.bin`;
/** Of one answer: long enough for two to meet. */
const BYTES_PER_SECOND = 1_000_000;
const pem = (name: string): string =>
  readFileSync(new URL(`../signal-server/testing/localhost-${name}.pem`, import.meta.url), 'utf8');

export interface OriginOptions {
  readonly path: string;
  readonly bytes: number;
  /** False: it sends the whole alone, as fast as that is read. */
  readonly sendsRanges?: boolean;
  /** False: pages of other sites may not read it. */
  readonly allowsPages?: boolean;
}

export class Origin {
  readonly #options: OriginOptions;
  readonly #server = createServer({ cert: pem('cert'), key: pem('key') }, (request, response) => {
    this.#noted(request);
    this.#answer(request.headers.range ?? '', response);
  });
  readonly #proxy = createProxy();
  /** Of its file. */
  servedBytes = 0;
  /** Methods, one of each request. */
  readonly methods: string[] = [];
  /** Headers that say more of who asks than an address does. */
  readonly told: string[] = [];
  /** Addresses, or hosts with their ports, to which the proxy was to lead. */
  readonly asked: string[] = [];

  constructor(options: OriginOptions) {
    this.#options = options;
  }

  /** Answers what a browser needs to meet it. */
  async begin(): Promise<{ ignoreHTTPSErrors: true; proxy: { server: string; bypass: string } }> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening));
    const { port } = this.#server.address() as AddressInfo;
    this.#proxy.on('request', (request, response) => {
      this.asked.push(request.url ?? '');
      response.writeHead(502).end();
    });
    this.#proxy.on('connect', (request, client, head) => {
      this.asked.push(request.url ?? '');
      // Nobody else is there: browsers have their own reasons to ask servers of their makers.
      if (request.url !== `${ORIGIN_HOST}:443`) return client.destroy();
      const tunnel = connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        tunnel.write(head);
        tunnel.pipe(client).pipe(tunnel);
      });
      tunnel.on('error', () => client.destroy());
      client.on('error', () => tunnel.destroy());
    });
    await new Promise<void>((listening) => this.#proxy.listen(0, '127.0.0.1', listening));
    const server = `http://127.0.0.1:${(this.#proxy.address() as AddressInfo).port}`;
    return { ignoreHTTPSErrors: true, proxy: { server, bypass: 'localhost,127.0.0.1' } };
  }

  async close(): Promise<void> {
    this.#proxy.closeAllConnections();
    this.#proxy.close();
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  #noted({ method = '', headers }: IncomingMessage): void {
    this.methods.push(method);
    const { cookie, referer, authorization } = headers;
    this.told.push(...[cookie, referer, authorization].filter((header) => header !== undefined));
  }

  #answer(range: string, response: ServerResponse): void {
    const { path, bytes, sendsRanges = true, allowsPages = true } = this.#options;
    const [, first = '', last = ''] = (sendsRanges && /^bytes=(\d+)-(\d*)$/.exec(range)) || [];
    const start = Number(first);
    const end = last === '' ? bytes - 1 : Number(last);
    response.writeHead(first === '' ? 200 : 206, {
      ...(allowsPages ? { 'access-control-allow-origin': '*' } : {}),
      'last-modified': 'Fri, 06 Mar 2026 10:00:00 GMT',
      'set-cookie': 'seen=1; Secure; SameSite=None; Path=/',
      'content-length': end + 1 - start,
      ...(first === '' ? {} : { 'content-range': `bytes ${start}-${end}/${bytes}` }),
    });
    const file = createReadStream(path, { start, end });
    const slow = this.#slow(sendsRanges);
    response.on('close', () => file.destroy());
    file.on('error', () => response.destroy());
    slow.on('error', () => response.destroy());
    file.pipe(slow).pipe(response);
  }

  #slow(isSlow: boolean): Transform {
    const sends = (bytes: Buffer): void => void (this.servedBytes += bytes.length);
    return new Transform({
      highWaterMark: 65_536,
      transform(bytes: Buffer, _encoding, done) {
        sends(bytes);
        if (isSlow) setTimeout(() => done(null, bytes), (bytes.length * 1_000) / BYTES_PER_SECOND);
        else done(null, bytes);
      },
    });
  }
}

/** Types an address into the box of the first page. */
export async function typeAddress({ page }: Person, shoal: string, address = URL_OF_FILE): Promise<void> {
  await page.goto(shoal);
  await page.getByRole('textbox', { name: 'Link, magnet or resource' }).fill(address);
}

/** Types that of the file, and opens it once it stands there who is asked. */
export async function openAddress(person: Person, shoal: string): Promise<void> {
  await typeAddress(person, shoal);
  await expect(
    person.page.getByText(/from files\.example, .*learn that your internet address/),
  ).toBeVisible();
  await person.page.getByRole('button', { name: 'Open', exact: true }).click();
}
