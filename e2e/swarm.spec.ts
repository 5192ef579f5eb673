/** A class in one browser: five who fetch the same file, one sender who leaves long before everybody has it. */
import { sha256Of } from './files.ts';
import { expect, SENDS, test } from './fixtures.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import type { Person } from './person.ts';
import { takeUplink } from './uplink.ts';

test.describe.configure({ timeout: 300_000 });

const FILE_BYTES = 8_000_000;
/** Not a byte more than that leaves the sender, whatever is asked of it. */
const COPIES_OF_SENDER = 1.3;
/** Copies that the sender has sent when each of the five comes. */
const ARRIVALS = [0, 0, 0.3, 0.6, 0.9];

test('[UP1] [PK1] five receivers finish although the sender leaves after 1.3 copies', async ({
  person,
  shoal,
  folder,
}) => {
  const file = await folder.file('lesson.bin', FILE_BYTES);
  const sender = await person(SENDS);
  const uplink = await takeUplink(sender, { holdAfter: COPIES_OF_SENDER * FILE_BYTES });
  const copiesSent = async (): Promise<number> => (await uplink.sentBytes()) / FILE_BYTES;
  const link = await sender.share(shoal.url, file.path);

  const receivers: Person[] = [];
  const arrivals: Promise<string>[] = [];
  for (const copies of ARRIVALS) {
    const receiver = await person();
    await receiver.open(link);
    await expect.poll(copiesSent, TRANSFER_PATIENCE).toBeGreaterThanOrEqual(copies);
    receivers.push(receiver);
    arrivals.push(receiver.download().then(async (download) => sha256Of(await download.path())));
  }

  const everybodyHasIt = async (): Promise<boolean> =>
    (await Promise.all(receivers.map((receiver) => receiver.percent()))).every((percent) => percent === 100);
  await expect
    .poll(async () => (await copiesSent()) >= COPIES_OF_SENDER || (await everybodyHasIt()), TRANSFER_PATIENCE)
    .toBe(true);
  const sent = await copiesSent();
  await sender.leave();

  expect(await Promise.all(arrivals)).toEqual(ARRIVALS.map(() => file.sha256));
  console.log(
    `      the sender sent ${Math.min(sent, COPIES_OF_SENDER).toFixed(2)} copies for five receivers`,
  );
});
