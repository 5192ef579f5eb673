/** [HL66] The command `shoal lend` as a process, a web server on this machine, and a peer that cannot fetch from it itself. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { anyAddress } from '../cli/web/address-policy.ts';
import { ShoalProcess } from '../cli/testing/shoal-process.ts';
import { TestHost } from '../cli/testing/test-host.ts';
import { anyHost } from '../shared/url/literal-address.ts';
import { someBytes } from '../shared/peer/testing/test-peer.ts';
import { startServer } from '../signal-server/server.ts';
import type { RunningServer } from '../signal-server/server.ts';
import { Folder } from './files.ts';
import { createHash } from 'node:crypto';

const BYTES = someBytes(8_000_000);
let folder: Folder;
let server: RunningServer;
let web: Server;
let origin: string;

beforeEach(async () => {
  folder = await Folder.make();
  server = await startServer({ host: '127.0.0.1', port: 0, logLevel: 'silent' });
  web = createServer((request, response) => {
    const [, first = '0', last = '0'] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    response.writeHead(206, { 'content-range': `bytes ${first}-${last}/${BYTES.length}`, etag: '"a"' });
    response.end(BYTES.subarray(Number(first), Number(last) + 1));
  });
  await new Promise<void>((listening) => web.listen(0, '127.0.0.1', listening));
  origin = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
});
afterEach(async () => {
  web.closeAllConnections();
  await new Promise((closed) => web.close(closed));
  await server.close();
  await folder.remove();
});

test('[HL66] [WS33] fetches for who cannot, says what it does, and ends by a signal', async () => {
  const serverUrl = `http://127.0.0.1:${server.port}`;
  const env = { SHOAL_SERVER: serverUrl, XDG_STATE_HOME: folder.path, SHOAL_WEB_PRIVATE: 'on' };
  const lend = new ShoalProcess(['lend', '--json', '--limit-daily', '1GB'], { folder: folder.path, env });
  await lend.told('note');
  const client = await TestHost.start(serverUrl, {
    ...{ mayConnect: anyAddress, mayAskHost: anyHost },
    ports: {
      webRanges: {
        fetch: (_, listener) => {
          queueMicrotask(() => listener.failed('unreachable', 0));
          return () => undefined;
        },
      },
    },
  });
  const asked = await client.host.peer.webFiles.fetch(`${origin}/film.bin`);
  if (asked.kind !== 'begun') throw new Error(asked.kind);
  await client.told(asked.infoHash, ({ storedBytes }) => storedBytes === BYTES.length);
  expect(await client.sha256(asked.infoHash)).toBe(createHash('sha256').update(BYTES).digest('hex'));
  expect(lend.of('lent')).toMatchObject([{ kind: 'began', url: `${origin}/film.bin`, bytes: BYTES.length }]);
  await client.host.close();
  lend.child.kill('SIGTERM');
  expect([await lend.ended, lend.of('interrupted')[0]?.message]).toEqual([
    130,
    expect.stringMatching(/^Stopped\. \d.* were fetched for others today\.$/),
  ]);
});
