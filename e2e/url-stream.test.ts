/** [WS25] Whole files, from real servers on this machine, as Node and as a page fetch them. */
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { NodeStream } from '../cli/web/node-stream.ts';
import type { UrlStream } from '../shared/peer/ports.ts';
import { urlStream } from '../web/worker/url-stream.ts';

const BYTES = Uint8Array.from({ length: 3_000_000 }, (_, at) => at % 251);
const undoings: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const undo of undoings.splice(0)) await undo();
});

async function served(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  undoings.push(() => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(() => closed()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
}

const KINDS: readonly (readonly [string, () => UrlStream])[] = [
  [
    'Node',
    () => {
      const stream = new NodeStream(() => true);
      undoings.push(() => stream.close());
      return stream;
    },
  ],
  ['a page', () => urlStream],
];

/** All that comes, or why not. */
async function read(stream: UrlStream, url: string): Promise<Buffer | string> {
  const opened = await stream.open(url);
  if (opened.kind === 'failed') return opened.why;
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = await opened.stream.next();
    if (part.kind === 'bytes') parts.push(part.bytes.slice());
    else {
      opened.stream.close();
      return part.kind === 'end' ? Buffer.concat(parts) : part.why;
    }
  }
}

describe.each(KINDS)('[WS25] %s', (_kind, make) => {
  test.each([
    ['with a length', { 'content-length': `${BYTES.length}` }],
    ['without one', {}],
  ])('[WS25] reads a file %s', async (_how, headers) => {
    const url = await served((_request, response) => response.writeHead(200, headers).end(BYTES));
    const all = await read(make(), url);
    expect(Buffer.isBuffer(all) && all.equals(BYTES)).toBe(true);
  });

  test.each([
    [404, 'refused'],
    [401, 'needs-login'],
    [503, 'busy'],
  ])('[WS25] is told of %i', async (status, why) => {
    const url = await served((_request, response) => response.writeHead(status).end('no'));
    expect(await read(make(), url)).toBe(why);
  });

  test('[WS25] takes nothing for whole that broke off', async () => {
    const url = await served((_request, response) => {
      response.writeHead(200, { 'content-length': `${BYTES.length}` });
      response.write(BYTES.subarray(0, 1_000_000), () => response.destroy());
    });
    expect(await read(make(), url)).toBe('cut-short');
  });

  test('[WS25] reads no faster than it is asked', async () => {
    let sent = 0;
    const url = await served((_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        for (;;) {
          sent += 100_000;
          if (!response.write(new Uint8Array(100_000))) return void response.once('drain', more);
        }
      };
      response.on('error', () => undefined);
      more();
    });
    const opened = await make().open(url);
    if (opened.kind === 'failed') throw new Error(opened.why);
    for (let parts = 0; parts < 5; parts++) await opened.stream.next();
    opened.stream.close();
    // What lies in the buffers of the system, and no more, of a body that never ends.
    expect(sent).toBeLessThan(50_000_000);
  });

  test('[WS25] is told that nobody is there', async () => {
    expect(await read(make(), 'http://127.0.0.1:9/file')).toBe('unreachable');
  });
});
