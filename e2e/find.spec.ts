/** Finding what others have made public: a share goes into the directory, is found, opened and downloaded, and goes from it. */
import { sha256Of } from './files.ts';
import { expect, ONE_BROWSER, SENDS, test } from './fixtures.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import { expectAccessible } from './readable.ts';

test.describe.configure({ timeout: 180_000 });

/** The page asks again every 10 s. */
const ASKED_AGAIN = { timeout: 30_000 };

test(
  '[UI23] [LB18] a share that is listed is found by a word and by its id, and goes when it is listed no more',
  ONE_BROWSER,
  async ({ person, shoal, folder }) => {
    const file = await folder.file('Summer in the mountains.bin', 300_000);
    const [sender, finder] = [await person(SENDS), await person()];
    const link = await sender.share(shoal.url, file.path);
    const box = sender.page.getByRole('checkbox', { name: 'List publicly' });
    await expect(box).not.toBeChecked();
    await finder.page.goto(`${shoal.url}/#/find`);
    await expect(finder.status).toContainText('Nobody lists a share on this server');
    await box.check();
    await expect(sender.page.getByText('It is listed now.')).toBeVisible();

    const search = finder.page.getByRole('searchbox', { name: 'Search public shares' });
    const table = finder.page.getByRole('table', { name: 'Public shares' });
    const found = table.getByRole('link', { name: file.name });
    await search.fill('nothing like it');
    await expect(finder.status).toContainText('Nothing found.');
    await search.fill('MOUNTAINS');
    await expect(table.getByRole('row', { name: /300 kB 1 0 1 full copy/ })).toBeVisible();
    await expectAccessible(finder.page, 'what was found');
    await search.fill(link.slice(-43));
    await expect(finder.status).toContainText('The public share with this id');
    await expect(finder.page.getByRole('link', { name: 'Open this share' })).toHaveAttribute(
      'href',
      `#${link.slice(-43)}`,
    );
    await found.click();
    await expect(finder.heading).toHaveText(file.name);
    const download = await finder.download();
    expect(await sha256Of(await download.path())).toBe(file.sha256);
    await expect(finder.status).toContainText('Saved to your downloads', TRANSFER_PATIENCE);

    // Going back finds what was looked for, with the second copy; the server's list goes with the sender's wish.
    await finder.page.goBack();
    await expect(search).toHaveValue(link.slice(-43));
    await expect(table.getByRole('row', { name: /2 0 2 full copies/ })).toBeVisible(ASKED_AGAIN);
    await search.focus();
    await box.uncheck();
    await expect(finder.status).toContainText('No public share has this id.', ASKED_AGAIN);
    // The window may stand behind the sender's.
    expect(await search.evaluate((field) => field === document.activeElement)).toBe(true);
  },
);
