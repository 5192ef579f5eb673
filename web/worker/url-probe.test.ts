/** [WS11] What a page finds out of real servers on this machine, by Node’s own fetch, which knows no other site’s leave. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { anyHost } from '../../shared/url/literal-address.ts';
import type { ProbeOutcome } from '../../shared/url/probe.ts';
import { PageProbe } from './url-probe.ts';
import type { PageOptions } from './url-probe.ts';

const FILE = Buffer.alloc(300_000, 'a');
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function probed(url: string, options: Partial<PageOptions> = {}): Promise<ProbeOutcome> {
  return new PageProbe({ isSecure: false, isAllowed: anyHost, ...options }).probe(url);
}

/** As a server does that is all right; a page sees only the length of what it sends. */
const sendsRanges: Handler = (request, response) => {
  const [, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const body = FILE.subarray(Number(first), last === '' ? undefined : Number(last) + 1);
  response.writeHead(206, { 'content-length': body.length });
  response.end(body);
};

describe('[WS11] a page', () => {
  test('[WS11] asks for all, then for the first byte, with no header that needs leave', async () => {
    const heads: IncomingMessage['headers'][] = [];
    const origin = await serve((request, response) => {
      heads.push(request.headers);
      response.setHeader('last-modified', 'Mon, 23 Nov 2026 08:00:00 GMT');
      sendsRanges(request, response);
    });
    expect(await probed(`${origin}/a.iso`)).toEqual({
      kind: 'facts',
      facts: {
        url: `${origin}/a.iso`,
        finalUrl: `${origin}/a.iso`,
        size: FILE.length,
        ranges: true,
        name: 'a.iso',
        etag: null,
        lastModified: 'Mon, 23 Nov 2026 08:00:00 GMT',
      },
    });
    expect(heads.map(({ range }) => range)).toEqual(['bytes=0-', 'bytes=0-0']);
    for (const name of ['if-range', 'if-none-match', 'cookie', 'authorization', 'referer'])
      for (const head of heads) expect(head).not.toHaveProperty(name);
  });

  test.each<[what: string, Handler, size: number | null]>([
    ['knows none', (_, response) => response.end(FILE), FILE.length],
    ['tells no length', (_, response) => void response.writeHead(200).write(FILE), null],
    [
      'sends more than the first byte',
      (_, response) => response.writeHead(206, { 'content-length': FILE.length }).end(FILE),
      FILE.length,
    ],
    [
      'sends another byte, and says so',
      (request, response) => {
        response.setHeader('content-range', 'bytes 7-7/300000');
        sendsRanges(request, response);
      },
      300_000,
    ],
    [
      'compresses',
      (request, response) => {
        response.setHeader('content-encoding', 'gzip');
        response.setHeader('content-length', FILE.length);
        response.writeHead(request.headers.range === 'bytes=0-' ? 200 : 206);
        response.end(FILE);
      },
      null,
    ],
    [
      'changes the file meanwhile',
      (request, response) => {
        const day = request.headers.range === 'bytes=0-' ? 'Mon, 23' : 'Tue, 24';
        response.setHeader('last-modified', `${day} Nov 2026 08:00:00 GMT`);
        sendsRanges(request, response);
      },
      FILE.length,
    ],
    ['has an empty file', (_, response) => response.writeHead(200, { 'content-length': 0 }).end(), 0],
    [
      'has no first byte',
      (request, response) =>
        response.writeHead(request.headers.range === undefined ? 200 : 416, { 'content-length': 0 }).end(),
      0,
    ],
    [
      'wants no ranges, and may compress',
      (request, response) => response.writeHead(request.headers.range === undefined ? 200 : 416).end(FILE),
      null,
    ],
  ])('[WS11] takes no ranges of a server that %s', async (_, handler, size) => {
    expect(await probed(`${await serve(handler)}/a`)).toMatchObject({
      kind: 'facts',
      facts: { size, ranges: false },
    });
  });

  test('[WS11] lets go of a body that never ends', async () => {
    let left = (): void => undefined;
    const gone = new Promise<void>((resolve) => (left = resolve));
    const origin = await serve((_, response) => {
      response.writeHead(206);
      response.write('aa');
      response.once('close', left);
    });
    expect(await probed(`${origin}/a`)).toMatchObject({ facts: { size: null, ranges: false } });
    await gone;
  });

  test('[WS11] knows where it was led to', async () => {
    const origin = await serve((request, response) => {
      if (request.url === '/latest') response.writeHead(302, { location: '/a-1.2.iso' }).end();
      else sendsRanges(request, response);
    });
    expect(await probed(`${origin}/latest`)).toMatchObject({
      facts: { url: `${origin}/latest`, finalUrl: `${origin}/a-1.2.iso`, name: 'a-1.2.iso', ranges: true },
    });
  });

  test.each<[number, string, number]>([
    [204, 'not-a-file', 0],
    [401, 'needs-login', 0],
    [404, 'refused', 0],
    [503, 'busy', 7_000],
    [500, 'broken-server', 0],
  ])('[WS11] answered with %i is refused: %s', async (status, why, retryMs) => {
    const headers = retryMs === 0 ? {} : { 'retry-after': String(retryMs / 1000) };
    const origin = await serve((_, response) => response.writeHead(status, headers).end());
    expect(await probed(`${origin}/a`)).toEqual({ kind: 'refused', why, status, retryMs });
  });

  test('[WS11] that came by https asks nobody by http', async () => {
    let asked = 0;
    const origin = await serve((_, response) => {
      asked++;
      response.end();
    });
    expect(await probed(`${origin}/a`, { isSecure: true })).toMatchObject({
      why: 'mixed-content',
      status: null,
    });
    expect(asked).toBe(0);
  });

  test('[WS11] asks no private address, and takes nothing from one that it was led to', async () => {
    const origin = await serve((request, response) => {
      if (request.url === '/out')
        response.writeHead(302, { location: `http://localhost:${origin.split(':').at(-1)}/in` }).end();
      else sendsRanges(request, response);
    });
    expect(await new PageProbe({ isSecure: false }).probe(`${origin}/a`)).toMatchObject({
      why: 'forbidden-address',
    });
    const isAllowed = (host: string): boolean => host !== 'localhost';
    expect(await probed(`${origin}/out`, { isAllowed })).toMatchObject({ why: 'forbidden-address' });
  });

  test('[WS11] cannot tell who is away from who does not let it read', async () => {
    expect(await probed('http://127.0.0.1:9/a')).toMatchObject({ why: 'no-cors', status: null });
  });

  test('[WS11] does not wait for ever', async () => {
    const origin = await serve(() => undefined);
    expect(await probed(`${origin}/a`, { patienceMs: 20 })).toMatchObject({ why: 'silent' });
  });
});
