/** [WS3] [WS5] What servers on the web try, and whoever names them. */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { isPublicHost } from '../../shared/url/literal-address.ts';
import { publicAddresses, publicBut } from './address-policy.ts';
import { NodeRanges } from './node-ranges.ts';

const FILE = Buffer.from(Array.from({ length: 60_000 }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
const servers: Server[] = [];
const sockets = new Set<Socket>();
let fetcher: NodeRanges | null = null;

afterEach(async () => {
  fetcher?.close();
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) await new Promise((closed) => server.close(closed));
});

/** `asked`: one request on a connection, the nth of it. */
async function serve(asked: (socket: Socket, nth: number, head: string) => void): Promise<string> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let [nth, text] = [0, ''];
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        asked(socket, nth++, head);
      }
    });
  });
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const later = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Sends the range in parts, with pauses between them. */
async function slowly(socket: Socket, head: string, pauseMs: number): Promise<void> {
  const [, first = '0', last = '0'] = /range: bytes=(\d+)-(\d+)/i.exec(head) ?? [];
  const body = FILE.subarray(Number(first), Number(last) + 1);
  socket.write(
    `HTTP/1.1 206 Partial Content\r\ncontent-range: bytes ${first}-${last}/${FILE.length}\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  for (let at = 0; at < body.length && !socket.destroyed; at += 5_000) {
    socket.write(body.subarray(at, at + 5_000));
    if (pauseMs > 0) await later(pauseMs);
  }
}

function fetched(
  from: NodeRanges,
  url: string,
  first: number,
  length: number,
): Promise<{ how: string; bytes: Buffer }> {
  const parts: Uint8Array[] = [];
  return new Promise((resolve) => {
    const end = (how: string): void => resolve({ how, bytes: Buffer.concat(parts) });
    from.fetch(
      { url, from: first, length, size: FILE.length },
      { came: (bytes) => parts.push(bytes), ended: () => end('ended'), failed: end },
    );
  });
}

describe('[WS3] a connection that breaks behind a redirect', () => {
  test('[WS3] is nothing to the answer that is read by then: its bytes are not mixed with another’s', async () => {
    fetcher = new NodeRanges((address) => address === '127.0.0.1');
    let asked = 0;
    const target = await serve((socket, _, head) => {
      asked++;
      void slowly(socket, head, 30);
    });
    const front = await serve((socket, nth, head) => {
      if (nth === 0) return void slowly(socket, head, 0);
      socket.write(`HTTP/1.1 302 Found\r\nlocation: ${target}/file\r\ncontent-length: 1000\r\n\r\nmoved`);
      setTimeout(() => socket.resetAndDestroy(), 100);
    });
    expect((await fetched(fetcher, `${front}/file`, 0, 1_000)).how).toBe('ended');
    await later(50);
    const { how, bytes } = await fetched(fetcher, `${front}/file`, 0, 50_000);
    expect({ how, isRight: bytes.equals(FILE.subarray(0, 50_000)), asked }).toEqual({
      how: 'ended',
      isRight: true,
      asked: 1,
    });
  });

  test('[WS3] one that breaks in the middle of an answer is not asked for it again unseen', async () => {
    fetcher = new NodeRanges((address) => address === '127.0.0.1');
    let asked = 0;
    const front = await serve((socket, nth, head) => {
      asked++;
      if (nth === 0) return void slowly(socket, head, 0);
      void slowly(socket, head, 50);
      setTimeout(() => socket.resetAndDestroy(), 120);
    });
    await fetched(fetcher, `${front}/file`, 0, 1_000);
    await later(50);
    expect((await fetched(fetcher, `${front}/file`, 0, 50_000)).how).not.toBe('ended');
    await later(200);
    expect(asked).toBe(2);
  });
});

describe('[WS5] [WS10] addresses that are not everybody’s', () => {
  // RFC 8215: for local use; where in it the IPv4 address stands is up to who translates.
  test.each(['64:ff9b:1::8.8.8.8', '64:ff9b:1:a00:0:100:808:808', '::7f00:1', '::a00:1'])(
    '[WS5] %s',
    (address) => {
      expect([publicAddresses(address), isPublicHost(`[${address}]`)]).toEqual([false, false]);
    },
  );
});

test('[WS5] a public address of this machine is its own, in whatever way it is written', () => {
  const policy = publicBut(() => ['93.184.216.34', '2606:2800:220:1::1']);
  expect(
    ['93.184.216.34', '::ffff:93.184.216.34', '2606:2800:220:1:0::1', '93.184.216.35'].map(policy),
  ).toEqual([false, false, false, true]);
});
