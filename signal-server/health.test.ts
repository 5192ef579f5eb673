import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createTcp } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { askHealth, healthFrom } from './health.ts';
import { startServer } from './server.ts';
import type { ServerOptions } from './server.ts';
import { freePort } from './testing/services.ts';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const CERT = file('./testing/localhost-cert.pem');
const KEY = file('./testing/localhost-key.pem');
const tls = { cert: readFileSync(CERT, 'utf8'), key: readFileSync(KEY, 'utf8') };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function portOf(options: ServerOptions): Promise<number> {
  const server = await startServer({ port: 0, logLevel: 'silent', ...options });
  cleanUps.push(() => server.close());
  return server.port;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const answering = (listener: RequestListener) => listening(createServer(listener));

/** Addresses of this machine other than loopback; of IPv6 none that is good on one link alone. */
const others = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .filter(({ internal, address }) => !internal && !address.startsWith('fe80'));
const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
);

describe('[SV14] a server that is well', () => {
  test.each([
    [null, '127.0.0.1'],
    ['127.0.0.1', '127.0.0.1'],
    ['localhost', 'localhost'],
    ['0.0.0.0', '127.0.0.1'],
  ])('with HOST %s is found at %s, over http and https', async (host, shown) => {
    for (const [scheme, security] of [
      ['http', null],
      ['https', tls],
    ] as const) {
      const port = await portOf({ host, tls: security });
      expect(await askHealth({ host, port, tls: security })).toEqual({
        well: true,
        sentence: `The server at ${scheme}://${shown}:${port} is well.`,
      });
    }
  });

  test.skipIf(!hasIpv6).each(['::', '::1', '0:0::0'])('with HOST %s is found at ::1', async (host) => {
    for (const security of [null, tls]) {
      const port = await portOf({ host, tls: security });
      const health = await askHealth({ host, port, tls: security });
      expect(health).toMatchObject({
        well: true,
        sentence: expect.stringContaining(`://[::1]:${port} is well`),
      });
    }
  });

  test.skipIf(others.length === 0)('with HOST an address of this machine is found there', async () => {
    for (const { address: host } of others) {
      const port = await portOf({ host, tls });
      expect(await askHealth({ host, port, tls })).toMatchObject({ well: true });
      // Nowhere else: the check of old asked the loopback.
      expect(await askHealth({ host: '127.0.0.1', port, tls })).toMatchObject({ well: false });
    }
  });
});

describe('[SV14] a server that is not', () => {
  const config = (port: number) => ({ host: '127.0.0.1', port, tls: null });

  test('is down', async () => {
    const port = await freePort();
    expect(await askHealth(config(port))).toEqual({
      well: false,
      sentence: `The server at http://127.0.0.1:${port} does not answer: ECONNREFUSED.`,
    });
  });

  test.each([500, 503, 404])('answers %i', async (status) => {
    const port = await answering((_request, response) => response.writeHead(status).end('{"status":"ok"}'));
    expect(await askHealth(config(port))).toEqual({
      well: false,
      sentence: `http://127.0.0.1:${port}/health answers ${status}.`,
    });
  });

  test.each(['hello', '{}', '{"status":"ill"}', '[]', ''])('is somebody else, who says %j', async (body) => {
    const port = await answering((_request, response) => response.end(body));
    expect(await askHealth(config(port))).toMatchObject({
      well: false,
      sentence: expect.stringMatching(/is no Shoal/),
    });
  });

  test('takes the connection and says nothing, or stops in the middle', async () => {
    const sockets: Socket[] = [];
    const mute = await listening(createTcp((socket) => void sockets.push(socket)));
    const halting = await answering((_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('{');
    });
    for (const port of [mute, halting]) {
      expect(await askHealth(config(port), 50)).toEqual({
        well: false,
        sentence: `The server at http://127.0.0.1:${port} does not answer: it took too long.`,
      });
    }
    for (const socket of sockets) socket.destroy();
  });

  test('cuts the connection, or speaks no HTTP', async () => {
    const cutting = await listening(createTcp((socket) => void socket.destroy()));
    const foreign = await listening(createTcp((socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
    for (const port of [cutting, foreign]) {
      expect(await askHealth(config(port))).toMatchObject({
        well: false,
        sentence: expect.stringMatching(/does not answer: \w/),
      });
    }
  });

  test('speaks plain http where https is configured, and the other way round', async () => {
    const [plain, secure] = [await portOf({ host: '127.0.0.1' }), await portOf({ host: '127.0.0.1', tls })];
    expect(await askHealth({ ...config(plain), tls })).toMatchObject({ well: false });
    expect(await askHealth(config(secure))).toMatchObject({ well: false });
  });
});

describe('[SV14] [SV7] the configuration', () => {
  const unread = () => {
    throw new Error('ENOENT');
  };

  test('that the server would refuse is told in the same sentence', async () => {
    expect(await healthFrom({ PORT: 'http' }, unread)).toEqual({
      well: false,
      sentence: 'PORT must be a whole number from 0 to 65535; it is "http".',
    });
    expect(await healthFrom({ TLS_CERT: 'a', TLS_KEY: 'b' }, unread)).toMatchObject({
      well: false,
      sentence: expect.stringMatching(/^TLS_CERT names a file/),
    });
  });

  test('that lets the server take any port cannot be asked', async () => {
    expect(await healthFrom({ PORT: '0' }, unread)).toMatchObject({
      well: false,
      sentence: expect.stringMatching(/^PORT is 0/),
    });
  });
});

describe('[SV14] the health command of the Dockerfile', () => {
  const dockerfile = readFileSync(file('../Dockerfile'), 'utf8');
  const [program = '', ...args] = JSON.parse(
    /^HEALTHCHECK .*CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]',
  ) as string[];

  function run(
    environment: Record<string, string>,
  ): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      cwd: file('..'),
      env: { ...process.env, HOST: '', TLS_CERT: '', TLS_KEY: '', ...environment },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => (out += String(data)));
    child.stderr.on('data', (data) => (err += String(data)));
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  }

  test('is 0 for servers that are well, with a certificate and on another address too', async () => {
    const secure = { TLS_CERT: CERT, TLS_KEY: KEY };
    const elsewhere = others.slice(0, 1).map(({ address }) => ({ HOST: address, ...secure }));
    const environments: Record<string, string>[] = [{}, secure, ...elsewhere];
    for (const environment of environments) {
      const port = await portOf({
        host: environment['HOST'] ?? null,
        tls: environment['TLS_CERT'] === undefined ? null : tls,
      });
      expect(await run({ ...environment, PORT: String(port) })).toMatchObject({ code: 0, err: '' });
    }
  });

  test('is 1 with a sentence where nothing listens', async () => {
    const port = await freePort();
    expect(await run({ PORT: String(port) })).toEqual({
      code: 1,
      out: '',
      err: `The server at http://127.0.0.1:${port} does not answer: ECONNREFUSED.\n`,
    });
  });
});
