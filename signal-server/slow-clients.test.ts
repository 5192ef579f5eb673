/** Clients that keep a socket open and do as little with it as they can: what each of them meets in the end. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { configFrom } from './config.ts';
import { MAX_PIPELINED } from './http-links.ts';
import { PATIENCE, httpServer } from './http-server.ts';
import { SPARE_CONNECTIONS } from './limits.ts';
import { startServer } from './server.ts';
import type { RunningServer, ServerOptions } from './server.ts';
import { announce, connect, one } from './testing/client.ts';
import { HeardLog } from './testing/fakes.ts';

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function serve(options: ServerOptions = {}): Promise<RunningServer> {
  const server = await startServer({ host: '127.0.0.1', port: 0, log: new HeardLog(), ...options });
  cleanUps.push(() => server.close());
  return server;
}

/** A client that closes nothing by itself, and says what it is given. */
function hold(server: Pick<RunningServer, 'port'>, says: string | Buffer = '') {
  const { port } = server;
  const socket = connectTcp({ host: '127.0.0.1', port, allowHalfOpen: true });
  cleanUps.push(() => void socket.destroy());
  socket.on('error', () => undefined);
  let heard = '';
  socket.on('data', (data) => (heard += String(data)));
  socket.once('connect', () => socket.write(says));
  return {
    socket,
    connected: new Promise<void>((resolve) => socket.once('connect', () => resolve())),
    heard: () => heard,
    hears: (text: string) =>
      new Promise<void>((resolve) => {
        const look = () => heard.includes(text) && resolve();
        socket.on('data', look);
        look();
      }),
    ended: new Promise<void>((resolve) => socket.once('end', () => resolve())),
    gone: new Promise<void>((resolve) => socket.once('close', () => resolve())),
  };
}

/** Settles when the other end knows nothing of this socket any more: what it is sent comes back as a reset. */
function destroyed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const knock = setInterval(() => socket.write('x'), 5);
    socket.once('close', () => {
      clearInterval(knock);
      resolve();
    });
  });
}

const upgrade = (path: string, more = '') =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${more}\r\n`;

/** A masked text frame. */
function frame(first: number, payload: Buffer): Buffer {
  const header = Buffer.from([first, 0xfe, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}

describe('sockets that are held open', () => {
  test('[SV4] a refused WebSocket is destroyed, however long the other end keeps its side open', async () => {
    const server = await serve({
      patience: { closing: 50 },
      allowedOrigins: new Set(['https://share.example']),
    });
    for (const [says, status] of [
      [upgrade('/elsewhere'), '404'],
      [upgrade('/tracker', 'Origin: https://evil.example\r\n'), '403'],
      [upgrade('/tracker').replace('Version: 13', 'Version: 99'), '4'],
      [upgrade('/tracker').replace('Key: A', 'Key: '), '400'],
    ] as const) {
      const client = hold(server, says);
      await client.ended;
      expect(client.heard()).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
      await destroyed(client.socket);
    }
  });

  test('[SV5] a refused WebSocket costs like a request: over the limit they are all refused', async () => {
    const server = await serve({ rateLimit: 2 / 4_000, patience: { closing: 50 } });
    for (const status of ['404', '404', '429', '429']) {
      const client = hold(server, upgrade('/elsewhere'));
      await client.ended;
      expect(client.heard()).toContain(status);
    }
    expect((await fetch(`http://127.0.0.1:${server.port}/health`)).status).toBe(429);
  });

  test('[SV4] who sends no request, or no end of its headers, is cut off', async () => {
    const server = await serve({ patience: { headers: 50, request: 100, check: 20 } });
    for (const says of ['', 'GET / HTTP/1.1\r\nHost: x\r\n']) await destroyed(hold(server, says).socket);
  });

  test('[SV4] a TLS handshake that does not go on is cut off', async () => {
    const pem = (name: string) => readFileSync(new URL(`./testing/${name}.pem`, import.meta.url), 'utf8');
    const tls = { cert: pem('localhost-cert'), key: pem('localhost-key') };
    const server = await serve({ tls, patience: { handshake: 50 } });
    for (const says of ['', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00])]) await hold(server, says).ended;
  });

  test('[SV5] an address has so many connections and no more, whatever they are for', async () => {
    const server = await serve({ rateLimit: 1 / 500 });
    const clients = Array.from({ length: 101 }, () => hold(server));
    await Promise.all(clients.map(({ connected }) => connected));
    await hold(server).gone;
    clients[0]!.socket.destroy();
    await clients[0]!.gone;
    // The server hears of it a moment later.
    for (let served = false; !served;) {
      const again = hold(server, 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
      await Promise.race([again.hears('200 OK').then(() => (served = true)), again.ended, again.gone]);
    }
  });

  test('[SV4] a WebSocket that is to be closed and is not is destroyed', async () => {
    const server = await serve({ patience: { closing: 50 } });
    const tooLong = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0]);
    const client = hold(server, upgrade('/tracker'));
    await client.hears('101');
    client.socket.write(tooLong);
    await client.hears('\u0003\ufffd'); // 1009
    await destroyed(client.socket);
  });

  test('[SV4] a message in a thousand fragments closes its own socket, and no other', async () => {
    const server = await serve();
    const [client, other] = [hold(server, upgrade('/tracker')), await connect(server.port)];
    await client.hears('101');
    client.socket.write(
      Buffer.concat([
        frame(0x01, Buffer.alloc(1)),
        ...Array<Buffer>(1_000).fill(frame(0x00, Buffer.alloc(1))),
      ]),
    );
    await client.ended;
    other.say(announce(one));
    await other.hear('peers');
  });

  test('[SV11] whatever clients hold open, the port is free in the end', async () => {
    const server = await serve();
    const refused = hold(server, upgrade('/elsewhere'));
    const open = hold(server, upgrade('/tracker'));
    const half = hold(server, 'POST /peers HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
    const silent = hold(server);
    await Promise.all([refused.ended, open.hears('101'), half.connected, silent.connected]);
    open.socket.write(frame(0x01, Buffer.alloc(5)));
    await server.close();
    await Promise.all([refused, open, half, silent].map(({ socket }) => destroyed(socket)));
    const again = await startServer({ host: '127.0.0.1', port: server.port, log: new HeardLog() });
    await again.close();
  });
});

describe('answers that nobody reads', () => {
  function pageOf(bytes: number): string {
    const folder = mkdtempSync(join(tmpdir(), 'shoal-page-'));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'assets', 'large.js'), Buffer.alloc(bytes, 'x'));
    return folder;
  }
  const asks = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
  const from = (address: string) => `X-Forwarded-For: ${address}\r\n`;
  /** Far more than the network takes by itself. */
  const LARGE = 12_000_000;

  /** Asks, as somebody else, until the server has refused something for that reason; `meanwhile` time may pass. */
  async function refusedFor(server: RunningServer, why: string, meanwhile: () => void): Promise<void> {
    for (let serial = 0; ; serial++) {
      meanwhile();
      const asking = hold(server, asks('/metrics', `${from(`10.0.${serial}.1`)}Connection: close\r\n`));
      await asking.ended;
      asking.socket.destroy();
      if (asking.heard().includes(`shoal_rejections_total{why="${why}"}`)) return;
    }
  }

  test('[SV4] are cut off when their time is over', async () => {
    const time = { now: 0 };
    const folder = pageOf(LARGE);
    const server = await serve({ pageFolder: folder, clock: () => time.now, rateLimit: null });
    const slow = hold(server, asks('/assets/large.js'));
    slow.socket.pause();
    await refusedFor(server, 'slow-reader', () => (time.now += 100_000));
    slow.socket.resume();
    await Promise.race([slow.ended, slow.gone]);
    expect(slow.heard().length).toBeLessThan(LARGE);
  });

  test('[SV5] of one address have a bound together: the largest is cut off, and others are served', async () => {
    const { trustedProxies } = configFrom({ TRUSTED_PROXIES: 'loopback' }, () => '');
    const server = await serve({ pageFolder: pageOf(LARGE), trustedProxies });
    const readers = Array.from({ length: 6 }, () => {
      const reader = hold(server, asks('/assets/large.js', from('203.0.113.1')));
      reader.socket.pause();
      return reader;
    });
    await refusedFor(server, 'memory', () => undefined);
    for (const { socket } of readers) socket.resume();
    await Promise.race(readers.map(({ ended, gone }) => Promise.race([ended, gone])));
  });

  test('[SV4] a connection that asks for a hundred things before it reads one is cut off', async () => {
    const server = await serve();
    const greedy = hold(server, asks('/metrics').repeat(100));
    await Promise.race([greedy.ended, greedy.gone]);
    const modest = hold(server, asks('/health').repeat(MAX_PIPELINED) + asks('/nothing'));
    await Promise.race([modest.ended, modest.gone]);
    expect(modest.heard()).toBe('');
    const patient = hold(server, asks('/health').repeat(MAX_PIPELINED - 1) + asks('/nothing'));
    await patient.hears('nothing here');
    expect(patient.heard().match(/200 OK/g)).toHaveLength(MAX_PIPELINED - 1);
  });

  test('[SV4] what is one request too many is read no further, whatever one packet brings with it', async () => {
    let asked = 0;
    const http = httpServer(null, PATIENCE, () => asked === 3);
    http.on('request', () => asked++);
    const stopped = new Promise<void>((resolve) => {
      http.on('upgrade', (_request, socket) => {
        socket.destroy();
        resolve();
      });
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => void http.close());
    const { port } = http.address() as AddressInfo;
    hold({ port }, asks('/').repeat(1_000));
    await stopped;
    expect(asked).toBe(3);
  });

  test('[SV5] of one address that opens one connection after the other are refused beyond its share', async () => {
    const server = await serve({ rateLimit: 1e-6 });
    for (let nth = 0; nth < SPARE_CONNECTIONS; nth++) {
      const { socket, connected } = hold(server);
      await connected;
      socket.destroy();
    }
    await hold(server).gone;
  });
});

describe('requests with an Upgrade header that asks for no WebSocket', () => {
  const asked = (method: string, path: string, body = '', upgrading = 'h2c') =>
    `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${upgrading}\r\n` +
    `HTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  test.each([
    ['GET', '/health', '', '200 OK', '"status":"ok"'],
    ['GET', '/', '', '503', 'not been built'],
    ['GET', '/nothing', '', '404', 'nothing here'],
    [
      'POST',
      '/peers',
      JSON.stringify({ peerId: 'p', infoHash: 'h', publicIp: '10.0.0.1', publicPort: '1' }),
      '200 OK',
      '"peers":[{"peerId":"p"',
    ],
    ['POST', '/peers', 'x', '400', ''],
  ])('[SV1] %s %s is answered as the request that it is', async (method, path, body, status, answer) => {
    const server = await serve();
    for (const upgrading of ['h2c', 'HTTP/2.0', 'websocket, h2c', 'TLS/1.0']) {
      const client = hold(server, asked(method, path, body, upgrading));
      await client.hears(answer || status);
      expect(client.heard()).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
      client.socket.destroy();
    }
  });

  test('[SV1] the connection goes on with the next request, and with a WebSocket', async () => {
    const server = await serve();
    const client = hold(server, asked('GET', '/health'));
    await client.hears('"status":"ok"');
    client.socket.write(asked('POST', '/config', '{"some":"body"}'));
    await client.hears('405');
    client.socket.write(`${asked('GET', '/config')}`);
    await client.hears('iceServers');
    client.socket.write(upgrade('/tracker'));
    await client.hears('101 Switching Protocols');
  });

  test('[SV5] who goes on over the limit has to connect anew for each request', async () => {
    const server = await serve({ rateLimit: 1 / 4_000 });
    const client = hold(server, asked('GET', '/health'));
    await client.hears('"status":"ok"');
    client.socket.write(asked('GET', '/health'));
    await client.hears('HTTP/1.1 429');
    await client.ended;
  });

  test('[SV5] an expectation that nobody knows is answered and counted like any request', async () => {
    const server = await serve({ rateLimit: 2 / 4_000 });
    for (const status of ['200', '200', '429']) {
      const client = hold(server, 'GET /health HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n\r\n');
      await client.hears(`HTTP/1.1 ${status}`);
    }
  });

  test('[SV1] what asks for a WebSocket with something else than GET is an ordinary request', async () => {
    const server = await serve();
    const client = hold(server, asked('POST', '/config', '{}', 'websocket'));
    await client.hears('405');
  });
});
