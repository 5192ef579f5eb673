/**
 * The browser's storage in the middle of a download: full, and cleared. The page says so, and the file comes.
 * Only Chromium lets a test say how much room there is, and clear it.
 */
import type { Download } from 'playwright/test';
import { sha256Of } from './files.ts';
import { expect, SENDS, test } from './fixtures.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import { takeUplink } from './uplink.ts';

test.describe.configure({ timeout: 180_000 });

const MB = 1_000_000;

test('[ST14] who clears the site’s data in the middle of a download still gets the file', async ({
  person,
  shoal,
  folder,
}) => {
  const file = await folder.file('cleared.bin', 12 * MB);
  const [sender, receiver] = [await person(SENDS), await person()];
  const uplink = await takeUplink(sender, { holdAfter: 7 * MB });
  await receiver.open(await sender.share(shoal.url, file.path));
  await receiver.begin();
  await expect.poll(() => receiver.storedPieces(), TRANSFER_PATIENCE).toBeGreaterThan(20);
  const protocol = await receiver.context.newCDPSession(receiver.page);
  const { origin } = new URL(shoal.url);
  await protocol.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb,file_systems' });
  await expect.poll(() => receiver.percent(), TRANSFER_PATIENCE).toBeLessThan(20);
  await uplink.letGo();
  expect(await sha256Of(await (await receiver.savedAtLast()).path())).toBe(file.sha256);
});

test('[UI17] a full disk is said, a small share still finishes, and the download goes on by itself', async ({
  person,
  shoal,
  folder,
}) => {
  const large = await folder.file('large.bin', 16 * MB, 1);
  const small = await folder.file('small.bin', 100_000, 2);
  const [sender, other, receiver] = [await person(SENDS), await person(SENDS), await person()];
  const smallLink = await other.share(shoal.url, small.path);
  const largeLink = await sender.share(shoal.url, large.path);
  const protocol = await receiver.context.newCDPSession(receiver.page);
  const { origin } = new URL(shoal.url);
  // Before anything is stored: of the room that it has found once, Chromium takes as much as there was.
  await protocol.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 6 * MB });
  const hasRoomFor = async (bytes: number): Promise<void> => {
    const used = await receiver.page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
    await protocol.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: used + bytes });
  };
  /** The large one is saved while it comes: as soon as anything of it is stored, or there is room again. */
  const saved = (name: string): Promise<Download> =>
    receiver.page.waitForEvent('download', {
      ...TRANSFER_PATIENCE,
      predicate: (download) => download.suggestedFilename() === name,
    });
  const [largeSaved, smallSaved] = [saved('large.bin'), saved('small.bin')];
  await receiver.open(largeLink);
  await receiver.installed();
  await receiver.begin();
  await expect(receiver.status).toHaveText(/no more room/, TRANSFER_PATIENCE);
  await expect(receiver.page.getByRole('link', { name: 'Make room' })).toBeVisible();
  const stored = await receiver.storedPieces();
  expect(stored).toBeGreaterThan(0);
  // Room for the small one, and for nothing that the large one waits with.
  await hasRoomFor(230_000);
  await receiver.open(smallLink);
  await receiver.begin();
  expect(await sha256Of(await (await smallSaved).path())).toBe(small.sha256);
  await receiver.page.goto(largeLink);
  await expect(receiver.status).toHaveText(/no more room/);
  await protocol.send('Storage.overrideQuotaForOrigin', { origin });
  expect(await sha256Of(await (await largeSaved).path())).toBe(large.sha256);
});
