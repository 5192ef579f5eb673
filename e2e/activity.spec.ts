/** The page of activity, on both sides of a real download: what it shows, finds, exports and forgets. */
import { readFile } from 'node:fs/promises';
import type { Locator } from 'playwright/test';
import { expect, ONE_BROWSER, SENDS, test } from './fixtures.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import type { Person } from './person.ts';
import { expectReadable } from './readable.ts';

test.describe.configure({ timeout: 180_000 });

const MB = 1_000_000;
/** Pieces are noted at most every 5 s, those that were sent when no more of them follow ([LB12]); the page looks as often. */
const NOTED = { timeout: 40_000 };

async function openActivity({ page }: Person): Promise<{ history: Locator; log: Locator }> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Activity' }).click();
  return {
    history: page.getByRole('table', { name: 'History' }),
    log: page.getByRole('table', { name: 'Transfer log' }),
  };
}

async function exported({ page }: Person, format: 'CSV' | 'JSON'): Promise<string> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: `Export ${format}` }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(
    new RegExp(`^shoal-activity-\\d{4}-\\d\\d-\\d\\d\\.${format.toLowerCase()}$`),
  );
  return readFile(await file.path(), 'utf8');
}

/** The one file of this test's download, with all its bytes. */
async function expectExported(receiver: Person): Promise<void> {
  const csv = await exported(receiver, 'CSV');
  expect(csv.startsWith('\ufeffRecord,Time,')).toBe(true);
  expect(csv).toMatch(/\r\nhistory,[^\r]*,herrings\.bin,[0-9a-f]{64},download,finished,/);
  const record = JSON.parse(await exported(receiver, 'JSON')) as {
    readonly totals: { readonly downloadedBytes: number };
    readonly transferLog: readonly { readonly direction: string; readonly bytes: number }[];
  };
  const came = record.transferLog.filter(({ direction }) => direction === 'down');
  expect(came.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(3 * MB);
  expect(record.totals.downloadedBytes).toBe(3 * MB);
}

test(
  '[UI22] shows a download on both sides, finds it, exports it and forgets it',
  ONE_BROWSER,
  async ({ person, shoal, folder }) => {
    const file = await folder.file('herrings.bin', 3 * MB);
    const [sender, receiver] = [await person(SENDS), await person()];
    const link = await sender.share(shoal.url, file.path);
    await receiver.receive(link);
    await expect(receiver.status).toHaveText(/Saved to your downloads/, TRANSFER_PATIENCE);

    const there = await openActivity(sender);
    await expect(there.history.getByRole('row', { name: /herrings\.bin share shared/ })).toBeVisible();
    await expect(there.log.getByRole('row', { name: / up / }).first()).toBeVisible(NOTED);

    const { history, log } = await openActivity(receiver);
    const row = history.getByRole('row', { name: /herrings\.bin download finished/ });
    await expect(row).toContainText(/3\.00\sMB/);
    await expect(log.getByRole('row', { name: / down .*herrings\.bin/ }).first()).toBeVisible(NOTED);
    await expect(receiver.page.getByRole('img', { name: 'Traffic of the last 30 days' })).toBeVisible();
    await expect(receiver.page.getByText('Downloaded in all').locator('..')).toContainText(
      /3\.00\sMB/,
      NOTED,
    );
    await expectReadable(receiver.page, 'activity');

    const box = receiver.page.getByRole('searchbox', { name: 'Filter history' });
    await box.fill('cancelled');
    await expect(history).toBeHidden();
    await box.fill('finished');
    await expect(row).toBeVisible();

    // Firefox under Playwright does not tell of blob downloads.
    await expectExported(receiver);

    await row.getByRole('link', { name: 'herrings.bin' }).click();
    await expect(receiver.page.getByRole('heading', { name: 'herrings.bin' })).toBeVisible();
    await openActivity(receiver);
    await receiver.button('Clear history').click();
    await receiver.button('Yes, clear it').click();
    await expect(receiver.page.getByText(/Nothing has ended yet/)).toBeVisible();
    await receiver.page.reload();
    await expect(receiver.page.getByText(/Nothing has ended yet/)).toBeVisible();
    await expect(log).toBeVisible();
  },
);
