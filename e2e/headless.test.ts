/** Hosts as they run: the real signal server, real WebRTC, real sockets; only their disks are in memory. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { infoHashOf, requestOf, someBytes } from '../shared/peer/testing/test-peer.ts';
import { startServer } from '../signal-server/server.ts';
import type { RunningServer } from '../signal-server/server.ts';
import { startCoturn } from './services.ts';
import type { HostOptions } from '../cli/host.ts';
import type { loadWebRtc } from '../cli/net/web-rtc.ts';
import { TestHost } from '../cli/testing/test-host.ts';

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const RECEIVING = fileURLToPath(new URL('../cli/testing/receiving-process.ts', import.meta.url));
const CONTENT = someBytes(4_000_000);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');
const FILE = requestOf([['film.bin', CONTENT]], { pieceBytes: 262_144 });

let server: RunningServer;
const hosts: TestHost[] = [];

beforeEach(async () => {
  server = await startServer({ host: '127.0.0.1', port: 0, log: SILENT });
});
afterEach(async () => {
  await Promise.all(hosts.splice(0).map(({ host }) => host.close()));
  await server.close();
});

async function started(more: Partial<HostOptions> = {}): Promise<TestHost> {
  const host = await TestHost.start(`http://127.0.0.1:${server.port}`, more);
  hosts.push(host);
  return host;
}

describe('[HL20] hosts in Node', () => {
  test('[HL21] [HL23] give each other a file by WebRTC within their network, and tell each other at once when they go', async () => {
    const [sharer, receiver] = [await started(), await started()];
    const share = infoHashOf(await sharer.host.peer.share(FILE));
    await receiver.host.peer.download(share);
    const { peers } = await receiver.told(share, ({ phase }) => phase === 'complete');
    expect(peers.map(({ path }) => path)).toEqual(['lan']);
    expect(await receiver.sha256(share)).toBe(SHA256);
    await sharer.host.close();
    await receiver.told(share, ({ peers: left }) => left.length === 0);
  });

  test('can be started again after all of a process were closed', async () => {
    const first = await started();
    await first.host.close();
    const [sharer, receiver] = [await started(), await started()];
    const share = infoHashOf(await sharer.host.peer.share(FILE));
    await receiver.host.peer.download(share);
    await receiver.told(share, ({ phase }) => phase === 'complete');
  });

  test('let their process end by itself and without a word, with a connection that was open until then', async () => {
    const sharer = await started();
    const share = infoHashOf(await sharer.host.peer.share(FILE));
    const url = `http://127.0.0.1:${server.port}`;
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', RECEIVING, url, share],
      { timeout: 50_000 },
    );
    expect(JSON.parse(stdout)).toEqual({ sha256: SHA256, paths: ['lan'] });
    expect(stderr).toBe('');
    await sharer.told(share, ({ peers }) => peers.length === 0);
  });

  test('[HL21] go on without the optional package, and say in a sentence that browsers cannot be reached', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    const { loadWebRtc: load } = await freshLibrary();
    const { host } = await started({ webRtc: () => load(() => Promise.reject(missing)) });
    expect(host.unreachable).toMatch(/^The optional package node-datachannel is not installed, so /);
    const broken = await load(() => Promise.reject(new Error('GLIBC_2.38 not found')));
    expect(broken).toMatchObject({ kind: 'missing', sentence: expect.stringContaining('cannot be loaded') });
    expect((await started()).host.unreachable).toBeNull();
  });

  test('[HL22] wait for a server that is away, and go on when it is back', async () => {
    const { port } = server;
    const sharer = await started();
    const share = infoHashOf(await sharer.host.peer.share(FILE));
    await sharer.told(share, ({ trackerOnline }) => trackerOnline);
    await server.close();
    await sharer.told(share, ({ trackerOnline }) => !trackerOnline);
    const receiver = await started();
    await receiver.host.peer.download(share);
    server = await startServer({ host: '127.0.0.1', port, log: SILENT });
    await receiver.told(share, ({ phase }) => phase === 'complete');
  });
});

describe('[HL22] [LB14] through relays alone', () => {
  test('hosts meet at their relays, and neither is told an address of the other', async ({ skip }) => {
    // An address that nobody here has: as in a real network, a relay is not where those are who use it.
    const coturn = await startCoturn('test-secret', '127.0.0.2');
    if (coturn.kind === 'missing') return skip(coturn.sentence);
    onTestFinished(() => coturn.stop());
    await server.close();
    const turn = { urls: coturn.urls, secret: coturn.secret, lifeSeconds: 3_600 };
    server = await startServer({ host: '127.0.0.1', port: 0, log: SILENT, turn });
    const [sharer, receiver] = [await started({ relayOnly: true }), await started({ relayOnly: true })];
    const share = infoHashOf(await sharer.host.peer.share(FILE));
    await receiver.host.peer.download(share);
    const { peers } = await receiver.told(share, ({ phase }) => phase === 'complete');
    expect(peers.map(({ path }) => path)).toEqual(['relayed']);
    expect(await receiver.sha256(share)).toBe(SHA256);
  });
});

/** A module of its own, which has loaded nothing yet. */
async function freshLibrary(): Promise<{ loadWebRtc: typeof loadWebRtc }> {
  vi.resetModules();
  return import('../cli/net/web-rtc.ts');
}
