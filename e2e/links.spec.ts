/** Links: damaged ones, ones that nobody serves, one's own, and the ways to open them. */
import type { Page } from 'playwright/test';
import { sha256Of } from './files.ts';
import { expect, SENDS, test } from './fixtures.ts';
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
  { what: 'is cut', fragment: WHOLE.slice(0, -3), says: /was cut off/ },
  { what: 'is cut and ends a sentence', fragment: `${WHOLE.slice(0, -3)}.`, says: /was cut off/ },
  { what: 'is cut to one character', fragment: 'p', says: /was cut off/ },
  { what: 'has something added', fragment: `${WHOLE}AA`, says: /was added/ },
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
      await expect(heading).toHaveText(/^This link is (?:incomplete|damaged)$/);
      await expect(status).toHaveText(says);
    });
  }
  await page.getByRole('link', { name: 'Go home' }).click();
  await expect(page.getByLabel('Choose files')).toBeAttached();
});

test('[UI4] a link that nobody serves keeps looking, and goes on when somebody comes', async ({
  person,
  shoal,
  folder,
}) => {
  const file = await folder.file('late.bin', MB);
  const [sender, receiver] = [await person(SENDS), await person()];
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
  const sender = await person(SENDS);
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
    ['magnet:?xt=urn:btih:00', /This is a BitTorrent magnet/],
    ['https://example.org/', /has no #/],
    [WHOLE.slice(1), /was cut off/],
  ];
  await page.goto(shoal.url);
  for (const [typed, says] of refused) {
    await openBox(page).fill(typed);
    await visitor.button('Open').click();
    await expect(openBox(page)).toHaveAccessibleDescription(says);
  }
  const magnet = `magnet:?dn=a&as=${encodeURIComponent(`${shoal.url}/#${WHOLE}`)}`;
  for (const typed of [
    WHOLE,
    `#${WHOLE}`,
    ` ${shoal.url}/#${WHOLE}\n`,
    `See <${shoal.url}/#${WHOLE}>.`,
    magnet,
  ]) {
    await page.goto(`${shoal.url}/#/`);
    await openBox(page).fill(typed);
    await openBox(page).press('Enter');
    await expect(visitor.status).toHaveText(LOOKING);
    expect(new URL(page.url()).hash).toBe(`#${WHOLE}`);
  }
});

test('[LK4] [LK6] a link that was mangled on its way opens, and its address is mended', async ({
  person,
  shoal,
}) => {
  const { page, status } = await person();
  const ways = [
    `#${WHOLE}.`,
    `#${WHOLE}?fbclid=x`,
    `#${WHOLE}%E2%80%8B`,
    `#%23${WHOLE}`,
    `?utm_source=x#${WHOLE}`,
    `?u=%23${WHOLE}`,
    `/#${WHOLE}`,
    `index.html#${WHOLE}`,
    `%23${WHOLE}`,
    `/%2523${WHOLE}`,
  ];
  for (const way of ways) {
    await test.step(way, async () => {
      await page.goto('about:blank');
      await page.goto(`${shoal.url}/${way}`);
      await expect(status).toHaveText(LOOKING);
      const { pathname, hash } = new URL(page.url());
      expect(pathname + hash).toBe(`/#${WHOLE}`);
    });
  }
});

test('[UI2] text that is pasted is shared when that is asked for, and a link in it opens', async ({
  person,
  shoal,
}) => {
  const sender = await person(SENDS);
  const { page } = sender;
  const paste = (text: string): Promise<void> =>
    page.evaluate((pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', pasted);
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
    }, text);
  await page.goto(shoal.url);
  await paste('Fish swim\nin shoals.');
  await expect(page.getByText('Fish swim in shoals.')).toBeVisible();
  await sender.button('Share this text').click();
  expect(await sender.link()).toContain('#');
  await expect(sender.heading).toHaveText('text.txt');
  await page.goto(`${shoal.url}/#/`);
  await paste(`Here it is: ${shoal.url}/#${WHOLE}.`);
  await expect(sender.status).toHaveText(LOOKING);
});

test('[UI1] transfers go on while the person is elsewhere in the page', async ({ person, shoal, folder }) => {
  const [file, other] = [await folder.file('background.bin', 9 * MB), await folder.file('small.txt', 10)];
  const [sender, receiver] = [await person(SENDS), await person()];
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

test('[UI2] on a phone the complaint about a wrong link is seen', async ({ person, shoal }) => {
  const { page } = await person({ viewport: { width: 360, height: 740 } });
  await page.goto(shoal.url);
  await page.getByRole('textbox', { name: 'Link, magnet or resource' }).fill('https://share.example/#abc');
  await page.getByRole('button', { name: 'Open' }).click();
  await expect(page.getByText(/cut off/)).toBeInViewport({ ratio: 1 });
});
