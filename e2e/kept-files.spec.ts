/**
 * What leads a sender's browser back to the files after a reload, without the person choosing them again: handles where
 * the browser gives them (Chromium), else a copy of what is small.
 */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import type { BrowserContext } from 'playwright/test';
import { sha256Of } from './files.ts';
import type { Folder } from './files.ts';
import { expect, ONE_BROWSER, SENDS, test } from './fixtures.ts';
import { chromiumLaunch } from './launch.ts';
import { newPerson, TRANSFER_PATIENCE } from './person.ts';
import type { Person } from './person.ts';
import { PAGE_FOLDER, startShoal } from './shoal.ts';
import { storedPieces } from './stored-pieces.ts';
import { takeUplink } from './uplink.ts';

test.describe.configure({ timeout: 180_000 });

const MB = 1_000_000;

test.describe('[LB5] in a browser that gives handles', () => {
  test.skip(({ browserName }) => browserName !== 'chromium', 'Chromium alone gives handles.');

  test('a sender who dropped the file and reloads goes on by itself, and so does who waits', async ({
    person,
    shoal,
    folder,
  }) => {
    const file = await folder.file('dropped.bin', 12 * MB);
    const [sender, receiver] = [await person(SENDS), await person()];
    const uplink = await takeUplink(sender, { holdAfter: 3 * MB });
    const link = await sender.drop(shoal.url, file.path);
    await receiver.open(link);
    const downloading = receiver.page.waitForEvent('download', TRANSFER_PATIENCE);
    await receiver.button('Download').click();
    await expect.poll(() => receiver.percent(), TRANSFER_PATIENCE).toBeGreaterThan(5);
    await sender.page.reload();
    await expect(sender.button('Stop sharing')).toBeVisible(TRANSFER_PATIENCE);
    expect(await sender.link()).toBe(link);
    await uplink.letGo();
    expect(await sha256Of(await (await downloading).path())).toBe(file.sha256);
  });

  test('[UI3] a dropped folder is found again by its own handle', async ({ person, shoal, folder }) => {
    await folder.file('ours/a.bin', 2 * MB, 1);
    await folder.file('ours/deep/b.bin', MB, 2);
    const [sender, receiver] = [await person(SENDS), await person()];
    const link = await sender.drop(shoal.url, join(folder.path, 'ours'));
    await sender.page.reload();
    await expect(sender.button('Stop sharing')).toBeVisible(TRANSFER_PATIENCE);
    await receiver.open(link);
    await receiver.downloadSeveral();
    await expect(sender.status).toHaveText(/connected|Sending/);
  });

  test('[UI9] the dialogue that gives handles opens by key, and its file is found again', async ({
    person,
    shoal,
  }) => {
    const [sender, receiver] = [await person(SENDS), await person()];
    await handTheBrowsersOwnFile(sender, 5 * MB);
    await sender.page.goto(shoal.url);
    await sender.page.getByLabel('Choose files').focus();
    await sender.page.keyboard.press('Enter');
    const link = await sender.link();
    await sender.page.reload();
    await expect(sender.button('Stop sharing')).toBeVisible(TRANSFER_PATIENCE);
    const download = await receiver.receive(link);
    expect(download.suggestedFilename()).toBe('own.bin');
  });

  test('[UI4] [UI15] one press of Allow is enough where the permission ended', async ({
    person,
    folder,
    afterwards,
  }) => {
    const server = await startShoal({ pageFolder: await forgetfulPage(folder) });
    afterwards(() => server.close());
    const [sender, receiver] = [await person(SENDS), await person()];
    await handTheBrowsersOwnFile(sender, 5 * MB);
    await allowWhenAsked(sender);
    await sender.page.goto(server.url);
    await sender.page.getByText('Choose files').click();
    const link = await sender.link();
    await sender.page.reload();
    await expect(sender.status).toHaveText(/wants your permission.*Press Allow/);
    await expect(sender.page.getByLabel('Choose the file again')).toHaveCount(0);
    await receiver.page.goto(link);
    await sender.button('Allow').click();
    await expect(sender.button('Stop sharing')).toBeFocused();
    expect(await sender.link()).toBe(link);
    await expect(receiver.button('Download')).toBeVisible(TRANSFER_PATIENCE);
    await receiver.download();
  });

  test('[UI4] [UI15] a browser that was closed asks for the permission, and who refuses it can choose again', async ({
    shoal,
    folder,
  }) => {
    const file = await folder.file('later.bin', 2 * MB);
    const profile = await mkdtemp(join(tmpdir(), 'shoal-profile-'));
    const open = (): Promise<BrowserContext> => chromium.launchPersistentContext(profile, chromiumLaunch);
    const before = await newPerson(await open());
    const link = await before.drop(shoal.url, file.path);
    await before.leave();
    const again = await newPerson(await open());
    await again.page.addInitScript(() => {
      const refuse = { value: async () => 'denied' };
      Object.defineProperty(FileSystemHandle.prototype, 'requestPermission', refuse);
    });
    await again.page.goto(shoal.url);
    await expect(again.page.getByRole('list', { name: 'Your shares' })).toContainText(
      'needs your permission',
    );
    await again.page.getByRole('link', { name: 'later.bin' }).click();
    await again.button('Allow').click();
    await expect(again.status).toHaveText(/was not allowed/);
    await again.page.getByLabel('Choose the file again').setInputFiles(file.path);
    await expect(again.button('Stop sharing')).toBeVisible(TRANSFER_PATIENCE);
    expect([await again.link(), again.complaints]).toEqual([link, []]);
    await again.leave();
    await rm(profile, { recursive: true, force: true });
  });
});

test.describe('[LB6] in a browser that gave no handle', () => {
  test('a small share goes on from its copy after a reload, without the file', async ({
    person,
    shoal,
    folder,
  }) => {
    const file = await folder.file('small.bin', 3 * MB);
    const [sender, receiver] = [await person(SENDS), await person()];
    const link = await sender.share(shoal.url, file.path);
    await expect.poll(() => storedPieces(sender), TRANSFER_PATIENCE).toBe(Math.ceil((3 * MB) / 262_144));
    await rm(file.path);
    await sender.page.reload();
    await expect(sender.button('Stop sharing')).toBeVisible(TRANSFER_PATIENCE);
    expect(await sender.link()).toBe(link);
    expect(await sha256Of(await (await receiver.receive(link)).path())).toBe(file.sha256);
  });

  test('[LB3] a large one asks for its file', ONE_BROWSER, async ({ person, shoal, folder }) => {
    const file = await folder.file('large.bin', 65 * MB);
    const sender = await person(SENDS);
    await sender.share(shoal.url, file.path);
    await sender.page.reload();
    await expect(sender.status).toHaveText(/The link is kept.*Choose them again/);
    await expect(sender.page.getByLabel('Choose the file again')).toBeAttached();
    expect(await storedPieces(sender)).toBe(0);
  });
});

/**
 * No test can press the browser's own dialogue: it answers with a file of the page's own folder in the browser, whose
 * handle is as real as one of a file on the disk, and may always be read.
 */
async function handTheBrowsersOwnFile({ page }: Person, size: number): Promise<void> {
  await page.addInitScript((bytes) => {
    const pick = async (): Promise<FileSystemFileHandle[]> => {
      const folder = await navigator.storage.getDirectory();
      const handle = await folder.getFileHandle('own.bin', { create: true });
      const writable = await handle.createWritable();
      await writable.write(new Uint8Array(bytes).map((_, at) => (at * 31 + (at >> 8)) & 255));
      await writable.close();
      return [handle];
    };
    Object.assign(window, { showOpenFilePicker: pick });
  }, size);
}

/**
 * The built page, but that its worker may read nothing again before the page has asked: as a browser ends a permission
 * with the last page of an origin. Where it lies now.
 */
async function forgetfulPage(folder: Folder): Promise<string> {
  const page = join(folder.path, 'page');
  await cp(PAGE_FOLDER, page, { recursive: true });
  const forgetful = `{
    let allowed = false;
    const channel = new BroadcastChannel('permission');
    channel.onmessage = () => {
      allowed = true;
      channel.postMessage('heard');
    };
    FileSystemHandle.prototype.queryPermission = async () => (allowed ? 'granted' : 'prompt');
  }`;
  const assets = join(page, 'assets');
  for (const name of (await readdir(assets)).filter((asset) => asset.startsWith('main-'))) {
    const path = join(assets, name);
    if (name.endsWith('.js')) await writeFile(path, `${forgetful}\n${await readFile(path, 'utf8')}`);
    else await rm(path); // its compressed forms are of another script
  }
  return page;
}

async function allowWhenAsked({ page }: Person): Promise<void> {
  await page.addInitScript(() => {
    const allow = (): Promise<PermissionState> =>
      new Promise((resolve) => {
        const channel = new BroadcastChannel('permission');
        channel.onmessage = () => resolve('granted');
        channel.postMessage('allowed');
      });
    Object.defineProperty(FileSystemHandle.prototype, 'requestPermission', { value: allow });
  });
}
