/** [WS7] [WS8] A share that names a web address, and a server at that address: what a page asks of it, and when. */
import { createReadStream, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ServerResponse } from 'node:http';
import { expect, ONE_BROWSER, test } from './fixtures.ts';
import { sha256Of } from './files.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import type { Person } from './person.ts';
import { startShoal } from './shoal.ts';

const BYTES = 24_000_000;
const pem = (name: string): string =>
  readFileSync(new URL(`../signal-server/testing/localhost-${name}.pem`, import.meta.url), 'utf8');

/** A server on the web: has one file, gives out ranges of it, and lets pages of other sites read them. */
class Origin {
  readonly #server = createServer({ cert: pem('cert'), key: pem('key') }, (request, response) => {
    this.asked.push(`${request.method} ${request.headers.range ?? ''}`);
    const { cookie, referer, authorization } = request.headers;
    this.told.push(...[cookie, referer, authorization].filter((header) => header !== undefined));
    if (request.method === 'OPTIONS') {
      const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'range' };
      response.writeHead(204, headers).end();
    } else if (this.#held === null) this.#answer(request.headers.range ?? '', response);
    else this.#held.push(() => this.#answer(request.headers.range ?? '', response));
  });
  readonly asked: string[] = [];
  /** Headers that say more of who asks than an address does. */
  readonly told: string[] = [];
  #path = '';
  #held: (() => void)[] | null = null;

  /** It has the file at this path, under whatever name. Answers its host. */
  async has(path: string): Promise<string> {
    this.#path = path;
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening));
    return `localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** It takes what it is asked, and answers when it goes on. */
  hold(): void {
    this.#held ??= [];
  }

  goOn(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const answer of held) answer();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  #answer(range: string, response: ServerResponse): void {
    const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
    const [start, end] = [Number(first), Number(last)];
    response.writeHead(206, {
      'access-control-allow-origin': '*',
      'content-range': `bytes ${start}-${end}/${BYTES}`,
      'content-length': end + 1 - start,
    });
    createReadStream(this.#path, { start, end })
      .on('error', () => response.destroy())
      .pipe(response);
  }
}

/** Types the address before choosing, and answers the link. */
async function shareWith(sender: Person, address: string, path: string, url: string): Promise<string> {
  const { page } = sender;
  await page.goto(address);
  await page.getByText('Name, note, piece size and web address').click();
  await page.getByRole('textbox', { name: 'Web address' }).fill(url);
  await page.getByLabel('Choose files').setInputFiles(path);
  const link = await sender.link();
  await expect(page.getByRole('list', { name: 'Web addresses' })).toHaveText(url);
  return link;
}

test.describe('web addresses of a share', ONE_BROWSER, () => {
  test('[WS7] [WS8] [WS2] the sender is gone, and who agrees gets it from the web, also over a reload', async ({
    person,
    folder,
    afterwards,
  }) => {
    const shoal = await startShoal({ urlSources: true });
    const origin = new Origin();
    afterwards(() => origin.close());
    afterwards(() => shoal.close());
    const address = shoal.url;
    const film = await folder.largeFile('film.bin', BYTES);
    const host = await origin.has(film.path);

    const sender = await person({ serviceWorkers: 'block' });
    const link = await shareWith(sender, address, film.path, `https://${host}/film.bin`);
    const receiver = await person({ ignoreHTTPSErrors: true });
    receiver.pardon(new RegExp(`asked another host: https://${host}/`));
    await receiver.open(link);
    await expect(receiver.button(`Also load from ${host}`)).toBeVisible();
    await sender.leave();
    await receiver.begin();
    await expect(receiver.status).toHaveText(/The sender is offline/);
    expect(origin.asked).toEqual([]);

    origin.hold();
    await receiver.installed();
    await receiver.button(`Also load from ${host}`).click();
    await expect(receiver.button("Don't load from the web")).toBeVisible();
    await expect.poll(() => origin.asked.length).toBeGreaterThan(0);
    await receiver.page.reload();
    // It was agreed to already.
    await expect(receiver.button("Don't load from the web")).toBeVisible();
    const [download] = await Promise.all([
      receiver.page.waitForEvent('download', TRANSFER_PATIENCE),
      Promise.resolve(origin.goOn()),
    ]);
    expect(await sha256Of(await download.path())).toBe(film.sha256);
    expect(origin.told).toEqual([]);
    await receiver.page.getByRole('link', { name: 'More about this transfer' }).click();
    const rows = receiver.page.getByRole('table', { name: 'Web addresses' }).getByRole('row');
    await expect(rows.nth(1)).toContainText(/ready.*24\.0.MB/);
    await expect(receiver.page.getByText('From the web')).toBeVisible();
  });

  test('[WS6] [WS7] where the operator does not allow it the page says so, and asks nobody', async ({
    shoal,
    person,
    folder,
  }) => {
    const address = shoal.url;
    const note = await folder.file('note.txt', 5_000);
    const sender = await person({ serviceWorkers: 'block' });
    const link = await shareWith(sender, address, note.path, 'https://mirror.example/note.txt');
    const receiver = await person();
    await receiver.open(link);
    await expect(receiver.page.getByText(/This site does not load from web addresses/)).toBeVisible();
    await expect(receiver.button('Also load from')).toHaveCount(0);
  });
});
