/** [WS40] [WS41] A bare web address in the box of the first page, and its server: until both who load it have one share. */
import { createReadStream, readFileSync } from 'node:fs';
import { createServer as createProxy } from 'node:http';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { expect, ONE_BROWSER, test } from './fixtures.ts';
import { sha256Of } from './files.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import type { Person } from './person.ts';
import { startShoal } from './shoal.ts';

const BYTES = 24_000_000;
/** Of one answer: long enough for two to meet. */
const BYTES_PER_SECOND = 1_000_000;
const URL_OF_FILE = 'https://files.example/pub/film.bin';
const pem = (name: string): string =>
  readFileSync(new URL(`../signal-server/testing/localhost-${name}.pem`, import.meta.url), 'utf8');

/** A server on the web with one file, and a proxy that leads to it by a name that everybody may ask. */
class Origin {
  readonly #path: string;
  readonly #sendsRanges: boolean;
  readonly #server = createServer({ cert: pem('cert'), key: pem('key') }, (request, response) => {
    this.#answer(request.headers.range ?? '', response);
  });
  readonly #proxy = createProxy();
  /** Of its file. */
  servedBytes = 0;

  constructor(path: string, sendsRanges: boolean) {
    [this.#path, this.#sendsRanges] = [path, sendsRanges];
  }

  /** Answers the proxy's address. */
  async begin(): Promise<string> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening));
    const { port } = this.#server.address() as AddressInfo;
    this.#proxy.on('connect', (_request, client, head) => {
      const tunnel = connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        tunnel.write(head);
        tunnel.pipe(client).pipe(tunnel);
      });
      tunnel.on('error', () => client.destroy());
      client.on('error', () => tunnel.destroy());
    });
    await new Promise<void>((listening) => this.#proxy.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(this.#proxy.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#proxy.close();
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  #answer(range: string, response: ServerResponse): void {
    const [, first = '', last = ''] = (this.#sendsRanges && /^bytes=(\d+)-(\d*)$/.exec(range)) || [];
    const start = Number(first);
    const end = last === '' ? BYTES - 1 : Number(last);
    response.writeHead(first === '' ? 200 : 206, {
      'access-control-allow-origin': '*',
      'last-modified': 'Fri, 06 Mar 2026 10:00:00 GMT',
      'content-length': end + 1 - start,
      ...(first === '' ? {} : { 'content-range': `bytes ${start}-${end}/${BYTES}` }),
    });
    const file = createReadStream(this.#path, { start, end });
    const slow = this.#slow();
    response.on('close', () => file.destroy());
    file.on('error', () => response.destroy());
    slow.on('error', () => response.destroy());
    file.pipe(slow).pipe(response);
  }

  #slow(): Transform {
    const sends = (bytes: Buffer): void => void (this.servedBytes += bytes.length);
    const isSlow = this.#sendsRanges;
    return new Transform({
      highWaterMark: 65_536,
      transform(bytes: Buffer, _encoding, done) {
        sends(bytes);
        if (isSlow) setTimeout(() => done(null, bytes), (bytes.length * 1_000) / BYTES_PER_SECOND);
        else done(null, bytes);
      },
    });
  }
}

/** Types the address, and opens it once it stands there who is asked. */
async function openAddress({ page }: Person, shoal: string): Promise<void> {
  await page.goto(shoal);
  await page.getByRole('textbox', { name: 'Link, magnet or resource' }).fill(URL_OF_FILE);
  await expect(page.getByText(/from files\.example, .*learn that your internet address/)).toBeVisible();
  await page.getByRole('button', { name: 'Open', exact: true }).click();
}

test.describe('a bare web address', ONE_BROWSER, () => {
  test.describe.configure({ timeout: 150_000 });

  test('[WS40] [WS41] [WS20] two load it together, and have one share', async ({
    person,
    folder,
    afterwards,
  }) => {
    const shoal = await startShoal({ urlSources: true });
    const film = await folder.largeFile('film.bin', BYTES);
    const origin = new Origin(film.path, true);
    afterwards(() => origin.close());
    afterwards(() => shoal.close());
    const proxy = { server: await origin.begin(), bypass: 'localhost,127.0.0.1' };
    const both = [
      await person({ ignoreHTTPSErrors: true, proxy }),
      await person({ ignoreHTTPSErrors: true, proxy }),
    ];
    for (const one of both) one.pardon(/asked another host: https:\/\/files\.example\//);
    const downloads = both.map(({ page }) =>
      page.waitForEvent('download', TRANSFER_PATIENCE).then((came) => came.path()),
    );
    await Promise.all(both.map((one) => openAddress(one, shoal.url)));
    for (const { page } of both) await expect(page.getByText(/There is no link to it yet/)).toBeVisible();
    const files = await Promise.all(downloads);
    expect(await Promise.all(files.map((path) => sha256Of(path)))).toEqual([film.sha256, film.sha256]);
    for (const { page } of both)
      await expect(page.getByText('Other ways to pass it on')).toBeVisible(TRANSFER_PATIENCE);
    const [first, second] = both.map(({ page }) => new URL(page.url()).hash);
    expect(first).toMatch(/^#[\w-]{43}$/);
    expect(second).toBe(first);
    expect(origin.servedBytes / BYTES).toBeLessThan(1.7);
  });

  test('[WS40] [WS25] of a server that sends only the whole it comes as one stream', async ({
    person,
    folder,
    afterwards,
  }) => {
    const shoal = await startShoal({ urlSources: true });
    const film = await folder.largeFile('film.bin', BYTES);
    const origin = new Origin(film.path, false);
    afterwards(() => origin.close());
    afterwards(() => shoal.close());
    const proxy = { server: await origin.begin(), bypass: 'localhost,127.0.0.1' };
    const one = await person({ ignoreHTTPSErrors: true, proxy });
    one.pardon(/asked another host: https:\/\/files\.example\//);
    const download = one.page.waitForEvent('download', TRANSFER_PATIENCE);
    await openAddress(one, shoal.url);
    expect(await sha256Of(await (await download).path())).toBe(film.sha256);
    await expect(one.page).toHaveURL(/#[\w-]{43}$/);
    await expect(one.page.getByText('Other ways to pass it on')).toBeVisible();
  });
});
