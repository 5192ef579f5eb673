/** [WS3] [WS5] Ranges from real servers on this machine, whose addresses the policy of a test allows. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { RangeTrouble } from '../../shared/engine/io.ts';
import type { RangeOrder } from '../../shared/peer/ports.ts';
import { publicAddresses } from './address-policy.ts';
import type { AddressPolicy } from './address-policy.ts';
import { NodeRanges } from './node-ranges.ts';

const FILE = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
const servers: Server[] = [];
const fetchers: NodeRanges[] = [];

afterEach(async () => {
  for (const fetcher of fetchers.splice(0)) fetcher.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

type Handler = (request: IncomingMessage, response: ServerResponse, origin: string) => void;

async function serve(handler: Handler): Promise<string> {
  const server = createServer((request, response) => handler(request, response, origin));
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return origin;
}

/** As a server does that is all right. */
const sendsRanges: Handler = (request, response) => {
  const [, first = '0', last = '0'] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const body = FILE.subarray(Number(first), Number(last) + 1);
  response.writeHead(206, {
    'content-range': `bytes ${first}-${last}/${FILE.length}`,
    'content-length': body.length,
  });
  response.end(body);
};

interface Fetched {
  readonly bytes: Buffer;
  readonly end: 'ended' | RangeTrouble;
  readonly retryMs: number;
}

const HERE: AddressPolicy = (address) => address === '127.0.0.1';

type Asked = Partial<RangeOrder> & { readonly policy?: AddressPolicy };

function fetched(
  url: string,
  { from = 1_000, length = 200_000, size = FILE.length, policy = HERE, validator = null }: Asked = {},
): Promise<Fetched> {
  const fetcher = new NodeRanges(policy);
  fetchers.push(fetcher);
  const parts: Uint8Array[] = [];
  return new Promise((resolve) => {
    const end = (how: Fetched['end'], retryMs: number): void =>
      resolve({ bytes: Buffer.concat(parts), end: how, retryMs });
    fetcher.fetch(
      { url, from, length, size, validator },
      { came: (bytes) => parts.push(bytes), ended: () => end('ended', 0), failed: end },
    );
  });
}

describe('[WS3] a range', () => {
  test('[WS3] comes as it is, asked for plainly', async () => {
    const heads: IncomingMessage['headers'][] = [];
    const origin = await serve((request, ...rest) => {
      heads.push(request.headers);
      sendsRanges(request, ...rest);
    });
    const { bytes, end } = await fetched(`${origin}/file.bin`);
    expect([end, bytes.equals(FILE.subarray(1_000, 201_000))]).toEqual(['ended', true]);
    expect(heads).toMatchObject([{ range: 'bytes=1000-200999', 'accept-encoding': 'identity' }]);
    for (const name of ['cookie', 'authorization', 'referer']) expect(heads[0]).not.toHaveProperty(name);
  });

  test('[WS3] comes through a few redirects, and not through many', async () => {
    const origin = await serve((request, response, here) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) return sendsRanges(request, response, here);
      response.writeHead(302, { location: left === 2 ? `${here}/1` : `/${left - 1}` }).end();
    });
    expect(await fetched(`${origin}/5`)).toMatchObject({ end: 'ended' });
    expect(await fetched(`${origin}/6`)).toMatchObject({ end: 'too-many-redirects' });
  });

  test('[WS3] of a server that sends the whole is its beginning', async () => {
    const origin = await serve((_, response) => response.writeHead(200).end(FILE));
    const { bytes, end } = await fetched(origin, { from: 0, length: 10_000 });
    expect([end, bytes.equals(FILE.subarray(0, 10_000))]).toEqual(['ended', true]);
    expect(await fetched(origin)).toMatchObject({ end: 'no-ranges' });
  });

  test('[WS3] is asked for again where the server has closed the connection that was kept', async () => {
    let answered = 0;
    const origin = await serve((request, response, here) => {
      if (answered++ === 1) return request.socket.destroy();
      sendsRanges(request, response, here);
    });
    const fetcher = new NodeRanges(HERE);
    fetchers.push(fetcher);
    const next = (): Promise<string> =>
      new Promise((resolve) => {
        const order = { url: origin, from: 0, length: 1_000, size: FILE.length };
        fetcher.fetch(order, { came: () => undefined, ended: () => resolve('ended'), failed: resolve });
      });
    expect([await next(), await next(), answered]).toEqual(['ended', 'ended', 3]);
  });

  test('[WS3] that is given up is not told of any more, and its connection ends', async () => {
    let left = (): void => undefined;
    const gone = new Promise<void>((resolve) => (left = resolve));
    const origin = await serve((_, response) => {
      response.writeHead(206, { 'content-range': `bytes 0-299999/${FILE.length}` });
      response.write(FILE.subarray(0, 100));
      response.once('close', left);
    });
    const fetcher = new NodeRanges(HERE);
    fetchers.push(fetcher);
    const told: string[] = [];
    const giveUp = await new Promise<() => void>((resolve) => {
      const end = fetcher.fetch(
        { url: origin, from: 0, length: FILE.length, size: FILE.length },
        {
          came: () => resolve(end),
          ended: () => told.push('ended'),
          failed: (why) => told.push(why),
        },
      );
    });
    giveUp();
    await gone;
    expect(told).toEqual([]);
  });

  const partial = { 'content-range': `bytes 1000-200999/${FILE.length}` };
  test.each<
    [what: string, status: number, headers: Record<string, string>, end: RangeTrouble, retryMs: number]
  >([
    ['a login', 401, {}, 'needs-login', 0],
    ['a refusal', 403, {}, 'refused', 0],
    ['nothing there', 404, {}, 'refused', 0],
    ['a file that is too short', 416, {}, 'other-size', 0],
    ['too many requests', 429, { 'retry-after': '7' }, 'busy', 7_000],
    ['trouble of its own', 503, {}, 'busy', 0],
    ['a file of another size', 206, { 'content-range': 'bytes 1000-200999/300001' }, 'other-size', 0],
    ['another place', 206, { 'content-range': `bytes 0-199999/${FILE.length}` }, 'no-ranges', 0],
    ['less than was asked for', 206, { 'content-range': `bytes 1000-2000/${FILE.length}` }, 'no-ranges', 0],
    ['no place', 206, {}, 'no-ranges', 0],
    ['compressed bytes', 206, { ...partial, 'content-encoding': 'gzip' }, 'no-ranges', 0],
    ['a redirect to nowhere', 302, {}, 'refused', 0],
    ['a redirect to a file of its own', 302, { location: 'file:///etc/passwd' }, 'refused', 0],
    ['a redirect with a password', 302, { location: 'http://me:secret@127.0.0.1/' }, 'refused', 0],
  ])('[WS3] answered with %s is told as what it is', async (_, status, headers, end, retryMs) => {
    const origin = await serve((__, response) => response.writeHead(status, headers).end('x'));
    expect(await fetched(origin)).toMatchObject({ end, retryMs, bytes: Buffer.alloc(0) });
  });

  test('[WS3] that breaks off is told, with what came of it', async () => {
    const origin = await serve((request, response) => {
      response.writeHead(206, { ...partial, 'content-length': '200000' });
      response.write(FILE.subarray(1_000, 51_000), () => request.socket.destroy());
    });
    const { bytes, end } = await fetched(origin);
    expect(end).toBe('cut-short');
    expect(bytes.equals(FILE.subarray(1_000, 1_000 + bytes.length))).toBe(true);
  });

  test('[WS3] is no more than was asked for, however much comes', async () => {
    const origin = await serve((_, response) => {
      response.writeHead(206, { 'content-range': `bytes 1000-299999/${FILE.length}` });
      response.end(FILE.subarray(1_000));
    });
    expect((await fetched(origin)).bytes.length).toBe(200_000);
  });

  test('[WS3] of a server that is not there is told', async () => {
    expect(await fetched('http://127.0.0.1:9/')).toMatchObject({ end: 'unreachable' });
    expect(await fetched('http://nobody.invalid/')).toMatchObject({ end: 'unreachable' });
  });
});

describe('[WS12] a range of the file that is meant', () => {
  let version = 1;
  const origin = (): Promise<string> =>
    serve((request, ...rest) => {
      const [response] = rest;
      response.setHeader('etag', `"v${version}"`);
      const meant = request.headers['if-range'];
      if (meant === undefined || meant === `"v${version}"`) return sendsRanges(request, ...rest);
      response.writeHead(200, { 'content-length': FILE.length }).end(FILE);
    });

  test('[WS12] comes, and the server is told which one it is', async () => {
    version = 1;
    const { bytes, end } = await fetched(await origin(), { validator: '"v1"' });
    expect([end, bytes.length]).toEqual(['ended', 200_000]);
  });

  test('[WS12] does not come of another one, not from its beginning either', async () => {
    const url = await origin();
    version = 2;
    const nothing = { end: 'changed', bytes: Buffer.alloc(0) };
    expect(await fetched(url, { validator: '"v1"' })).toMatchObject(nothing);
    expect(await fetched(url, { validator: '"v1"', from: 0 })).toMatchObject(nothing);
    expect(await fetched(url, { validator: null })).toMatchObject({ end: 'ended' });
  });

  test('[WS12] of a server that sends a part of another one without a word does not come', async () => {
    const url = await serve((request, response, here) => {
      response.setHeader('last-modified', 'Tue, 24 Nov 2026 08:00:00 GMT');
      sendsRanges(request, response, here);
    });
    const validator = 'Mon, 23 Nov 2026 08:00:00 GMT';
    expect(await fetched(url, { validator })).toMatchObject({ end: 'changed' });
  });

  test('[WS12] of a server that knows no ranges is no other file', async () => {
    const url = await serve((_, response) => response.writeHead(200, { etag: '"v1"' }).end(FILE));
    expect(await fetched(url, { validator: '"v1"' })).toMatchObject({ end: 'no-ranges' });
  });
});

describe('[WS5] the network around this machine', () => {
  test.each([
    'http://127.0.0.1/',
    'http://localhost/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://0.0.0.0/',
    'http://10.0.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
  ])('[WS5] %s is not contacted', async (url) => {
    expect(await fetched(url, { policy: publicAddresses })).toMatchObject({ end: 'forbidden-address' });
  });

  test('[WS5] is not contacted behind a redirect either', async () => {
    const inside = await serve(sendsRanges);
    const port = new URL(inside).port;
    const origin = await serve((_, response) =>
      response.writeHead(307, { location: `http://localhost:${port}/` }).end(),
    );
    let looked = 0;
    const policy: AddressPolicy = (address) => ++looked === 1 && HERE(address);
    expect(await fetched(origin, { policy })).toMatchObject({ end: 'forbidden-address' });
  });
});
