/** [UI26] [UI27] A share with a name, a note and a piece size, passed on as a resource file and opened from it by somebody else. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { infoHashPreimage } from '../shared/manifest/info-hash.ts';
import { parseLink } from '../shared/manifest/link.ts';
import { sha256Of } from './files.ts';
import { expect, ONE_BROWSER, test } from './fixtures.ts';
import { expectAccessible } from './readable.ts';

test.describe.configure({ timeout: 180_000 });

// A Blob that is saved is told by no browser but Chromium.
test(
  '[UI26] [UI27] [MF10] a resource file leads to the share that was named before choosing',
  ONE_BROWSER,
  async ({ person, folder, shoal }) => {
    const file = await folder.file('film.bin', 1_500_000);
    const sender = await person();
    const { page } = sender;
    await page.goto(shoal.url);
    await page.getByText('Name, note, piece size and web address').click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Our film');
    await page.getByRole('textbox', { name: 'Note' }).fill('Cut of Sunday');
    await page.getByRole('combobox', { name: 'Piece size' }).selectOption('512 KiB');
    await expectAccessible(page, 'name, note, piece size and web address');
    await page.getByLabel('Choose files').setInputFiles(file.path);
    const link = await sender.link();
    await expect(sender.heading).toHaveText('Our film');

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save resource file' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('Our film.torrentinno');
    const resourcePath = await download.path();
    const resource = JSON.parse(await readFile(resourcePath, 'utf8'));
    const content = await readFile(file.path);
    const pieces = [0, 524_288, 1_048_576].map((from) => {
      const piece = content.subarray(from, from + 524_288);
      return { sha256: createHash('sha256').update(piece).digest('hex'), size: piece.length };
    });
    const comment = expect.stringMatching(/^Cut of Sunday \[shoal:[\w-]{43}\]$/);
    expect(resource).toMatchObject({ name: 'Our film', comment, pieces });
    const preimage = infoHashPreimage(resource) ?? '';
    const infoHash = createHash('sha256').update(preimage).digest('hex');
    expect(parseLink(link)).toEqual({ kind: 'link', infoHash });
    await expect(page.getByRole('textbox', { name: 'Magnet text' })).toHaveValue(
      new RegExp(`^magnet:\\?xt=urn:torrentinno:${infoHash}&dn=Our%20film&xl=1500000&as=`),
    );

    const receiver = await person();
    await receiver.page.goto(shoal.url);
    await receiver.page.getByLabel('Choose a resource file').setInputFiles(resourcePath);
    await expect(receiver.heading).toHaveText('Our film');
    expect(receiver.page.url()).toBe(link);
    await expect(receiver.page.getByText('Cut of Sunday')).toBeVisible();
    await expect(receiver.button('Download')).toBeVisible();
    const saved = await receiver.download();
    expect(await sha256Of(await saved.path())).toBe(file.sha256);
  },
);
