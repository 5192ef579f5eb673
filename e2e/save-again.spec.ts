/**
 * Saves that end before their time, pages that are loaded anew in the middle of one, and what an older version of the
 * service worker does to a newer page. The whole product; where a save has to be in its middle its service worker holds
 * it there.
 */
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Download, Page } from 'playwright/test';
import type { RunningServer } from '../signal-server/server.ts';
import { sha256Of } from './files.ts';
import type { MadeFile } from './files.ts';
import { expect, ONE_BROWSER, SENDS, test } from './fixtures.ts';
import { bundled, SCRIPTED_PAGE, servePages } from './pages/bundle.ts';
import { PAGE_FOLDER, startShoal } from './shoal.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import type { Person } from './person.ts';
import { takeUplink } from './uplink.ts';
import type { Uplink } from './uplink.ts';
import { DATABASE_VERSION } from '../web/worker/store/schema.ts';

test.describe.configure({ timeout: 180_000 });

const MB = 1_000_000;

/** The built page with another service worker. */
async function folderWith(serviceWorker: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-page-'));
  await cp(PAGE_FOLDER, folder, { recursive: true });
  for (const name of await readdir(folder)) if (name.startsWith('sw.js')) await rm(join(folder, name));
  await writeFile(join(folder, 'sw.js'), serviceWorker);
  return folder;
}

async function letGo(page: Page): Promise<void> {
  await page.evaluate(() => new BroadcastChannel('held-saves').postMessage('go'));
}

test.describe('[SA10] a save that is held in its middle', () => {
  let holding: RunningServer;
  let pageFolder: string;

  test.beforeAll(async () => {
    const [holds, product] = await Promise.all([
      bundled('held-sw.ts'),
      bundled('../../web/sw/sw.ts', { 'self.__WB_MANIFEST': '[]' }),
    ]);
    // Each in a function: they know nothing of each other's names.
    pageFolder = await folderWith([holds, product].map((script) => `(() => {${script}})();`).join('\n'));
    holding = await startShoal({ pageFolder });
  });
  test.afterAll(async () => {
    await holding.close();
    await rm(pageFolder, { recursive: true });
  });

  test('and is cancelled in the browser says so, is not noted as saved, and can be repeated at once', async ({
    person,
    folder,
    browserName,
  }) => {
    test.skip(browserName === 'firefox', 'Firefox’s downloads cannot be cancelled from outside.');
    const file = await folder.file('cancelled.bin', 5 * MB);
    const [sender, receiver] = [await person(SENDS), await person()];
    const download = await receiver.receive(await sender.share(holding.url, file.path));
    await download.cancel();
    await expect(receiver.status).toHaveText(/could not be saved.*cancelled there.*Press Save/);
    await receiver.page.reload();
    await expect(receiver.status).toHaveText(/could not be saved.*cancelled there.*Press Save/);
    await letGo(receiver.page);
    const [again] = await Promise.all([
      receiver.page.waitForEvent('download'),
      receiver.button('Save').click(),
    ]);
    expect(await sha256Of(await again.path())).toBe(file.sha256);
    await expect(receiver.status).toHaveText(/Saved to your downloads/);
    const [third] = await Promise.all([
      receiver.page.waitForEvent('download'),
      receiver.button('Save again').click(),
    ]);
    expect(await sha256Of(await third.path())).toBe(file.sha256);
  });

  test('goes on when the page is loaded anew, which says so, and so does another tab', async ({
    person,
    folder,
    browserName,
  }) => {
    const file = await folder.file('reloaded.bin', 5 * MB);
    const [sender, receiver] = [await person(SENDS), await person()];
    const link = await sender.share(holding.url, file.path);
    const download = await receiver.receive(link);
    await expect(receiver.status).toHaveText(/Saving it to your downloads/);
    await receiver.page.reload();
    await expect(receiver.status).toHaveText(/Saving it to your downloads/);
    const other = await receiver.context.newPage();
    await other.goto(link);
    await expect(other.getByRole('status')).toHaveText(/Saving it to your downloads/);
    await letGo(receiver.page);
    await expect(receiver.status).toHaveText(/Saved to your downloads/);
    await expect(other.getByRole('status')).toHaveText(/Saved to your downloads/);
    await expect(receiver.button('Save again')).toBeVisible();
    // Of a download that outlived its page Firefox tells no end.
    if (browserName !== 'firefox') expect(await sha256Of(await download.path())).toBe(file.sha256);
    await receiver.page.reload();
    await expect(receiver.status).toHaveText(/^Saved (?:to your downloads|earlier)/);
  });
});

interface HeldDownload {
  readonly uplink: Uplink;
  /** [SA16] Its file, which comes as well. */
  readonly saving: Promise<Download>;
}

/** A download that stands still in the middle until it is let go. */
async function heldInTheMiddle(parts: {
  sender: Person;
  receiver: Person;
  address: string;
  file: MadeFile;
}): Promise<HeldDownload> {
  const { sender, receiver, address, file } = parts;
  const uplink = await takeUplink(sender, { holdAfter: 4 * MB });
  await receiver.open(await sender.share(address, file.path));
  await receiver.installed();
  const saving = receiver.page.waitForEvent('download', TRANSFER_PATIENCE);
  await receiver.button('Download').click();
  await expect.poll(() => receiver.percent(), TRANSFER_PATIENCE).toBeGreaterThan(20);
  return { uplink, saving };
}

/** The page's downloads that are under way, as the browser itself tells it; of each the latest. */
async function downloadsOf({ context, page }: Person): Promise<Map<string, DownloadProgress>> {
  const told = new Map<string, DownloadProgress>();
  const devtools = await context.newCDPSession(page);
  devtools.on('Page.downloadProgress', (progress) => told.set(progress.guid, progress));
  await devtools.send('Page.enable');
  return told;
}

interface DownloadProgress {
  readonly totalBytes: number;
}

test.describe('[SA16] a file that is saved while it comes', () => {
  test('is a download with its whole size as soon as something comes, and whole when that is', async ({
    person,
    shoal,
    folder,
    browserName,
  }) => {
    const file = await folder.file('growing.bin', 9 * MB);
    const [sender, receiver] = [await person(SENDS), await person()];
    const told = browserName === 'chromium' ? await downloadsOf(receiver) : null;
    const { uplink, saving } = await heldInTheMiddle({ sender, receiver, address: shoal.url, file });
    // Firefox tells of it as soon as its first piece is there, which may be a late one.
    await expect(receiver.page.locator('iframe')).toHaveCount(1);
    const sizes = (): number[] => [...(told?.values() ?? [])].map(({ totalBytes }) => totalBytes);
    if (told !== null) await expect.poll(sizes).toEqual([9 * MB]);
    expect(await receiver.percent()).toBeLessThan(60);
    await receiver.button('Pause').click();
    await receiver.button('Resume').click();
    await uplink.letGo();
    const download = await saving;
    expect(download.suggestedFilename()).toBe('growing.bin');
    expect(await sha256Of(await download.path())).toBe(file.sha256);
    expect(await receiver.savedAtLast()).toBe(download);
  });

  test('[SA18] fails with its page, and is saved anew when all of it has come', async ({
    person,
    shoal,
    folder,
    browserName,
  }) => {
    const file = await folder.file('broken off.bin', 9 * MB);
    const [sender, receiver] = [await person(SENDS), await person()];
    const { uplink, saving } = await heldInTheMiddle({ sender, receiver, address: shoal.url, file });
    await expect(receiver.page.locator('iframe')).toHaveCount(1);
    // Firefox may not have told of it yet, and takes a page that goes for a cancel.
    const brokenOff = browserName === 'chromium' ? await saving : null;
    saving.catch(() => undefined);
    await receiver.page.reload();
    if (brokenOff !== null) expect(await brokenOff.failure()).not.toBeNull();
    await expect.poll(() => receiver.percent(), TRANSFER_PATIENCE).toBeGreaterThan(20);
    await uplink.letGo();
    const download = await receiver.savedAtLast();
    expect(download).not.toBe(brokenOff);
    expect(await sha256Of(await download.path())).toBe(file.sha256);
  });
});

test.describe('[UI18] cancelling a download', () => {
  test(
    'can be taken back for ten seconds, and goes on where it was',
    ONE_BROWSER,
    async ({ person, shoal, folder }) => {
      const file = await folder.file('undone.bin', 9 * MB);
      const [sender, receiver] = [await person(SENDS), await person()];
      const { uplink, saving } = await heldInTheMiddle({ sender, receiver, address: shoal.url, file });
      await receiver.button('Cancel').click();
      await expect(receiver.status).toHaveText(/^Cancelled\..*press Undo/);
      await expect(receiver.button('Undo')).toBeFocused();
      expect(await receiver.percent()).toBeGreaterThan(20);
      await receiver.button('Undo').click();
      await expect(receiver.button('Pause')).toBeVisible();
      await uplink.letGo();
      expect(await sha256Of(await (await saving).path())).toBe(file.sha256);
    },
  );

  test(
    'removes what had come, and the link can be downloaded afresh',
    ONE_BROWSER,
    async ({ person, shoal, folder }) => {
      const file = await folder.file('fresh.bin', 9 * MB);
      const [sender, receiver] = [await person(SENDS), await person()];
      const { uplink, saving } = await heldInTheMiddle({ sender, receiver, address: shoal.url, file });
      const cancelled = await saving;
      await receiver.button('Cancel').click();
      await expect(receiver.button('Undo')).toBeVisible();
      await uplink.letGo();
      await expect(receiver.button('Download')).toBeVisible(TRANSFER_PATIENCE);
      expect(await receiver.percent()).toBe(0);
      expect(await cancelled.failure()).not.toBeNull();
      await expect(receiver.button('Download')).toBeFocused();
      const download = await receiver.download();
      expect(await sha256Of(await download.path())).toBe(file.sha256);
    },
  );
});

test.describe('[SA11] a service worker of an older version', () => {
  /** Somebody who was here when the older version was; their server is the newer one by now. */
  async function upgraded(page: Page): Promise<RunningServer> {
    const type = 'text/javascript';
    const register = "navigator.serviceWorker.register('/sw.js')";
    const old = await servePages({
      '/': SCRIPTED_PAGE,
      '/page.js': { type, body: register },
      '/sw.js': { type, body: await bundled('old-sw.ts') },
      '/favicon.ico': { type: 'image/x-icon', body: '' },
    });
    await page.goto(old.origin);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    const port = Number(new URL(old.origin).port);
    await old.close();
    return startShoal({ port });
  }

  const databaseVersion = (page: Page): Promise<number | undefined> =>
    page.evaluate(async () => (await indexedDB.databases()).find(({ name }) => name === 'shoal')?.version);

  test('that holds the database gives way where no older page is open', async ({
    person,
    folder,
    afterwards,
  }) => {
    const file = await folder.file('newer.bin', MB);
    const [sender, receiver] = [await person(SENDS), await person()];
    const server = await upgraded(receiver.page);
    afterwards(() => server.close());
    await receiver.page.goto('about:blank'); // a link alone would not load the page anew
    const link = await sender.share(server.url, file.path);
    const download = await receiver.receive(link);
    expect(await sha256Of(await download.path())).toBe(file.sha256);
    await expect(receiver.status).toHaveText(/Saved to your downloads/);
    expect(await databaseVersion(receiver.page)).toBe(DATABASE_VERSION);
    await receiver.page.reload();
    await expect(receiver.status).toHaveText(/^Saved (?:to your downloads|earlier)/);
  });

  test(
    'stays while an older page is open, and the newer one says so and works without it',
    ONE_BROWSER,
    async ({ person, folder, afterwards, browserName }) => {
      const file = await folder.file('beside.bin', MB);
      const [sender, receiver] = [await person(SENDS), await person()];
      const server = await upgraded(receiver.page);
      afterwards(() => server.close());
      const link = await sender.share(server.url, file.path);
      const older = receiver.page;
      const newer = await receiver.context.newPage();
      await newer.goto(link);
      await expect(newer.getByText(/older version of this page is still open/)).toBeVisible(
        TRANSFER_PATIENCE,
      );
      await expect(newer.getByRole('button', { name: 'Download' })).toBeVisible(TRANSFER_PATIENCE);
      const saved = browserName === 'firefox' ? null : newer.waitForEvent('download', TRANSFER_PATIENCE);
      await newer.getByRole('button', { name: 'Download' }).click();
      await expect(newer.getByRole('status')).toHaveText(/Saved to your downloads/, TRANSFER_PATIENCE);
      // Firefox under Playwright does not tell of Blob downloads.
      if (saved !== null) expect(await sha256Of(await (await saved).path())).toBe(file.sha256);
      await older.close();
      await newer.reload();
      // Chromium now and then lets the newer service worker wait until one more load: the page offers that.
      const reload = newer.getByRole('button', { name: 'Reload' });
      await expect(async () => {
        if (await reload.isVisible()) await reload.click({ timeout: 5_000 });
        expect(await databaseVersion(newer)).toBe(DATABASE_VERSION);
      }).toPass(TRANSFER_PATIENCE);
      await expect(newer.getByText(/older version of this page/)).toHaveCount(0);
    },
  );
});
