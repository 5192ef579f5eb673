/**
 * Several tabs of one browser are one peer, in real browsers: whichever of them is closed, killed or frozen, what was
 * begun in any of them goes on, and nothing is loaded twice.
 */
import type { MadeFile } from './files.ts';
import { sha256Of } from './files.ts';
import { expect, ONE_BROWSER, SENDS, test } from './fixtures.ts';
import { newPerson, TRANSFER_PATIENCE } from './person.ts';
import type { Person } from './person.ts';
import { takeUplink } from './uplink.ts';

test.describe.configure({ timeout: 180_000 });

const MB = 1_000_000;

/** Another tab of the same browser. */
async function tabBeside(person: Person, address: string): Promise<Person> {
  const tab = await newPerson(person.context);
  await tab.page.goto(address);
  return tab;
}

/** Ends the process of the page, as a system does that runs out of memory. */
async function kill({ context, page }: Person): Promise<void> {
  const devtools = await context.newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  // Nobody is left to answer.
  devtools.send('Page.crash').catch(() => undefined);
  await crashed;
}

async function expectReceived(receiver: Person, link: string, { sha256 }: MadeFile): Promise<void> {
  const download = await receiver.receive(link);
  expect(await sha256Of(await download.path())).toBe(sha256);
}

test(
  '[TB1] [UI1] one’s own link in another tab shows the share',
  ONE_BROWSER,
  async ({ person, shoal, folder }) => {
    const file = await folder.file('both.bin', MB);
    const sharer = await person(SENDS);
    const link = await sharer.share(shoal.url, file.path);
    const sister = await tabBeside(sharer, link);
    await expect(sister.status).toContainText('Ready. Send the link', TRANSFER_PATIENCE);
    expect(await sister.link()).toBe(link);
    await sister.button('Stop sharing').click();
    await expect(sharer.status).toContainText('Stopped', TRANSFER_PATIENCE);
    expect(sister.complaints).toEqual([]);
  },
);

test(
  '[TB2] [TB3] files that another tab shares go on when it is closed, and when the owner is',
  ONE_BROWSER,
  async ({ person, shoal, folder }) => {
    const file = await folder.file('handed.bin', 3 * MB);
    const [owner, early, late] = [await person(), await person(), await person()];
    await owner.page.goto(shoal.url);
    await expect(owner.heading).toBeVisible();
    const sharer = await newPerson(owner.context);
    const link = await sharer.share(shoal.url, file.path);
    const third = await tabBeside(owner, shoal.url);
    await expect(third.page.getByRole('link', { name: 'handed.bin' })).toBeVisible(TRANSFER_PATIENCE);
    await sharer.page.close();
    await expectReceived(early, link, file);
    await owner.page.close();
    await expectReceived(late, link, file);
    expect([...sharer.complaints, ...third.complaints]).toEqual([]);
  },
);

test(
  '[TB2] [TB5] a link in two tabs is loaded once, and saved where it was asked for',
  ONE_BROWSER,
  async ({ person, shoal, folder }) => {
    const file = await folder.file('once.bin', 4 * MB);
    const [sender, owner] = [await person(SENDS), await person()];
    const link = await sender.share(shoal.url, file.path);
    await owner.open(link);
    const beside = await tabBeside(owner, link);
    const saves: string[] = [];
    owner.page.on('download', () => saves.push('owner'));
    const download = await beside.download();
    expect(await sha256Of(await download.path())).toBe(file.sha256);
    await expect(owner.status).toContainText('Saved', TRANSFER_PATIENCE);
    await expect(sender.page.getByText('4.00 MB').last()).toBeVisible();
    expect(saves).toEqual([]);
    expect(beside.complaints).toEqual([]);
  },
);

for (const how of ['closed', 'killed'] as const) {
  test(`[TB3] an owner that is ${how} in the middle of a download is followed by the other tab, and nothing is fetched again`, async ({
    person,
    shoal,
    folder,
    browserName,
  }) => {
    test.skip(
      how === 'killed' && browserName !== 'chromium',
      'one process is ended through the DevTools protocol',
    );
    const file = await folder.file('going.bin', 12 * MB);
    const [sender, owner] = [await person(SENDS), await person()];
    const uplink = await takeUplink(sender, { holdAfter: 6 * MB });
    const link = await sender.share(shoal.url, file.path);
    await owner.open(link);
    const beside = await tabBeside(owner, shoal.url);
    await owner.button('Download').click();
    await expect.poll(() => owner.percent(), TRANSFER_PATIENCE).toBeGreaterThan(20);
    await expect(beside.page.getByRole('listitem').filter({ hasText: '%' })).toBeVisible();
    if (how === 'closed') await owner.page.close();
    else await kill(owner);
    await beside.page.goto(link);
    const saved = beside.page.waitForEvent('download', TRANSFER_PATIENCE);
    await uplink.letGo();
    expect(await sha256Of(await (await saved).path())).toBe(file.sha256);
    // What was held when the owner went never left; the blocks that were under way are sent twice.
    expect(await uplink.sentBytes()).toBeLessThan(15 * MB);
    expect(beside.complaints).toEqual([]);
  });
}

test('[TB4] an owner that is frozen loses the peer to the tab that is looked at', async ({
  person,
  shoal,
  folder,
  browserName,
}) => {
  test.skip(browserName !== 'chromium', 'a page is frozen through the DevTools protocol');
  const file = await folder.file('cold.bin', 2 * MB);
  const [owner, receiver] = [await person(), await person()];
  const link = await owner.share(shoal.url, file.path);
  const beside = await tabBeside(owner, link);
  await expect(beside.status).toContainText('Ready. Send the link', TRANSFER_PATIENCE);
  const devtools = await owner.context.newCDPSession(owner.page);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  await beside.page.bringToFront();
  await expectReceived(receiver, link, file);
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  await expect(owner.status).toContainText('Delivered to 1 person', TRANSFER_PATIENCE);
  await owner.button('Stop sharing').click();
  await expect(beside.status).toContainText('Stopped', TRANSFER_PATIENCE);
  expect(beside.complaints).toEqual([]);
});
