/** Browsers that are killed in the middle and started again with what was on their disks: nothing verified is lost. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TrafficWatch } from './traffic.ts';
import { sha256Of } from './files.ts';
import { expect, test } from './fixtures.ts';
import { LastingBrowser } from './lasting.ts';
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
  await sender.keepNoCopies(shoal.url);
  const arrivedBefore = await TrafficWatch.of(receiver.page);
  await takeUplink(sender, { holdAfter: FILE_BYTES / 2 });
  const link = await sender.share(shoal.url, file.path);
  await receiver.open(link);
  await receiver.button('Download').click();
  const half = 0.45 * FILE_BYTES;
  await expect.poll(() => arrivedBefore.arrivedBytes(), TRANSFER_PATIENCE).toBeGreaterThan(half);
  const before = await arrivedBefore.arrivedBytes();
  await Promise.all([sending.kill(), receiving.kill()]);

  [sender, receiver] = [await sending.start(), await receiving.start()];
  const arrivedAfter = await TrafficWatch.of(receiver.page);
  await receiver.page.goto(shoal.url);
  await sender.page.goto(link);
  await sender.page.getByLabel('Choose the file again').setInputFiles(file.path);
  expect(await sender.link()).toBe(link);
  // It goes on without a press, whatever page is looked at.
  const saved = receiver.page.waitForEvent('download', TRANSFER_PATIENCE);
  await receiver.page.getByRole('link', { name: 'killed.bin' }).click();
  expect(await sha256Of(await (await saved).path())).toBe(file.sha256);
  expect(before + (await arrivedAfter.arrivedBytes())).toBeLessThan(1.05 * FILE_BYTES);
});
