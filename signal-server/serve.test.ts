import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { connect } from './testing/client.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

function start(environment: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
    env: { ...process.env, HOST: '127.0.0.1', LOG_LEVEL: 'info', ...environment },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += String(text)));
  child.stderr.on('data', (text) => (err += String(text)));
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, out, err }));
  });
  const address = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = /http:\/\/\S+/.exec(out);
      if (found) resolve(found[0]);
    });
    child.on('close', () => reject(new Error(err)));
  });
  // Where a test waits only for the end.
  address.catch(() => undefined);
  return { child, address, ended };
}

describe('the server as a process', () => {
  test('[SV1] [SV11] says where it is, and stops in good order when it is told to', async () => {
    const { child, address, ended } = start({ PORT: '0' });
    const { port } = new URL(await address);
    const client = await connect(Number(port));
    child.kill('SIGTERM');
    expect(await client.hear('error')).toMatchObject({ code: 'restarting' });
    expect(await client.closed()).toMatchObject({ code: 1012 });
    expect((await ended).code).toBe(0);
  });

  test('[SV11] told twice, as npm does after the terminal, it still stops in good order', async () => {
    const { child, address, ended } = start({ PORT: '0' });
    const client = await connect(Number(new URL(await address).port));
    child.kill('SIGINT');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    expect(await client.closed()).toMatchObject({ code: 1012 });
    expect((await ended).code).toBe(0);
  });

  test('[SV11] told to stop while it waits for Redis, it stops', async () => {
    const mute = createServer();
    const asked = new Promise<Socket>((resolve) => mute.once('connection', resolve));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as AddressInfo;
    const { child, ended } = start({ PORT: '0', REDIS_URL: `redis://127.0.0.1:${port}` });
    const socket = await asked;
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    socket.destroy();
    mute.close();
  });

  test('[SV7] a port that is taken, or no port at all, is one sentence', async () => {
    const first = start({ PORT: '0' });
    const { port } = new URL(await first.address);
    const second = await start({ PORT: port }).ended;
    expect(second.code).toBe(1);
    expect(second.err).toBe(
      `Port ${port} is taken: another program, or another Shoal, is using it. Stop it, or choose another port with PORT=8001.\n`,
    );
    first.child.kill('SIGTERM');
    await first.ended;
    const third = await start({ PORT: 'http' }).ended;
    expect([third.code, third.err]).toEqual([
      1,
      'PORT must be a whole number from 0 to 65535; it is "http".\n',
    ]);
  });

  test('[SV7] a certificate that is none, or another key than its own', async () => {
    const pem = (name: string) => fileURLToPath(new URL(`./testing/${name}.pem`, import.meta.url));
    const wrong = { TLS_CERT: pem('localhost-key'), TLS_KEY: pem('localhost-key') };
    const { code, err } = await start({ PORT: '0', ...wrong }).ended;
    expect(code).toBe(1);
    expect(err).toBe('TLS_CERT must name a PEM file that holds a certificate.\n');
  });

  test('[SV7] an address that this machine does not have', async () => {
    const { code, err } = await start({ PORT: '0', HOST: '203.0.113.1' }).ended;
    expect(code).toBe(1);
    expect(err).toMatch(/^HOST names an address/);
  });
});
