/** Two browsers with a long way between them. */
import { sha256Of } from './files.ts';
import { expect, ONE_BROWSER, test } from './fixtures.ts';
import { bundled } from './pages/bundle.ts';
import type { Person } from './person.ts';
import { connectionsOf, findsAt } from './relayed.ts';
import { UdpRelay } from './udp-relay.ts';

declare const openedConnections: () => number;

test.describe.configure({ timeout: 180_000 });

const ONE_WAY_MS = 25;
/** For nine seconds at the pace of `sendsSteadily`: after some of them it is plain that one connection is not faster. */
const BYTES = 14_000_000;

async function sendsSteadily({ page }: Person, address: string): Promise<void> {
  await page.goto(`${address}/#/settings`);
  const limit = page.getByRole('spinbutton', { name: 'Upload limit' });
  // What holds is shown as soon as it is known, whatever was typed before that.
  await expect(async () => {
    await limit.fill('');
    await limit.pressSequentially('1500');
    await limit.press('Enter');
    await page.reload();
    await expect(limit).toHaveValue('1500');
  }).toPass();
}

// Firefox sends nothing to this device's own address.
test(
  '[PN14] a file comes over several connections to the one who has it, and whole, through a relay that holds all back',
  ONE_BROWSER,
  async ({ person, shoal, folder }) => {
    const relay = new UdpRelay(ONE_WAY_MS, Infinity);
    const { one, other } = await relay.pair();
    try {
      const [sender, receiver] = [await person(), await person()];
      await findsAt(sender, other);
      await findsAt(receiver, one);
      await sendsSteadily(sender, shoal.url);
      const file = await folder.file('far away.bin', BYTES);
      const download = await receiver.receive(await sender.share(shoal.url, file.path));
      expect(await sha256Of(await download.path())).toBe(file.sha256);
      for (const side of [sender, receiver]) expect(await connectionsOf(side)).toBe(4);
    } finally {
      relay.close();
    }
  },
);

test('[PN14] whoever hears that the way is long makes three more connections, and the file comes whole', async ({
  person,
  shoal,
  folder,
}) => {
  const [sender, receiver] = [await person(), await person()];
  await sender.page.addInitScript(`{${await bundled('far-away-script.ts')}}`);
  await sendsSteadily(sender, shoal.url);
  const file = await folder.file('far away.bin', BYTES);
  const download = await receiver.receive(await sender.share(shoal.url, file.path));
  expect(await sha256Of(await download.path())).toBe(file.sha256);
  // Who dials makes the channel: the sender the further three, and the first one where its id is the smaller.
  expect([3, 4]).toContain(await sender.page.evaluate(() => openedConnections()));
});
