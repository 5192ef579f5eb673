/** [HL66] The command `shoal lend` as a process, a web server on this machine, and a peer that cannot fetch from it itself. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { anyAddress } from '../cli/web/address-policy.ts';
import { ShoalProcess } from '../cli/testing/shoal-process.ts';
import { TestHost } from '../cli/testing/test-host.ts';
import type { InfoHash } from '../shared/ids.ts';
import { anyHost } from '../shared/url/literal-address.ts';
import { someBytes } from '../shared/peer/testing/test-peer.ts';
import { startServer } from '../signal-server/server.ts';
import type { RunningServer } from '../signal-server/server.ts';
import { Folder } from './files.ts';

const BYTES = someBytes(8_000_000);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
let folder: Folder;
let server: RunningServer;
let web: Server;
let origin: string;
/** So many ranges are answered; those behind them wait here. */
let mostAnswered = Infinity;
let held: (() => void)[] = [];
let wasHeld: () => void = () => undefined;

beforeEach(async () => {
  folder = await Folder.make();
  [mostAnswered, held] = [Infinity, []];
  server = await startServer({ host: '127.0.0.1', port: 0, logLevel: 'silent' });
  web = createServer((request, response) => {
    const [, first = '0', last = '0'] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const answer = (): void => {
      response.writeHead(206, { 'content-range': `bytes ${first}-${last}/${BYTES.length}`, etag: '"a"' });
      response.end(BYTES.subarray(Number(first), Number(last) + 1));
    };
    if (last === '0' || mostAnswered-- > 0) return answer();
    held.push(answer);
    wasHeld();
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

function lender(name: string): ShoalProcess {
  const env = {
    SHOAL_SERVER: `http://127.0.0.1:${server.port}`,
    XDG_STATE_HOME: join(folder.path, name),
    SHOAL_WEB_PRIVATE: 'on',
  };
  return new ShoalProcess(['lend', '--json', '--limit-daily', '1GB', '--host', '127.0.0.1'], {
    folder: folder.path,
    env,
  });
}

/** It can ask what is there, and fetch nothing itself. */
function helpless(): Promise<TestHost> {
  return TestHost.start(`http://127.0.0.1:${server.port}`, {
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
}

async function begun(client: TestHost): Promise<InfoHash> {
  const asked = await client.host.peer.webFiles.fetch(`${origin}/film.bin`);
  if (asked.kind !== 'begun') throw new Error(asked.kind);
  return asked.infoHash;
}

test('[HL66] [WS33] fetches for who cannot, says what it does, and ends by a signal', async () => {
  const lend = lender('one');
  await lend.told('note');
  const client = await helpless();
  const file = await begun(client);
  await client.told(file, ({ storedBytes }) => storedBytes === BYTES.length);
  expect(await client.sha256(file)).toBe(SHA256);
  expect(lend.of('lent')).toMatchObject([{ kind: 'began', url: `${origin}/film.bin`, bytes: BYTES.length }]);
  await client.host.close();
  lend.child.kill('SIGTERM');
  expect([await lend.ended, lend.of('interrupted')[0]?.message]).toEqual([
    130,
    expect.stringMatching(/^Stopped\. \d.* were fetched for others today\.$/),
  ]);
});

test('[WS33] one that is killed in the middle is made up for by another one, and nothing is lost', async () => {
  const [one, other] = [lender('one'), lender('other')];
  for (const lend of [one, other]) await lend.told('note');
  mostAnswered = 4;
  const waiting = new Promise<void>((resolve) => (wasHeld = () => held.length > 1 && resolve()));
  const client = await helpless();
  const file = await begun(client);
  for (const lend of [one, other]) await lend.told('lent');
  await waiting;
  await one.kill();
  mostAnswered = Infinity;
  for (const answer of held) answer();
  await client.told(file, ({ storedBytes }) => storedBytes === BYTES.length);
  expect(await client.sha256(file)).toBe(SHA256);
  await client.host.close();
  await other.kill();
});
