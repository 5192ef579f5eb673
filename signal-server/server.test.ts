import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { infoHash, swarmId } from '../shared/ids.ts';
import type { Log } from './log.ts';
import { startServer } from './server.ts';
import type { RunningServer, ServerOptions } from './server.ts';
import { announce, connect, hex, one, swarmA, swarmB, three, two } from './testing/client.ts';

const logged: string[] = [];
const write = (fields: object, text: string) => void logged.push(JSON.stringify({ ...fields, text }));
const log: Log = { debug: write, info: write, warn: write, error: write };
const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  logged.length = 0;
});

async function serve(options: ServerOptions = {}): Promise<RunningServer> {
  const server = await startServer({ host: '127.0.0.1', port: 0, log, ...options });
  cleanUps.push(() => server.close());
  return server;
}

async function clients(count: number, options: ServerOptions = {}) {
  const server = await serve(options);
  return Promise.all(Array.from({ length: count }, () => connect(server.port)));
}

describe('swarms', () => {
  test('[TR3] an announce is answered with counts and others', async () => {
    const [a, b] = await clients(2);
    a!.say(announce(one, { left: 0 }));
    expect(await a!.hear('peers')).toEqual({
      type: 'peers',
      swarm: swarmA,
      interval: 30,
      complete: 1,
      incomplete: 0,
      downloaded: 0,
      peers: [],
    });
    b!.say(announce(two));
    expect(await b!.hear('peers')).toMatchObject({
      complete: 1,
      incomplete: 1,
      peers: [{ peerId: one, seed: true }],
    });
  });

  test('[TR5] joined goes to exactly the members named', async () => {
    const [a, b, c] = await clients(3);
    a!.say(announce(one));
    await a!.hear('peers');
    b!.say(announce(two, { want: 0 }));
    await b!.hear('peers');
    expect(await a!.heardSoFar()).toEqual([]);
    c!.say(announce(three, { want: 1, left: 0 }));
    const { peers } = await c!.hear('peers');
    expect(peers).toHaveLength(1);
    const [named, other] = peers[0]?.peerId === one ? [a!, b!] : [b!, a!];
    expect(await named.hear('joined')).toEqual({ type: 'joined', swarm: swarmA, peerId: three, seed: true });
    expect(await other.heardSoFar()).toEqual([]);
  });

  test('[TR5] left goes to those that were told, whichever way round, and to nobody else', async () => {
    const [a, b, c] = await clients(3);
    a!.say(announce(one));
    await a!.hear('peers');
    b!.say(announce(two));
    await b!.hear('peers');
    await a!.hear('joined');
    c!.say(announce(three, { want: 0 }));
    await c!.hear('peers');
    a!.close();
    expect(await b!.hear('left')).toEqual({ type: 'left', swarm: swarmA, peerId: one });
    expect(await c!.heardSoFar()).toEqual([]);
    b!.say(announce(two, { event: 'stopped' }));
    expect(await b!.hear('peers')).toMatchObject({ complete: 0, incomplete: 1, peers: [] });
    expect(await c!.heardSoFar()).toEqual([]);
  });

  test('[TR3] stopped leaves one swarm, the socket stays for the others', async () => {
    const [a, b] = await clients(2);
    a!.say(announce(one));
    a!.say(announce(one, { swarm: swarmB }));
    await a!.hear('peers');
    await a!.hear('peers');
    a!.say(announce(one, { event: 'stopped' }));
    await a!.hear('peers');
    b!.say({ type: 'scrape', swarms: [swarmA, swarmB] });
    expect((await b!.hear('scrape')).swarms).toMatchObject({
      [swarmA]: { incomplete: 0 },
      [swarmB]: { incomplete: 1 },
    });
  });

  test('[TR3] one socket announces several peer ids', async () => {
    const [a] = await clients(1);
    a!.say(announce(one));
    await a!.hear('peers');
    a!.say(announce(two));
    expect((await a!.hear('peers')).peers).toEqual([{ peerId: one, seed: false }]);
    expect(await a!.hear('joined')).toMatchObject({ peerId: two });
  });

  test('[TR3] who is silent for 35 s is gone, and who knew it is told', async () => {
    let now = 0;
    const [a, b] = await clients(2, { clock: () => now });
    a!.say(announce(one));
    await a!.hear('peers');
    now = 20_000;
    b!.say(announce(two));
    await b!.hear('peers');
    await a!.hear('joined');
    now = 34_999;
    expect(await b!.heardSoFar()).toEqual([]);
    now = 35_000;
    b!.say({ type: 'scrape', swarms: [swarmA] });
    expect(await b!.hear('left')).toMatchObject({ peerId: one });
    expect((await b!.hear('scrape')).swarms[swarmA]).toMatchObject({ incomplete: 1 });
    a!.say({ type: 'signal', swarm: swarmA, from: one, to: two, payload: '' });
    expect(await a!.hear('error')).toMatchObject({ code: 'forbidden' });
    a!.say(announce(one));
    expect((await a!.hear('peers')).peers).toHaveLength(1);
  });

  test('[TR4] a peer id that is announced on a live socket is in use', async () => {
    const [a, b] = await clients(2);
    a!.say(announce(one));
    await a!.hear('peers');
    b!.say(announce(one, { swarm: swarmB }));
    expect(await b!.hear('error')).toMatchObject({
      code: 'in-use',
      about: { type: 'announce', swarm: swarmB, peerId: one },
    });
    a!.close();
    await a!.closed();
    b!.say(announce(one));
    expect(await b!.hear('peers')).toMatchObject({ incomplete: 1 });
  });

  test('[TR2] one socket takes 500 members and no more', async () => {
    const [a, b] = await clients(2);
    for (let serial = 0; serial < 501; serial++) {
      a!.say(announce(one, { swarm: serial.toString(16).padStart(64, '0') }));
    }
    for (let serial = 0; serial < 500; serial++) await a!.hear('peers');
    expect(await a!.hear('error')).toMatchObject({ code: 'too-many-swarms' });
    b!.say(announce(two));
    await b!.hear('peers');
  });
});

describe('signals', () => {
  test('[TR7] a signal reaches the peer that it is for, and says from whom', async () => {
    const [a, b] = await clients(2);
    a!.say(announce(one));
    await a!.hear('peers');
    b!.say(announce(two, { want: 0 }));
    await b!.hear('peers');
    const payload = 'offer "π" \u0000 '.repeat(500);
    b!.say({ type: 'signal', swarm: swarmA, from: two, to: one, payload });
    expect(await a!.hear('signal')).toEqual({ type: 'signal', swarm: swarmA, from: two, payload });
    const longest = '\u0001'.repeat(16_384);
    a!.say({ type: 'signal', swarm: swarmA, from: one, to: two, payload: longest });
    expect((await b!.hear('signal')).payload).toBe(longest);
  });

  test('[TR7] a stranger, a stranger to this swarm, and a forged sender', async () => {
    const [a, b] = await clients(2);
    a!.say(announce(one));
    await a!.hear('peers');
    b!.say(announce(two, { swarm: swarmB }));
    await b!.hear('peers');
    a!.say({ type: 'signal', swarm: swarmA, from: one, to: three, payload: 'x' });
    expect(await a!.hear('error')).toMatchObject({
      code: 'no-such-peer',
      about: { type: 'signal', peerId: three },
    });
    a!.say({ type: 'signal', swarm: swarmA, from: one, to: two, payload: 'x' });
    expect(await a!.hear('error')).toMatchObject({ code: 'no-such-peer' });
    a!.say({ type: 'signal', swarm: swarmA, from: two, to: one, payload: 'x' });
    expect(await a!.hear('error')).toMatchObject({ code: 'forbidden' });
    a!.say({ type: 'signal', swarm: swarmB, from: one, to: two, payload: 'x' });
    expect(await a!.hear('error')).toMatchObject({ code: 'forbidden' });
    expect(await b!.heardSoFar()).toEqual([]);
  });
});

describe('directory', () => {
  const listing = { infoHash: infoHash(hex('f'))!, name: 'Ünïcode — π 100%.txt', size: 5, files: 1 };
  const publish = { type: 'publish', swarm: swarmA, peerId: one, ...listing } as const;

  test('[TR8] a listing is found by part of its name and by id, with live counts, while its publisher is there', async () => {
    const [a, b] = await clients(2);
    a!.say(announce(one, { left: 0 }));
    await a!.hear('peers');
    a!.say({ ...publish, comment: 'a comment' });
    expect(await a!.hear('published')).toEqual({ type: 'published', swarm: swarmA });
    for (const query of ['CODE — Π', '', hex('f')]) {
      b!.say({ type: 'search', query });
      expect(await b!.hear('results')).toEqual({
        type: 'results',
        query,
        total: 1,
        results: [{ ...listing, comment: 'a comment', complete: 1, incomplete: 0 }],
      });
    }
    b!.say({ type: 'search', query: 'nothing like it' });
    expect(await b!.hear('results')).toMatchObject({ total: 0, results: [] });
    a!.close();
    await a!.closed();
    b!.say({ type: 'search', query: '' });
    expect(await b!.hear('results')).toMatchObject({ total: 0 });
  });

  test('[TR8] only an announced member lists, and only its own listing is taken back', async () => {
    const [a, b] = await clients(2);
    a!.say(publish);
    expect(await a!.hear('error')).toMatchObject({ code: 'forbidden' });
    a!.say(announce(one));
    await a!.hear('peers');
    a!.say(publish);
    await a!.hear('published');
    b!.say({ type: 'unpublish', swarm: swarmA, peerId: one });
    expect(await b!.hear('error')).toMatchObject({ code: 'forbidden' });
    a!.say({ type: 'unpublish', swarm: swarmA, peerId: one });
    expect(await a!.hear('published')).toEqual({ type: 'published', swarm: swarmA });
    b!.say({ type: 'search', query: '' });
    expect(await b!.hear('results')).toMatchObject({ total: 0 });
  });

  test('[TR8] an operator can switch it off', async () => {
    const [a] = await clients(1, { directory: false });
    a!.say({ type: 'search', query: '' });
    expect(await a!.hear('error')).toMatchObject({ code: 'directory-off', about: { type: 'search' } });
  });
});

describe('abuse', () => {
  test('[TR9] what is wrong is answered, and the socket stays open', async () => {
    const [a] = await clients(1);
    for (const [frame, code] of [
      ['not json', 'bad-json'],
      ['{"type":"nonsense"}', 'unknown-type'],
      ['{"type":"announce"}', 'bad-message'],
      ['{"__proto__":{"type":"announce"}}', 'unknown-type'],
      [Buffer.from([1, 2, 3]), 'binary'],
    ] as const) {
      a!.raw(frame);
      expect(await a!.hear('error')).toMatchObject({ code });
    }
    a!.say(announce(one));
    await a!.hear('peers');
  });

  test('[SV4] a frame of a megabyte closes its own socket, and no other', async () => {
    const [a, b] = await clients(2);
    a!.raw('x'.repeat(1_048_576));
    expect(await a!.closed()).toMatchObject({ code: 1009 });
    b!.say(announce(one));
    await b!.hear('peers');
  });

  test('[SV4] what comes in one packet is all answered, in order, and the ping behind it, too', async () => {
    const server = await serve();
    const client = await connect(server.port);
    const swarms = Array.from({ length: 400 }, (_, serial) =>
      swarmId(serial.toString(16).padStart(64, '0'))!,
    );
    const tcp = (client.socket as unknown as { _socket: Socket })._socket;
    tcp.cork();
    for (const swarm of swarms) client.say(announce(one, { swarm }));
    const ponged = new Promise((resolve) => client.socket.once('pong', resolve));
    client.socket.ping();
    tcp.uncork();
    for (const swarm of swarms) expect((await client.hear('peers')).swarm).toBe(swarm);
    await ponged;
  });

  test('[SV5] who floods is told, then cut off; somebody else is not', async () => {
    const [a, b] = await clients(2, { rateLimit: 0.1 });
    for (let serial = 0; serial < 700; serial++) a!.say({ type: 'scrape', swarms: [] });
    for (let serial = 0; serial < 60; serial++) await a!.hear('scrape');
    expect(await a!.hear('error')).toMatchObject({ code: 'rate-limited' });
    expect(await a!.closed()).toMatchObject({ code: 1008 });
    b!.say(announce(one));
    await b!.hear('peers');
  });

  test('[SV5] no more sockets from one address than the limit; a closed one makes room', async () => {
    const server = await serve({ rateLimit: 3 / 500 });
    const three_ = await Promise.all([1, 2, 3].map(() => connect(server.port)));
    await expect(connect(server.port)).rejects.toThrow('HTTP 429');
    three_[0]!.close();
    await three_[0]!.closed();
    await connect(server.port);
  });

  test('[SV6] the address is the forwarded one where the proxy is trusted, and only there', async () => {
    const { configFrom } = await import('./config.ts');
    const { trustedProxies } = configFrom({ TRUSTED_PROXIES: 'loopback' }, () => '');
    const server = await serve({ rateLimit: 1 / 500, trustedProxies });
    const from = (address: string) => connect(server.port, { headers: { 'X-Forwarded-For': address } });
    await from('203.0.113.1');
    await from('203.0.113.2');
    await expect(from('203.0.113.1')).rejects.toThrow('HTTP 429');
    await expect(from('198.51.100.9, 203.0.113.2')).rejects.toThrow('HTTP 429');
    const untrusting = await serve({ rateLimit: 1 / 500 });
    await connect(untrusting.port, { headers: { 'X-Forwarded-For': '203.0.113.1' } });
    await expect(connect(untrusting.port, { headers: { 'X-Forwarded-For': '203.0.113.2' } })).rejects.toThrow(
      '429',
    );
  });

  test('[SV5] origins: an allow-list, and none at all', async () => {
    const server = await serve({ allowedOrigins: new Set(['https://share.example']) });
    await connect(server.port, { origin: 'https://share.example' });
    await connect(server.port);
    await expect(connect(server.port, { origin: 'https://evil.example' })).rejects.toThrow('HTTP 403');
    const open = await serve();
    await connect(open.port, { origin: 'https://anybody.example' });
    await expect(connect(open.port, {}, '/elsewhere')).rejects.toThrow('HTTP 404');
  });

  test('[SV10] the log betrays nobody', async () => {
    const [a] = await clients(1, { allowedOrigins: new Set(['https://share.example']) });
    a!.say(announce(one));
    await a!.hear('peers');
    a!.say({
      type: 'publish',
      swarm: swarmA,
      peerId: one,
      infoHash: infoHash(hex('f'))!,
      name: 'secret.txt',
      size: 1,
      files: 1,
    });
    await a!.hear('published');
    const server = await serve({ allowedOrigins: new Set(['https://share.example']) });
    await expect(connect(server.port, { origin: 'https://evil.example' })).rejects.toThrow('403');
    // [LK6] A link whose # was encoded: nobody meant to tell the server what stands behind it.
    const asked = await fetch(`http://127.0.0.1:${server.port}/%23${hex('b')}`, { redirect: 'manual' });
    expect(asked.headers.get('location')).toBe(`./#${hex('b')}`);
    const text = logged.join('\n');
    expect(text).toContain('a socket was refused');
    for (const secret of [hex('a'), hex('b'), hex('f'), one, 'secret.txt', '127.0.0.1'])
      expect(text).not.toContain(secret);
  });

  test('[SV11] stopping tells every client to come back, and frees the port', async () => {
    const server = await serve();
    const a = await connect(server.port);
    a.say(announce(one));
    await a.hear('peers');
    await server.close();
    expect(await a.hear('error')).toMatchObject({ code: 'restarting' });
    expect(await a.closed()).toEqual({ code: 1012, reason: 'restarting' });
    const again = await startServer({ host: '127.0.0.1', port: server.port, log });
    await again.close();
  });

  test('[SV11] a taken port is a rejection', async () => {
    const server = await serve();
    await expect(startServer({ host: '127.0.0.1', port: server.port, log })).rejects.toThrow('EADDRINUSE');
  });
});

describe('HTTP', () => {
  const get = (server: RunningServer, path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${server.port}${path}`, init);
  /** A path as it stands, which fetch would tidy first. */
  const raw = (server: RunningServer, path: string, method = 'GET', headers: Record<string, string> = {}) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const asked = { host: '127.0.0.1', port: server.port, path, method, headers };
      request(asked, resolve).on('error', reject).end();
    });

  function builtPage(): string {
    const folder = mkdtempSync(join(tmpdir(), 'shoal-page-'));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html>page');
    writeFileSync(join(folder, 'sw.js'), 'worker');
    writeFileSync(join(folder, '.inputs'), 'hash');
    writeFileSync(join(folder, 'assets', 'index-abc.js'), 'plain');
    writeFileSync(join(folder, 'assets', 'index-abc.js.br'), 'brotli');
    writeFileSync(join(folder, 'assets', 'index-abc.js.gz'), 'gzip');
    return folder;
  }

  test('[SV1] [SV2] the page: types, caching, compressed forms, security headers', async () => {
    const server = await serve({ pageFolder: builtPage() });
    const page = await get(server, '/');
    expect([page.status, await page.text()]).toEqual([200, '<!doctype html>page']);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain(
      `connect-src 'self' ws://127.0.0.1:${server.port} wss://127.0.0.1:${server.port}`,
    );
    for (const part of [`default-src 'none'`, `script-src 'self'`, `frame-src 'self'`, `worker-src 'self'`])
      expect(policy).toContain(part);
    expect(policy).not.toContain('unsafe');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await get(server, '/sw.js')).headers.get('cache-control')).toBe('no-cache');
    const plain = await raw(server, '/assets/index-abc.js');
    expect(plain.headers).toMatchObject({
      'content-length': '5',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    for (const [accepted, coding, length] of [
      ['gzip, br', 'br', '6'],
      ['gzip;q=1.0, br;q=0', 'gzip', '4'],
      ['identity', null, '5'],
    ] as const) {
      const asset = await get(server, '/assets/index-abc.js', {
        method: 'HEAD',
        headers: { 'accept-encoding': accepted },
      });
      expect([asset.headers.get('content-encoding'), asset.headers.get('content-length')]).toEqual([
        coding,
        length,
      ]);
    }
    const etag = page.headers.get('etag') ?? '';
    expect((await get(server, '/', { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  test.each<[string, Record<string, string>, string | undefined]>([
    ['localhost', { host: 'localhost:8000' }, 'same-origin'],
    ['a name under localhost', { host: 'shoal.localhost' }, 'same-origin'],
    ['127.0.0.1', { host: '127.0.0.1:8000' }, 'same-origin'],
    ['IPv6 of this machine', { host: '[::1]:8000' }, 'same-origin'],
    ['https that a proxy holds', { host: 'shoal.example', 'sec-fetch-mode': 'navigate' }, 'same-origin'],
    ['plain http from another machine', { host: '192.168.1.7:8000' }, undefined],
    ['a name that only begins like one', { host: 'localhost.example' }, undefined],
    ['a name that only begins like an address', { host: '127.0.0.1.example' }, undefined],
    ['a name that only ends like one', { host: 'notlocalhost' }, undefined],
  ])('[SV2] opener policy for %s', async (_what, headers, policy) => {
    const server = await serve({ pageFolder: builtPage() });
    const page = await raw(server, '/', 'GET', headers);
    expect(page.headers['cross-origin-opener-policy']).toBe(policy);
    expect(page.headers['x-content-type-options']).toBe('nosniff');
  });

  test.each([
    '/nope',
    '/index.html/x',
    '/../package.json',
    '/assets/..%2f..%2fpackage.json',
    '/%00',
    '/%',
    '/.inputs',
    '/assets/',
    '/constructor',
    '/__proto__',
  ])('[SV1] %s is not there', async (path) => {
    const server = await serve({ pageFolder: builtPage() });
    const response = await raw(server, path);
    expect(response.statusCode).toBe(404);
    expect(response.headers['content-security-policy']).toContain(`default-src 'none'`);
  });

  test('[SV1] without a built page the tracker says so; other methods are refused', async () => {
    const server = await serve();
    expect((await get(server, '/')).status).toBe(503);
    expect((await get(server, '/', { method: 'POST' })).status).toBe(405);
    expect((await get(server, '/config', { method: 'DELETE' })).status).toBe(405);
    expect(
      (await raw(server, '/config', 'CONSTRUCTOR').catch(() => ({ statusCode: 400 }))).statusCode,
    ).toBeGreaterThanOrEqual(400);
  });

  test('[SV3] /config: nobody else is contacted unless the operator says so', async () => {
    expect(await (await get(await serve(), '/config')).json()).toEqual({ iceServers: [] });
    const turn = { urls: ['turn:turn.example:3478'], secret: 'north', lifeSeconds: 3600 };
    const server = await serve({ iceServers: [{ urls: 'stun:stun.example' }], turn });
    const { iceServers } = (await (await get(server, '/config')).json()) as {
      iceServers: { username: string }[];
    };
    expect(iceServers).toMatchObject([{ urls: 'stun:stun.example' }, { urls: turn.urls }]);
    expect(Number(iceServers[1]?.username.split(':')[0])).toBeGreaterThan(Date.now() / 1000 + 3500);
  });

  test('[TR6] /scrape answers several swarms and refuses what is none', async () => {
    const server = await serve();
    const a = await connect(server.port);
    a.say(announce(one, { left: 0 }));
    await a.hear('peers');
    const answer = await get(server, `/scrape?swarm=${swarmA}&swarm=${swarmB}`);
    expect(await answer.json()).toEqual({
      swarms: {
        [swarmA]: { complete: 1, incomplete: 0, downloaded: 0 },
        [swarmB]: { complete: 0, incomplete: 0, downloaded: 0 },
      },
    });
    expect((await get(server, '/scrape')).status).toBe(400);
    expect((await get(server, '/scrape?swarm=xyz')).status).toBe(400);
    expect((await get(server, `/scrape?${`swarm=${swarmA}&`.repeat(101)}`)).status).toBe(400);
  });

  test('[SV8] /health and /metrics', async () => {
    const server = await serve();
    expect(await (await get(server, '/health')).json()).toEqual({ status: 'ok' });
    const a = await connect(server.port);
    a.say(announce(one));
    a.raw('x');
    await a.hear('peers');
    await a.hear('error');
    const metrics = await (await get(server, '/metrics')).text();
    for (const line of [
      'shoal_sockets 1',
      'shoal_swarms 1',
      'shoal_peers 1',
      'shoal_announces_total 1',
      'shoal_rejections_total{why="bad-json"} 1',
    ]) {
      expect(metrics).toContain(line);
    }
    expect(metrics).toContain('shoal_message_seconds_bucket');
    expect(metrics).toContain('eventloop_lag');
    expect((await get(await serve({ metrics: false }), '/metrics')).status).toBe(404);
  });

  test('[SV9] TorrentInno announces and hears of everybody, itself too', async () => {
    const server = await serve();
    const post = (body: string) => get(server, '/peers', { method: 'POST', body });
    const peer = (peerId: string) => ({ peerId, infoHash: 'H', publicIp: '10.0.0.1', publicPort: '46389' });
    expect(await (await post(JSON.stringify(peer('p')))).json()).toEqual({
      infoHash: 'H',
      peers: [peer('p')],
    });
    expect(await (await post(JSON.stringify(peer('q')))).json()).toEqual({
      infoHash: 'H',
      peers: expect.arrayContaining([peer('p'), peer('q')]),
    });
    for (const body of [
      '',
      'x',
      '[]',
      '{}',
      JSON.stringify({ ...peer('p'), publicPort: 46389 }),
      ' '.repeat(5_000),
    ]) {
      const refused = await post(body);
      expect([refused.status, await refused.text()]).toEqual([400, '']);
    }
    expect((await get(server, '/peers')).status).toBe(403);
    const open = await serve({ listPeers: true });
    await get(open, '/peers', { method: 'POST', body: JSON.stringify(peer('__proto__')) });
    expect(await (await get(open, '/peers')).text()).toBe(
      `{"H":{"__proto__":${JSON.stringify(peer('__proto__'))}}}`,
    );
  });

  test('[SV5] a long answer costs as many requests as it has 16 KiB', async () => {
    const folder = builtPage();
    writeFileSync(join(folder, 'assets', 'large.js'), Buffer.alloc(5 * 16_384));
    const server = await serve({ pageFolder: folder, rateLimit: 8 / 4_000 });
    expect((await get(server, '/assets/large.js')).status).toBe(200);
    // One for the request and five for its answer are gone; two are left.
    const statuses = [];
    for (let times = 0; times < 3; times++) statuses.push((await get(server, '/health')).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  test('[SV4] a request that comes drop by drop is cut off', async () => {
    const server = await serve({ patience: { headers: 100, request: 200, check: 50 } });
    for (const drops of [
      'GET / HTTP/1.1\r\nHost: x',
      'POST /peers HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{',
    ]) {
      const ended = new Promise<string>((resolve) => {
        let heard = '';
        const socket = connectTcp(server.port, '127.0.0.1', () => socket.write(drops));
        socket.on('data', (data) => (heard += String(data)));
        socket.on('close', () => resolve(heard));
      });
      expect(await ended).toMatch(/^(HTTP\/1\.1 408|$)/);
    }
  });

  test('[SV2] [SV7] https with a certificate of its own, the tracker too', async () => {
    const pem = (name: string) => readFileSync(new URL(`./testing/${name}.pem`, import.meta.url), 'utf8');
    const tls = { cert: pem('localhost-cert'), key: pem('localhost-key') };
    const server = await serve({ tls, host: 'localhost' });
    expect(server.url).toBe(`https://localhost:${server.port}`);
    const headers = await new Promise<IncomingMessage['headers']>((resolve, reject) => {
      const asked = { ca: tls.cert, servername: 'localhost', headers: { host: 'shoal.example' } };
      getHttps(`${server.url}/`, asked, (response) => resolve(response.headers)).on('error', reject);
    });
    expect(headers['strict-transport-security']).toBeDefined();
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    const socket = new WebSocket(`wss://localhost:${server.port}/tracker`, { ca: tls.cert });
    const answer = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
    socket.once('open', () => socket.send('x'));
    expect(await answer).toContain('bad-json');
  });

  test('[SV4] bytes that are no HTTP are answered and the server goes on', async () => {
    const server = await serve();
    const answered = new Promise<string>((resolve) => {
      const socket = connectTcp(server.port, '127.0.0.1', () =>
        socket.write('\u0016\u0003\u0001 nonsense\r\n\r\n'),
      );
      socket.once('data', (data) => resolve(String(data)));
    });
    expect(await answered).toContain('400');
    expect((await get(server, '/health')).status).toBe(200);
  });
});
