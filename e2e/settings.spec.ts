/** The page of settings: what this browser keeps, what that takes, and its removal. */
import type { Locator } from 'playwright/test';
import { sha256Of } from './files.ts';
import { expect, ONE_BROWSER, SENDS, test } from './fixtures.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import type { Person } from './person.ts';
import { expectReadable } from './readable.ts';

test.describe.configure({ timeout: 180_000 });

const MB = 1_000_000;

async function openSettings({ page }: Person): Promise<Locator> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Settings' }).click();
  return page.getByRole('table', { name: 'Storage' });
}

function rowOf(table: Locator, name: string): Locator {
  return table.getByRole('row').filter({ has: table.page().getByRole('rowheader', { name }) });
}

/** By keys, as a person does: what is put in by script is no change for every browser. */
async function type(field: Locator, text: string): Promise<void> {
  await field.press('ControlOrMeta+a');
  await field.press('Delete');
  await field.pressSequentially(text);
  await field.press('Tab');
}

test(
  '[UI16] shows what each share takes, pins, removes with time to undo, and removes what is finished',
  ONE_BROWSER,
  async ({ person, shoal, folder }) => {
    const files = [await folder.file('one.bin', 3 * MB, 1), await folder.file('two.bin', 2 * MB, 2)];
    const [sender, receiver] = [await person(SENDS), await person()];
    for (const file of files) {
      const download = await receiver.receive(await sender.share(shoal.url, file.path));
      expect(await sha256Of(await download.path())).toBe(file.sha256);
      await expect(receiver.status).toHaveText(/Saved to your downloads/, TRANSFER_PATIENCE);
      // Both links are this sender's, who goes on to the next page.
      await sender.page.goto(`${shoal.url}/#/`);
    }
    const table = await openSettings(receiver);
    await expect(rowOf(table, 'one.bin')).toContainText(/3\.00\sMB/);
    await expect(rowOf(table, 'two.bin')).toContainText(/2\.00\sMB/);
    await expectReadable(receiver.page, 'settings');
    await receiver.button('Keep two.bin').click();
    await expect(receiver.button('Keep two.bin')).toHaveAttribute('aria-pressed', 'true');
    await receiver.button('Remove one.bin').click();
    await receiver.button('Undo one.bin').click();
    await expect(receiver.button('Remove one.bin')).toBeVisible();
    await receiver.button('Remove finished').click();
    await expect(receiver.button('Undo one.bin')).toBeVisible();
    // What is pinned stays.
    await expect(receiver.button('Remove two.bin')).toBeVisible();
    await expect(rowOf(table, 'one.bin')).toHaveCount(0, { timeout: 20_000 });
    await receiver.page.reload();
    await expect(rowOf(table, 'two.bin')).toContainText(/2\.00\sMB/);
    await expect(receiver.button('Keep two.bin')).toHaveAttribute('aria-pressed', 'true');
    await expect(table.getByRole('row')).toHaveCount(2);
  },
);

test('[LB9] [UI16] the rules of the clean-up are remembered, and what is none is refused', async ({
  person,
  shoal,
}) => {
  const { page } = await person();
  await page.goto(`${shoal.url}/#/settings`);
  const [days, limit] = ['Keep finished shares (days)', 'Storage limit (GB)'].map((name) =>
    page.getByRole('spinbutton', { name }),
  ) as [Locator, Locator];
  const copies = page.getByRole('checkbox', { name: 'Keep a copy of small files' });
  await expect(days).toHaveValue('');
  await expect(copies).toBeChecked();
  await type(days, '30');
  await type(limit, '2.5');
  await copies.uncheck();
  await expect(page.getByRole('status')).toHaveText('Saved.');
  await page.reload();
  await expect(days).toHaveValue('30');
  await expect(limit).toHaveValue('2.5');
  await expect(copies).not.toBeChecked();
  await type(days, '-3');
  await expect(days).toHaveValue('30');
  await type(limit, '');
  await expect(page.getByRole('status')).toHaveText('Saved.');
  await page.reload();
  await expect(limit).toHaveValue('');
  await expect(days).toHaveValue('30');
});
