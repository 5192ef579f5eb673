/** Browsers that are killed in the middle and started again with what was on their disks: nothing verified is lost. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TrafficWatch } from './traffic.ts';
import { sha256Of } from './files.ts';
import { expect, test } from './fixtures.ts';
import { LastingBrowser } from './lasting.ts';
import type { Person } from './person.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import { takeUplink } from './uplink.ts';

test.describe.configure({ timeout: 180_000 });
test.skip(process.platform !== 'linux', 'processes are found as Linux tells of them');

const MB = 1_000_000;
const FILE_BYTES = 12 * MB;

test('[ST2] [LB2] [LB3] both browsers are killed in the middle, and the same link goes on where it was', async ({
  shoal,
  folder,
  browserName,
  afterwards,
}) => {
  const file = await folder.file('killed.bin', FILE_BYTES);
  const profiles = ['sender', 'receiver'].map((name) => join(folder.path, `profile of ${name}`));
  await Promise.all(profiles.map((path) => mkdir(path)));
  const [ofSender = '', ofReceiver = ''] = profiles;
  // What came is what has to last; the sender's browser keeps a link alone.
  const [sending, receiving] = [
    new LastingBrowser('chromium', ofSender),
    new LastingBrowser(browserName, ofReceiver),
  ];
  afterwards(async () => {
    await Promise.all([sending.close(), receiving.close()]);
  });
  let [sender, receiver] = [await sending.start(), await receiving.start()];
  await takeUplink(sender, { holdAfter: FILE_BYTES / 2 });
  await sender.keepNoCopies(shoal.url);
  const link = await sender.share(shoal.url, file.path);
  await receiver.open(link);
  await receiver.button('Download').click();
  // What others have been told of is stored.
  await expect.poll(() => toldPercent(sender), TRANSFER_PATIENCE).toBeGreaterThan(20);
  const toldBytes = ((await toldPercent(sender)) / 100) * FILE_BYTES;
  await Promise.all([sending.kill(), receiving.kill()]);

  [sender, receiver] = [await sending.start(), await receiving.start()];
  const arrivedAfter = await TrafficWatch.of(receiver.page);
  // It goes on without a press, whatever page is looked at, and may be saved before the other page says so.
  const saved = receiver.page.waitForEvent('download', TRANSFER_PATIENCE);
  await receiver.page.goto(shoal.url);
  await sender.page.goto(link);
  await sender.page.getByLabel('Choose the file again').setInputFiles(file.path);
  expect(await sender.link()).toBe(link);
  await receiver.page.getByRole('link', { name: 'killed.bin' }).click();
  expect(await sha256Of(await (await saved).path())).toBe(file.sha256);
  expect(await arrivedAfter.arrivedBytes()).toBeLessThan(FILE_BYTES - toldBytes + 0.05 * FILE_BYTES);
});

/** Of the one receiver, as the sender's page shows it. */
async function toldPercent({ page }: Person): Promise<number> {
  const receivers = page.getByRole('table', { name: 'Receivers' });
  const [, percent = '0'] = /(\d+) %/.exec((await receivers.allInnerTexts()).join()) ?? [];
  return Number(percent);
}
