import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../shared/random.ts';
import { answerHttp, requestCost } from './http.ts';
import type { HttpParts } from './http.ts';
import { PageFiles } from './page-files.ts';
import { NOBODY } from './swarms.ts';
import { swarmA, swarmB } from './testing/client.ts';
import { settled } from './testing/fakes.ts';
import { MAX_PEERS_BODY_BYTES, MAX_PEERS_PER_HASH, TorrentInnoPeers } from './torrentinno-peers.ts';

const servers: Server[] = [];
const folder = mkdtempSync(join(tmpdir(), 'shoal-http-'));
writeFileSync(join(folder, 'index.html'), 'the page');
const page = new PageFiles(folder);
rmSync(folder, { recursive: true });

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Ask = (
  method: string,
  path: string,
  options?: { headers?: Record<string, string>; body?: string },
) => Promise<Answered>;

async function serve(change: Partial<HttpParts> = {}): Promise<{ ask: Ask; port: number }> {
  const parts: HttpParts = {
    page,
    peers: new TorrentInnoPeers(() => 0, seededRandom(1)),
    listPeers: false,
    urlSources: false,
    https: false,
    allowedOrigins: null,
    iceServers: () => [{ urls: 'stun:stun.example' }],
    pay: async () => true,
    scrape: async (swarms) => Object.fromEntries(swarms.map((swarm) => [swarm, NOBODY])),
    health: () => ({ status: 'ok' }),
    metrics: { text: async () => 'metric 1\n', contentType: 'text/plain; version=0.0.4' },
    ...change,
  };
  const server = createServer((incoming, response) => void answerHttp(parts, incoming, response, 'address'));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask: Ask = (method, path, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const asked = { host: '127.0.0.1', port, method, path, headers, agent: false };
      const sent = request(asked, (response) => {
        const { statusCode: status, headers: received } = response;
        text(response).then((read) => resolve({ status, headers: received, body: read }), reject);
      });
      sent.on('error', reject).end(body);
    });
  return { ask, port };
}

const GET_ADDRESSES = [
  '/',
  '/nothing',
  '/config',
  `/scrape?swarm=${swarmA}`,
  '/health',
  '/metrics',
  '/peers',
];

describe('[SV1] methods', () => {
  test.each(GET_ADDRESSES)('HEAD %s is GET without the body', async (path) => {
    const { ask } = await serve({ listPeers: true });
    const [got, head] = [await ask('GET', path), await ask('HEAD', path)];
    expect(got.body.length).toBeGreaterThan(0);
    expect(head.body).toBe('');
    expect({ ...head.headers, date: '' }).toEqual({ ...got.headers, date: '' });
    expect(head.status).toBe(got.status);
    expect(Number(got.headers['content-length'])).toBe(Buffer.byteLength(got.body));
  });

  test.each([
    ['POST', '/', 'GET, HEAD'],
    ['DELETE', '/nothing', 'GET, HEAD'],
    ['POST', '/config', 'HEAD, GET'],
    ['PUT', '/peers', 'HEAD, GET, POST'],
    ['OPTIONS', '/health', 'HEAD, GET'],
  ])('%s %s is refused, and says what is allowed', async (method, path, allowed) => {
    const { ask } = await serve();
    const { status, headers } = await ask(method, path);
    expect([status, headers['allow']]).toEqual([405, allowed]);
  });

  test('a query is no part of the address, wherever it begins', async () => {
    const { ask } = await serve();
    expect((await ask('GET', '/?utm=x')).body).toBe('the page');
    expect((await ask('GET', '/health?')).status).toBe(200);
    expect((await ask('GET', '/health?a=/config')).body).toBe('{"status":"ok"}');
    expect((await ask('GET', '/healthy')).status).toBe(404);
  });
});

describe('[LK6] a link whose # was encoded', () => {
  test('leads to the page, is kept by nobody, and is no page for other requests', async () => {
    const { ask } = await serve();
    const { status, headers, body } = await ask('GET', '/%23abc?fbclid=x');
    expect([status, headers['location'], body]).toEqual([303, './#abc', '']);
    expect([headers['cache-control'], headers['referrer-policy']]).toEqual(['no-store', 'no-referrer']);
    expect((await ask('HEAD', '//')).headers['location']).toBe('../');
    expect((await ask('POST', '/%23abc')).status).toBe(405);
    expect((await ask('GET', '/nothing%23abc')).status).toBe(404);
  });
});

describe('[SV2] what is no file', () => {
  test('is kept by no cache and taken for nothing that it is not', async () => {
    const { ask } = await serve({ listPeers: true });
    for (const path of GET_ADDRESSES.filter((address) => address !== '/' && address !== '/nothing')) {
      const { headers } = await ask('GET', path);
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    }
    const missing = await ask('GET', '/nothing');
    expect([missing.status, missing.body]).toEqual([404, 'There is nothing here.\n']);
    expect(missing.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });

  test('the page that was not built says what to do, and its other addresses say nothing of it', async () => {
    const { ask } = await serve({ page: new PageFiles('') });
    const start = await ask('GET', '/');
    expect([start.status, start.body]).toEqual([503, expect.stringContaining('npm run build')]);
    expect((await ask('GET', '/sw.js')).status).toBe(404);
  });
});

describe('[SV5] pages of other origins', () => {
  const shared = new Set(['https://share.example']);

  test.each<[string, ReadonlySet<string> | null, string | undefined, string | undefined, string | undefined]>(
    [
      ['any origin where none is named', null, 'https://anybody.example', '*', undefined],
      ['any program where none is named', null, undefined, '*', undefined],
      ['an origin that is named', shared, 'https://share.example', 'https://share.example', 'Origin'],
      ['it in capitals', shared, 'HTTPS://Share.Example', 'HTTPS://Share.Example', 'Origin'],
      ['another origin', shared, 'https://evil.example', undefined, 'Origin'],
      ['a sandboxed page', shared, 'null', undefined, 'Origin'],
      ['a program, while origins are named', shared, undefined, undefined, 'Origin'],
    ],
  )('%s', async (_who, allowedOrigins, origin, allowed, vary) => {
    const { ask } = await serve({ allowedOrigins });
    const headers = origin === undefined ? {} : { origin };
    for (const path of ['/config', `/scrape?swarm=${swarmA}`, '/scrape']) {
      const answer = await ask('GET', path, { headers });
      expect(answer.headers['access-control-allow-origin']).toBe(allowed);
      expect(answer.headers['vary']).toBe(vary);
    }
    // Nobody else's page reads these.
    for (const path of ['/metrics', '/health', '/']) {
      expect((await ask('GET', path, { headers })).headers).not.toHaveProperty('access-control-allow-origin');
    }
  });
});

describe('[TR6] /scrape', () => {
  test('hands on the swarms in their order, each as often as it was named', async () => {
    const asked: string[][] = [];
    const { ask } = await serve({
      scrape: async (swarms) => {
        asked.push([...swarms]);
        return {};
      },
    });
    await ask('GET', `/scrape?swarm=${swarmB}&other=x&swarm=${swarmA}&swarm=${swarmB}`);
    expect(asked).toEqual([[swarmB, swarmA, swarmB]]);
  });

  test.each([
    '',
    '?',
    '?swarm',
    '?swarm=',
    `?swarm=${swarmA.toUpperCase()}`,
    `?swarm=${swarmA}0`,
    `?swarm=${swarmA}&swarm=x`,
    `?Swarm=${swarmA}`,
    '?swarm=%00%ff%',
  ])('%s names no swarm, and is told how to', async (query) => {
    const { ask } = await serve();
    const { status, body } = await ask('GET', `/scrape${query}`);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({
      error: { code: 'bad-message', message: expect.stringMatching(/swarm=/) },
    });
  });
});

describe('[SV8] /health and /metrics', () => {
  test('say what is so at that moment', async () => {
    let redis = 'connected';
    const { ask } = await serve({ health: () => ({ status: 'ok', redis }) });
    expect(JSON.parse((await ask('GET', '/health')).body)).toEqual({ status: 'ok', redis });
    redis = 'unreachable';
    expect(JSON.parse((await ask('GET', '/health')).body)).toEqual({ status: 'ok', redis });
    const metrics = await ask('GET', '/metrics');
    expect([metrics.headers['content-type'], metrics.body]).toEqual([
      'text/plain; version=0.0.4',
      'metric 1\n',
    ]);
  });

  test('metrics that are switched off are not there', async () => {
    const { ask } = await serve({ metrics: null });
    expect((await ask('GET', '/metrics')).status).toBe(404);
  });
});

describe('[SV16] the address that other apps hand over to', () => {
  test.each(['GET', 'HEAD', 'POST'])('leads %s on to the page, beside itself', async (method) => {
    const { ask } = await serve();
    const { status, headers, body } = await ask(method, '/share-target?x', {
      ...(method === 'POST' ? { body: 'whatever it is', headers: { 'content-type': 'text/plain' } } : {}),
    });
    expect([status, headers['location'], body]).toEqual([303, './#/received', '']);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-length': '0' });
  });

  test.each(['PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const { ask } = await serve();
    expect((await ask(method, '/share-target')).status).toBe(405);
  });

  test('answers before the body is there, reads nothing of it, and the connection goes on behind it', async () => {
    const { port } = await serve();
    const length = 1_000_000;
    const heard: string[] = [];
    const socket = connect(port, '127.0.0.1');
    const told = (what: RegExp): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (what.test(heard.join(''))) resolve();
        };
        socket.on('data', look);
        look();
      });
    socket.on('data', (bytes: Buffer) => heard.push(bytes.toString()));
    socket.write(`POST /share-target HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`);
    await told(/^HTTP\/1.1 303/);
    socket.write(Buffer.alloc(length, 'x'));
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    await told(/"status":"ok"/);
    socket.destroy();
  });
});

describe("[SV9] TorrentInno's /peers", () => {
  const announcement = (peerId: string) =>
    JSON.stringify({ peerId, infoHash: 'h', publicIp: '10.0.0.1', publicPort: '1' });
  const post = (ask: Ask, body: string) => ask('POST', '/peers', { body });

  test('reads a body up to its bound, and not a byte more', async () => {
    const { ask } = await serve();
    const padded = (bytes: number) => announcement('p').padEnd(bytes, ' ');
    expect((await post(ask, padded(MAX_PEERS_BODY_BYTES))).status).toBe(200);
    const refused = await post(ask, padded(MAX_PEERS_BODY_BYTES + 1));
    expect([refused.status, refused.body, refused.headers['connection']]).toEqual([400, '', 'close']);
  });

  test('answers a full house with 429 and no body', async () => {
    const peers = new TorrentInnoPeers(() => 0, seededRandom(1));
    for (let serial = 0; serial < MAX_PEERS_PER_HASH; serial++) {
      peers.announce(announcement(String(serial)), `address ${serial % 2}`);
    }
    const { ask } = await serve({ peers });
    const full = await post(ask, announcement('new'));
    expect([full.status, full.body]).toEqual([429, '']);
    expect((await post(ask, announcement('7'))).status).toBe(200);
  });

  test('is told to nobody unless the operator says so', async () => {
    const peers = new TorrentInnoPeers(() => 0, seededRandom(1));
    peers.announce(announcement('p'), 'address');
    const [closed, open] = [await serve({ peers }), await serve({ peers, listPeers: true })];
    const refused = await closed.ask('GET', '/peers');
    expect([refused.status, refused.body.includes('10.0.0.1')]).toEqual([403, false]);
    expect(JSON.parse((await open.ask('GET', '/peers')).body)).toHaveProperty(
      ['h', 'p', 'publicIp'],
      '10.0.0.1',
    );
  });

  test('a body that breaks off is nobody’s announcement', async () => {
    const peers = new TorrentInnoPeers(() => 0, seededRandom(1));
    const { port } = await serve({ peers });
    const closed = new Promise<void>((resolve) => {
      servers[0]?.on('connection', (socket) => socket.once('close', () => resolve()));
    });
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`POST /peers HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n${announcement('p')}`);
      socket.end();
    });
    socket.resume();
    await closed;
    await settled();
    expect(peers.dump()).toBe('{}');
  });
});

describe('[SV5] what a request costs', () => {
  test.each([
    ['GET', '/', 1],
    ['GET', '/metrics', 20],
    ['HEAD', '/metrics?x', 20],
    ['GET', '/peers', 20],
    ['POST', '/peers', 1],
    ['GET', '/scrape', 1],
  ])('%s %s: %i', (method, url, cost) => {
    expect(requestCost({ method, url } as IncomingMessage)).toBe(cost);
  });
});

test('[SV5] [TR6] a scrape over HTTP is paid for by the swarms that it names', async () => {
  const paid: number[] = [];
  const { ask } = await serve({
    pay: async (_addressKey, points) => paid.push(points) < 2,
    scrape: async () => ({}),
  });
  const path = `/scrape?swarm=${swarmA}&swarm=${swarmB}`;
  expect((await ask('GET', path)).status).toBe(200);
  const refused = await ask('GET', path);
  expect([refused.status, paid]).toEqual([429, [4, 4]]);
  expect(JSON.parse(refused.body)).toMatchObject({ error: { code: 'rate-limited' } });
  // What is no scrape costs as much: it was paid for before it was read.
  expect((await ask('GET', `/scrape?${'x'.repeat(710)}`)).status).toBe(429);
  expect(paid.at(-1)).toBe(12);
});
