/** [WS40] [WS41] A bare web address in the box of the first page, and its server: until both who load it have one share. */
import { expect, ONE_BROWSER, test } from './fixtures.ts';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ShoalProcess } from '../cli/testing/shoal-process.ts';
import { LocalServers } from '../cli/web/testing/local-servers.ts';
import { madeBytes, sha256Of } from './files.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import { startShoal } from './shoal.ts';
import { openAddress, Origin, typeAddress } from './web-origin.ts';

const BYTES = 24_000_000;

test.describe('a bare web address', ONE_BROWSER, () => {
  test.describe.configure({ timeout: 150_000 });

  test('[WS40] [WS41] [WS20] two load it together, and have one share', async ({
    person,
    folder,
    afterwards,
  }) => {
    const shoal = await startShoal({ urlSources: true });
    const film = await folder.largeFile('film.bin', BYTES);
    const origin = new Origin({ path: film.path, bytes: BYTES });
    afterwards(() => origin.close());
    afterwards(() => shoal.close());
    const way = await origin.begin();
    const both = [await person(way), await person(way)];
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
    const origin = new Origin({ path: film.path, bytes: BYTES, sendsRanges: false });
    afterwards(() => origin.close());
    afterwards(() => shoal.close());
    const one = await person(await origin.begin());
    one.pardon(/asked another host: https:\/\/files\.example\//);
    const download = one.page.waitForEvent('download', TRANSFER_PATIENCE);
    await openAddress(one, shoal.url);
    expect(await sha256Of(await (await download).path())).toBe(film.sha256);
    await expect(one.page).toHaveURL(/#[\w-]{43}$/);
    await expect(one.page.getByText('Other ways to pass it on')).toBeVisible();
  });

  test('[WS11] [WS3] a page asks without leave, cookies and referrer, from the probe to the last range', async ({
    person,
    folder,
    afterwards,
  }) => {
    const shoal = await startShoal({ urlSources: true });
    const bytes = 3_000_000;
    const film = await folder.largeFile('film.bin', bytes);
    const origin = new Origin({ path: film.path, bytes });
    afterwards(() => origin.close());
    afterwards(() => shoal.close());
    const one = await person(await origin.begin());
    one.pardon(/asked another host: https:\/\/files\.example\//);
    const cookie = { name: 'login', value: 'secret', domain: 'files.example', path: '/' };
    await one.context.addCookies([{ ...cookie, secure: true, sameSite: 'None' }]);
    const download = one.page.waitForEvent('download', TRANSFER_PATIENCE);
    await openAddress(one, shoal.url);
    expect(await sha256Of(await (await download).path())).toBe(film.sha256);
    expect(origin.methods.length).toBeGreaterThan(2);
    // `OPTIONS` would be a question for leave.
    expect(origin.methods.filter((method) => method !== 'GET')).toEqual([]);
    expect(origin.told).toEqual([]);
    // What was sent for the page to keep was not kept.
    expect((await one.context.cookies()).map(({ name }) => name)).toEqual(['login']);

    const asked = origin.servedBytes;
    await openAddress(one, shoal.url);
    await expect(one.page).toHaveURL(/#[\w-]{43}$/);
    expect(origin.servedBytes - asked).toBeLessThan(bytes / 2);
    await one.page.getByRole('link', { name: 'Activity' }).click();
    const rows = one.page.getByRole('table', { name: 'History' }).getByRole('row');
    await expect(rows).toHaveCount(2);
    await expect(rows.nth(1)).toContainText('film.bin');
  });

  test('[WS36] what a page may not ask comes by those who lend, and the page asks nobody', async ({
    person,
    folder,
    afterwards,
  }) => {
    const shoal = await startShoal();
    const local = new LocalServers();
    afterwards(() => local.close());
    afterwards(() => shoal.close());
    const bytes = madeBytes(6_000_000, 3);
    const origin = await local.serve((request, response) => {
      const [, from = '0', to = '0'] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${bytes.length}`, etag: '"a"' });
      response.end(bytes.subarray(Number(from), Number(to) + 1));
    });
    const proxy = await local.proxy(origin);
    const lenders = ['one', 'two'].map((name) => {
      const env = { SHOAL_SERVER: shoal.url, XDG_STATE_HOME: join(folder.path, name), http_proxy: proxy.url };
      return new ShoalProcess(['lend', '--json', '--host', 'files.example'], { folder: folder.path, env });
    });
    afterwards(() => Promise.all(lenders.map((one) => one.kill())).then(() => undefined));
    await Promise.all(lenders.map((one) => one.told('note')));
    const one = await person();
    const download = one.page.waitForEvent('download', TRANSFER_PATIENCE);
    await typeAddress(one, shoal.url, 'http://files.example/pub/film.bin');
    await expect(one.page.getByText(/People who lend their connection can fetch the file/)).toBeVisible();
    await one.button('Open').click();
    const path = await (await download).path();
    expect(await sha256Of(path)).toBe(createHash('sha256').update(bytes).digest('hex'));
    await expect(one.page).toHaveURL(/#[\w-]{43}$/);
    await expect(one.page.getByText('Other ways to pass it on')).toBeVisible();
  });

  test('[WS11] [WS40] a server that does not let pages read it is told as such, with what can', async ({
    person,
    folder,
    afterwards,
  }) => {
    const shoal = await startShoal({ urlSources: true });
    const note = await folder.file('note.bin', 5_000);
    const origin = new Origin({ path: note.path, bytes: 5_000, allowsPages: false });
    afterwards(() => origin.close());
    afterwards(() => shoal.close());
    const one = await person(await origin.begin());
    one.pardon(/asked another host: https:\/\/files\.example\//);
    one.pardon(/CORS policy|Failed to load resource/);
    await openAddress(one, shoal.url);
    await expect(
      one.page.getByText(/may not read from files\.example: .*\(CORS\)\. .*“shoal fetch” in a terminal/),
    ).toBeVisible();
    expect(origin.methods).toEqual(['GET']);
  });

  test('[WS10] [WS40] an address of a private network is refused before anybody is asked', async ({
    person,
    folder,
    afterwards,
  }) => {
    const shoal = await startShoal({ urlSources: true });
    const note = await folder.file('note.bin', 5_000);
    const origin = new Origin({ path: note.path, bytes: 5_000 });
    afterwards(() => origin.close());
    afterwards(() => shoal.close());
    const one = await person(await origin.begin());
    const hosts = ['10.0.0.1', '[::1]', '[::ffff:10.0.0.1]', '2130706433', 'localhost:9'];
    for (const address of ['http://169.254.169.254/x', ...hosts.map((host) => `https://${host}/x`)]) {
      await typeAddress(one, shoal.url, address);
      await expect(one.page.getByText(/leads to this device or a private network/)).toBeVisible();
      await one.button('Open').click();
      await expect(one.page.getByText(/leads to this device or a private network/)).toBeVisible();
    }
    // The fixture holds that the page asked no other host; the proxy, that nothing in the browser asked one of these.
    expect(
      origin.asked.filter((asked) => /169\.254|10\.0|::|2130706433|127\.|localhost/.test(asked)),
    ).toEqual([]);
    expect(origin.methods).toEqual([]);
  });
});
