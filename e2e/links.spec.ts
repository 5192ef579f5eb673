/** Links: damaged ones, ones that nobody serves, one's own, and the ways to open them. */
import type { Page } from 'playwright/test';
import { sha256Of } from './files.ts';
import { expect, test } from './fixtures.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import { takeUplink } from './uplink.ts';

test.describe.configure({ timeout: 150_000 });

const MB = 1_000_000;
/** The last of its 43 characters may be one of 16 only. */
const WHOLE = 'pUr8aVVkdUqzc1NOzO8PR5HYbVRSAD0oYwV3tkjUNdA';
const LOOKING = /Nobody is sharing this right now/;

function openBox(page: Page) {
  return page.getByRole('textbox', { name: 'Link, magnet or resource' });
}

const damaged = [
  { what: 'is cut', fragment: WHOLE.slice(0, -3), says: /a part was cut off or added/ },
  { what: 'has something added', fragment: `${WHOLE}AA`, says: /a part was cut off or added/ },
  { what: 'is cut to one character', fragment: 'p', says: /a part was cut off or added/ },
  { what: 'has a full stop behind it', fragment: `${WHOLE}.`, says: /characters that do not belong/ },
  { what: 'is no base64url', fragment: WHOLE.replace('V', '+'), says: /characters that do not belong/ },
  { what: 'has letters of another script', fragment: WHOLE.replace('V', 'Ⅴ'), says: /do not belong/ },
  { what: 'ends in a mistyped character', fragment: `${WHOLE.slice(0, -1)}B`, says: /last character/ },
];

test('[LK1] [LK2] [UI1] a damaged link says what is wrong with it', async ({ person, shoal }) => {
  const { page, status, heading } = await person();
  await page.goto(shoal.url);
  for (const { what, fragment, says } of damaged) {
    await test.step(what, async () => {
      await page.goto(`${shoal.url}/#${fragment}`);
      await expect(heading).toHaveText('This link is damaged');
      await expect(status).toHaveText(says);
    });
  }
  await page.getByRole('link', { name: 'To the first page' }).click();
  await expect(page.getByLabel('Choose files')).toBeAttached();
});

test('[UI4] a link that nobody serves keeps looking, and goes on when somebody comes', async ({
  person,
  shoal,
  folder,
}) => {
  const file = await folder.file('late.bin', MB);
  const [sender, receiver] = [await person(), await person()];
  const link = await sender.share(shoal.url, file.path);
  await sender.button('Stop sharing').click();
  await expect(sender.status).toHaveText(/Nobody can download this from you until you start again/);
  await receiver.page.goto(link);
  await expect(receiver.status).toHaveText(LOOKING);
  await sender.button('Start sharing').click();
  await expect(receiver.button('Download')).toBeVisible(TRANSFER_PATIENCE);
  expect(await sha256Of(await (await receiver.download()).path())).toBe(file.sha256);
});

test('[UI1] one’s own link shows the share, wherever it is opened from', async ({
  person,
  shoal,
  folder,
}) => {
  const file = await folder.file('mine.bin', 1_000);
  const sender = await person();
  const link = await sender.share(shoal.url, file.path);
  const { page } = sender;
  await page.getByRole('link', { name: 'shoal' }).click();
  await openBox(page).fill(link);
  await sender.button('Open').click();
  expect(await sender.link()).toBe(link);
  await page.evaluate((address) => (location.href = address), link);
  expect(await sender.link()).toBe(link);
  await expect(sender.button('Download')).toHaveCount(0);
});

test('[UI2] the box on the first page opens links, and says what it cannot open', async ({
  person,
  shoal,
}) => {
  const visitor = await person();
  const { page } = visitor;
  const refused: readonly [string, RegExp][] = [
    ['', /Paste a link/],
    ['magnet:?xt=urn:sha256:00', /Magnet texts cannot be opened yet/],
    ['https://example.org/', /has no #/],
    [WHOLE.slice(1), /a part was cut off or added/],
  ];
  await page.goto(shoal.url);
  for (const [typed, says] of refused) {
    await openBox(page).fill(typed);
    await visitor.button('Open').click();
    await expect(openBox(page)).toHaveAccessibleDescription(says);
  }
  for (const typed of [WHOLE, `#${WHOLE}`, ` ${shoal.url}/#${WHOLE}\n`]) {
    await page.goto(`${shoal.url}/#/`);
    await openBox(page).fill(typed);
    await openBox(page).press('Enter');
    await expect(visitor.status).toHaveText(LOOKING);
    expect(new URL(page.url()).hash).toBe(`#${WHOLE}`);
  }
});

test('[UI1] transfers go on while the person is elsewhere in the page', async ({ person, shoal, folder }) => {
  const [file, other] = [await folder.file('background.bin', 9 * MB), await folder.file('small.txt', 10)];
  const [sender, receiver] = [await person(), await person()];
  const uplink = await takeUplink(sender, { holdAfter: 3 * MB });
  const link = await sender.share(shoal.url, file.path);
  await receiver.open(link);
  const downloading = receiver.page.waitForEvent('download', TRANSFER_PATIENCE);
  await receiver.button('Download').click();
  await expect.poll(() => receiver.percent(), TRANSFER_PATIENCE).toBeGreaterThan(15);
  for (const one of [sender, receiver]) {
    await one.page.evaluate(() => (location.hash = '#/'));
    await expect(one.page.getByRole('heading', { name: 'Your shares' })).toBeVisible();
  }
  await uplink.letGo();
  // Meanwhile the sender makes another link.
  await sender.page.getByLabel('Choose files').setInputFiles(other.path);
  expect(await sender.link()).not.toBe(link);
  expect(await sha256Of(await (await downloading).path())).toBe(file.sha256);
  await receiver.page.getByRole('link', { name: file.name }).click();
  await expect(receiver.status).toHaveText(/Saved to your downloads/);
  await receiver.page.goBack();
  await expect(receiver.page.getByRole('link', { name: file.name })).toBeVisible();
});
