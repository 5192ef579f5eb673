/** The page itself: readable for everybody, usable by keyboard alone, small to load, and alone with its server. */
import { networkInterfaces } from 'node:os';
import type { Locator, Page } from 'playwright/test';
import { sha256Of } from './files.ts';
import { expect, ONE_BROWSER, SENDS, test } from './fixtures.ts';
import { measureFirstLoad, measureFirstSeconds, sumOf } from './first-load.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import type { Person } from './person.ts';
import { expectFits, expectReadable, NARROWEST } from './readable.ts';
import { startShoal } from './shoal.ts';
import { takeUplink } from './uplink.ts';

test.describe.configure({ timeout: 180_000 });

const MB = 1_000_000;
const FIRST_LOAD_BYTES = 66_500;
const FIRST_SECONDS_BYTES = 90_000;

/** Where the piece map and what stands below the buttons begin, at 360 px. */
async function placesAtNarrowest(page: Page): Promise<number[]> {
  await page.setViewportSize({ width: NARROWEST, height: 800 });
  // A name that does not fit any more gets its button in the frame after that.
  await page.evaluate(
    () => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))),
  );
  const parts = [page.getByRole('img', { name: 'Piece map' }), page.getByText(/^1 file: /)];
  const top = (part: Locator): Promise<number> =>
    part.evaluate((element) => Math.round(element.getBoundingClientRect().top + scrollY));
  return Promise.all(parts.map(top));
}

test.describe('[UI9] readable in light and dark, narrow and wide', () => {
  test.skip(
    ({ browserName }) => browserName === 'firefox',
    'The rules are those of the page: once is enough.',
  );

  test('the first page and damaged links', async ({ person, shoal }) => {
    const { page, status } = await person();
    await page.goto(shoal.url);
    await expectReadable(page, 'the first page');
    await page.goto(`${shoal.url}/#cut`);
    await expect(status).toBeVisible();
    await expectReadable(page, 'a damaged link');
  });

  test('sharing and receiving, from looking to stopped', async ({ person, shoal, folder }) => {
    const name = `${'a long name without any gap '.replaceAll(' ', '-').repeat(6)}.bin`;
    const file = await folder.file(name, 9 * MB);
    const [sender, receiver] = [await person(SENDS), await person()];
    const uplink = await takeUplink(sender, { holdAfter: 4 * MB });
    const link = await sender.share(shoal.url, file.path);
    await expect(sender.page.getByRole('img', { name: 'QR code of the share link' })).toBeVisible();
    await expectReadable(sender.page, 'a share');
    await sender.button('Stop sharing').click();
    await expect(sender.button('Start sharing')).toBeVisible();
    await expectFits(sender.page, 'a stopped share');
    await receiver.page.goto(link);
    await expect(receiver.status).toHaveText(/Nobody is sharing this/);
    await expectFits(receiver.page, 'looking');
    await sender.button('Start sharing').click();
    await expect(receiver.button('Download')).toBeVisible(TRANSFER_PATIENCE);
    await expectFits(receiver.page, 'ready');
    await expect(receiver.status).toHaveText(/Ready to download/);
    await receiver.button('Download').click();
    await expect.poll(() => receiver.percent(), TRANSFER_PATIENCE).toBeGreaterThan(20);
    await expectReadable(receiver.page, 'downloading');
    await receiver.button('Pause').click();
    await expect(receiver.button('Resume')).toBeVisible();
    await expectFits(receiver.page, 'paused');
    const still = await placesAtNarrowest(receiver.page);
    await uplink.letGo();
    await receiver.button('Resume').click();
    await expect(receiver.status).toHaveText(/Saved to your downloads/, TRANSFER_PATIENCE);
    await expectReadable(receiver.page, 'complete');
    expect(await placesAtNarrowest(receiver.page), 'nothing jumps when it is complete').toEqual(still);
    await receiver.button('Stop sharing').click();
    await expect(receiver.button('Start sharing')).toBeVisible();
    await expectFits(receiver.page, 'stopped');
    expect(await placesAtNarrowest(receiver.page), 'nothing jumps when it is stopped').toEqual(still);
    await receiver.page.goto(`${shoal.url}/#/`);
    await expect(receiver.page.getByRole('heading', { name: 'Your shares' })).toBeVisible();
    await expectReadable(receiver.page, 'the first page with a share in this tab');
  });
});

test(
  '[UI9] each name of the page’s contract is there once, and is nobody else’s',
  ONE_BROWSER,
  async ({ person, shoal, folder }) => {
    const file = await folder.file('named.bin', MB);
    const [sender, receiver] = [await person(SENDS), await person()];
    await sender.page.goto(shoal.url);
    await expectAlone(
      sender.page.getByLabel('Choose files'),
      sender.page.getByLabel('Choose a folder'),
      sender.page.getByRole('textbox', { name: 'Link, magnet or resource' }),
      sender.button('Open'),
    );
    const link = await sender.share(shoal.url, file.path);
    await expectAlone(
      sender.page.getByRole('textbox', { name: 'Share link' }),
      sender.button('Copy link'),
      sender.button('Stop sharing'),
      sender.page.getByRole('img', { name: 'QR code of the share link' }),
      sender.status,
    );
    await receiver.open(link);
    await expectAlone(
      receiver.page.getByRole('heading', { name: file.name }),
      receiver.button('Download'),
      receiver.page.getByRole('progressbar', { name: 'Download progress' }),
      receiver.status,
    );
    const bar = receiver.page.getByRole('progressbar', { name: 'Download progress' });
    await expect(bar).toHaveAttribute('aria-valuenow', '0');
    await receiver.download();
    await expect(bar).toHaveAttribute('aria-valuenow', '100');
    await expectAlone(receiver.button('Save'), receiver.button('Stop sharing'), receiver.status);
  },
);

test('[UI9] everything can be done with the keyboard alone', async ({
  person,
  shoal,
  folder,
  browserName,
}) => {
  const file = await folder.file('typed.bin', MB);
  const [sender, receiver] = [await person(SENDS), await person()];
  // Playwright answers the dialogue of an input alone ([LB5]).
  await sender.page.addInitScript(() => Object.assign(window, { showOpenFilePicker: undefined }));
  sender.page.on('filechooser', (dialogue) => void dialogue.setFiles(file.path));
  await sender.page.goto(shoal.url);
  const choose = sender.page.getByLabel('Choose files');
  await tabTo(sender, choose);
  // Playwright tells of dialogues that a key opens in Chromium alone.
  if (browserName === 'firefox') await choose.setInputFiles(file.path);
  else await sender.page.keyboard.press('Enter');
  const link = await sender.link();
  await tabTo(sender, sender.button('Copy link'));
  await receiver.page.goto(shoal.url);
  await tabTo(receiver, receiver.page.getByRole('textbox', { name: 'Link, magnet or resource' }));
  await receiver.page.keyboard.insertText(link);
  await receiver.page.keyboard.press('Enter');
  await expect(receiver.button('Download')).toBeVisible(TRANSFER_PATIENCE);
  await tabTo(receiver, receiver.button('Download'));
  const downloading = receiver.page.waitForEvent('download', TRANSFER_PATIENCE);
  await receiver.page.keyboard.press('Enter');
  expect(await sha256Of(await (await downloading).path())).toBe(file.sha256);

  await tabTo(sender, sender.button('Stop sharing'));
  await sender.page.keyboard.press('Enter');
  await expect(sender.button('Start sharing')).toBeVisible();
});

test(
  '[UI11] the focus goes to the button that takes the place of a pressed one, and is let be elsewhere',
  ONE_BROWSER,
  async ({ person, shoal, folder }) => {
    // Several files are not saved by themselves: the browser's list of downloads would take the focus.
    const files = [await folder.file('kept.bin', 9 * MB), await folder.file('kept.txt', 10)];
    const [sender, receiver] = [await person(SENDS), await person()];
    const uplink = await takeUplink(sender, { holdAfter: 4 * MB });
    const link = await sender.share(
      shoal.url,
      files.map(({ path }) => path),
    );
    await press(sender, 'Stop sharing', 'Start sharing');
    await press(sender, 'Start sharing', 'Stop sharing');
    await receiver.open(link);
    await press(receiver, 'Download', 'Pause');
    await press(receiver, 'Pause', 'Resume');
    await press(receiver, 'Resume', 'Pause');
    await uplink.letGo();
    await expectHeld(receiver.button('Save'));
    await press(receiver, 'Stop sharing', 'Start sharing');
    await press(receiver, 'Start sharing', 'Stop sharing');
    const home = receiver.page.getByRole('link', { name: 'shoal' });
    await receiver.page.keyboard.press('Enter');
    await home.focus();
    await expect(receiver.button('Start sharing')).toBeVisible();
    await expectHeld(home);
    const saving = receiver.page.waitForEvent('download', TRANSFER_PATIENCE);
    await press(receiver, 'Save', 'Save');
    await saving;
    await expectHeld(receiver.button('Save'));
  },
);

test(
  '[UI10] a first visit loads little before the page can take a file',
  ONE_BROWSER,
  async ({ person, shoal }) => {
    const { page } = await person();
    const { beforeFilesBytes, parts } = await measureFirstLoad(page, shoal.url);
    expect(parts.some(({ beforeFiles }) => beforeFiles)).toBe(true);
    expect(beforeFilesBytes, JSON.stringify(parts)).toBeLessThanOrEqual(FIRST_LOAD_BYTES);
  },
);

test(
  '[UI10] a first visit that nobody uses loads little more in its first three seconds, and is ready for others after them',
  ONE_BROWSER,
  async ({ person, shoal }) => {
    const { page } = await person();
    const worker = page.waitForEvent('worker');
    const parts = await measureFirstSeconds(page, shoal.url);
    expect(parts).not.toEqual([]);
    expect(sumOf(parts), JSON.stringify(parts)).toBeLessThanOrEqual(FIRST_SECONDS_BYTES);
    await worker;
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  },
);

test(
  '[UI10] [SV2] at an IPv6 address the page reaches its tracker and complains of nothing',
  ONE_BROWSER,
  async ({ person, folder, afterwards }) => {
    const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
      list?.some(({ address }) => address === '::1'),
    );
    test.skip(!hasIpv6, 'This machine has no IPv6.');
    const server = await startShoal({ host: '::1' });
    afterwards(() => server.close());
    expect(server.url).toBe(`http://[::1]:${server.port}`);
    const file = await folder.file('six.txt', 10);
    const link = await (await person()).share(server.url, file.path);
    expect(link.startsWith(`${server.url}/#`)).toBe(true);
    const download = await (await person()).receive(link);
    expect(await sha256Of(await download.path())).toBe(file.sha256);
  },
);

async function expectAlone(...elements: readonly Locator[]): Promise<void> {
  for (const element of elements) await expect(element).toHaveCount(1);
}

/** Presses a button with the keyboard; the focus is then on the one named last. */
async function press(who: Person, name: string, then: string): Promise<void> {
  await tabTo(who, who.button(name));
  await who.page.keyboard.press('Enter');
  await expectHeld(who.button(then));
}

/** Has the focus of its page, whether or not the window is in front. */
async function expectHeld(control: Locator): Promise<void> {
  const held = (): Promise<boolean> => control.evaluate((element) => element === document.activeElement);
  await expect.poll(held, TRANSFER_PATIENCE).toBe(true);
}

/** Goes from one control to the next until this one has the focus, and shows it. */
async function tabTo({ page }: Person, wanted: Locator): Promise<void> {
  // In a window that is not in front keys press nothing.
  await page.bringToFront();
  for (let presses = 0; presses < 15; presses++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(wanted).toBeFocused();
}
