/** The page as an app: what the browser thinks of its manifest, what other apps hand over, and a server that has a newer page. */
import { cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { chromium } from 'playwright/test';
import type { Page } from 'playwright/test';
import { codeHere } from './code-here.ts';
import { madeBytes, sha256Of } from './files.ts';
import type { Folder } from './files.ts';
import { expect, test } from './fixtures.ts';
import { chromiumLaunch } from './launch.ts';
import { newPerson, TRANSFER_PATIENCE } from './person.ts';
import { PAGE_FOLDER, startShoal } from './shoal.ts';
import { storedPieces } from './stored-pieces.ts';

test.describe.configure({ timeout: 120_000 });

test('[AP1] the browser finds nothing in the way of installing it', async ({ shoal, folder, afterwards }) => {
  // Windows that leave nothing behind install nothing.
  const context = await chromium.launchPersistentContext(join(folder.path, 'profile'), chromiumLaunch);
  afterwards(() => context.close());
  const { page } = await newPerson(context);
  const devtools = await context.newCDPSession(page);
  await page.goto(shoal.url);
  const manifest = await devtools.send('Page.getAppManifest');
  expect(manifest.url).toBe(`${shoal.url}/manifest.webmanifest`);
  expect(manifest.errors).toEqual([]);
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  expect(installabilityErrors).toEqual([]);
  // An answer to the question, and not what is always said.
  await page.goto(`${shoal.url}/config`);
  const elsewhere = await devtools.send('Page.getInstallabilityErrors');
  expect(elsewhere.installabilityErrors.map(({ errorId }) => errorId)).toContain('no-manifest');
});

test.describe('[AP3] what another app hands over', () => {
  /** As a share sheet posts it: a form that leads here from elsewhere. */
  async function post(page: Page, address: string, text: string): Promise<void> {
    await page.goto('about:blank');
    await page.setContent(
      `<form method="post" enctype="multipart/form-data" action="${address}/share-target">
        <input name="text" /><button>Share</button></form>`,
    );
    await page.locator('input').fill(text);
    await page.getByRole('button', { name: 'Share' }).click();
  }

  test('becomes a share, where it is a file', async ({ person, shoal }) => {
    const [sender, receiver] = [await person(), await person()];
    await sender.page.goto(shoal.url);
    await sender.installed();
    const bytes = madeBytes(300_000, 3);
    const answer = await sender.page.evaluate(
      async (content) => {
        const form = new FormData();
        form.append('title', 'A file');
        form.append('files', new File([Uint8Array.from(content)], 'handed over.bin'));
        const { status, url } = await fetch('share-target', { method: 'POST', body: form });
        return [status, new URL(url).pathname];
      },
      [...bytes],
    );
    expect(answer).toEqual([200, '/']);
    await sender.page.goto(`${shoal.url}/#/received`);
    const link = await sender.link();
    await expect(sender.heading).toHaveText('handed over.bin');
    const download = await receiver.receive(link);
    expect(download.suggestedFilename()).toBe('handed over.bin');
    expect(await readFile(await download.path())).toEqual(bytes);
    // It was taken, once.
    await sender.page.goto(`${shoal.url}/#/received`);
    await expect(sender.status).toHaveText(/Nothing that could be shared arrived/);
  });

  test('is asked about, where it is a text', async ({ person, shoal }) => {
    const sender = await person();
    await sender.page.goto(shoal.url);
    await sender.installed();
    await post(sender.page, shoal.url, 'two words');
    await expect(sender.page.getByText('two words')).toBeVisible();
    expect(sender.page.url()).toBe(`${shoal.url}/#/received`);
    await sender.button('Share this text').click();
    await sender.link();
    await expect(sender.heading).toHaveText('Text.txt');
  });

  test('[SV16] leads to the page where nobody could take it', async ({ person, shoal }) => {
    const sender = await person({ serviceWorkers: 'block' });
    await post(sender.page, shoal.url, 'two words');
    await expect(sender.status).toHaveText(/Nothing that could be shared arrived/);
    expect(sender.page.url()).toBe(`${shoal.url}/#/received`);
  });
});

/** The built page under other names, as the next version has them. */
async function nextVersion(folder: Folder): Promise<string> {
  const next = join(folder.path, 'next');
  await cp(PAGE_FOLDER, next, { recursive: true });
  const paths = (await readdir(next, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const plain = paths.filter((path) => !/\.(?:br|gz)$/.test(path));
  for (const path of paths) if (!plain.includes(path)) await rm(path);
  const assets = plain.filter((path) => path.includes('assets'));
  for (const path of plain.filter((path) => /\.(?:js|css|html|txt)$/.test(path))) {
    let text = await readFile(path, 'utf8');
    for (const asset of assets) text = text.replaceAll(basename(asset), nextName(asset));
    await writeFile(path, text);
  }
  for (const path of assets) await rename(path, join(path, '..', nextName(path)));
  return next;
}

function nextName(path: string): string {
  const extension = extname(path);
  return `${basename(path, extension)}-next${extension}`;
}

test.describe('[AP6] a server that has a newer page', () => {
  const scriptOf = (page: Page): Promise<string> =>
    page.evaluate(() => document.querySelector<HTMLScriptElement>('script[type=module]')?.src ?? '');

  for (const serviceWorkers of ['block', 'allow'] as const) {
    test(`is named by a page that is open, which goes on after one press (service worker: ${serviceWorkers})`, async ({
      person,
      folder,
      afterwards,
    }) => {
      const file = await folder.file('kept.bin', 200_000);
      const older = await startShoal();
      const sender = await person({ serviceWorkers });
      const { page } = sender;
      // Of the server that is away for a moment, and of code that it has no more.
      sender.pardon(/WebSocket|ERR_CONNECTION_REFUSED|404|Refused to apply style/);
      await page.goto(older.url);
      if (serviceWorkers === 'allow') await sender.installed();
      await codeHere(page, 'save-share');
      await codeHere(page, 'as-app');
      const before = await scriptOf(page);
      const { port } = older;
      await older.close();
      const newer = await startShoal({ port, pageFolder: await nextVersion(folder) });
      afterwards(() => newer.close());
      // A share is made all the same.
      await page.getByLabel('Choose files').setInputFiles(file.path);
      const link = await sender.link();
      await expect(page.getByText('There is a new version of this page.')).toBeVisible(TRANSFER_PATIENCE);
      expect(await scriptOf(page)).toBe(before);
      // The copy that the link goes on with, where no handle leads back to the file ([LB6]).
      await expect.poll(() => storedPieces(sender), TRANSFER_PATIENCE).toBeGreaterThan(0);
      await sender.button('Reload').click();
      await expect.poll(() => scriptOf(page).catch(() => before)).toMatch(/-next\.js$/);
      await expect(page.getByRole('img', { name: 'QR code of the share link' })).toBeVisible();
      expect(await sender.link()).toBe(link);
      await expect(page.getByText('There is a new version')).toHaveCount(0);
      const receiver = await person();
      const download = await receiver.receive(link);
      expect(await sha256Of(await download.path())).toBe(file.sha256);
    });
  }
});
