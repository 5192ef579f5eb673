/** A browser that sleeps in the middle of a transfer, as under a closed lid: it goes on by itself, on a connection of its own. */
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { sha256Of } from './files.ts';
import { expect, test } from './fixtures.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import type { Person } from './person.ts';
import { startSleepyBrowser } from './sleeping.ts';
import { takeUplink } from './uplink.ts';

const MB = 1_000_000;
/** Long enough for the other side to notice, and for what waits to be sent again to wait long. */
const SLEEP_MS = 15_000;

declare const madeConnections: number;

/** Before the page is opened. Answers how many connections it has made so far. */
async function countConnections({ page }: Person): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const made = { madeConnections: 0 };
    Object.assign(globalThis, made);
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        Object.assign(globalThis, { madeConnections: ++made.madeConnections });
      }
    };
  });
  return () => page.evaluate(() => madeConnections);
}

for (const sleeper of ['receiver', 'sender'] as const) {
  test(`[PN10] [PN11] a ${sleeper} that slept for 15 s goes on where it was, on a new connection`, async ({
    person,
    shoal,
    folder,
    afterwards,
    browserName,
  }) => {
    test.skip(browserName === 'firefox', 'Firefox under Playwright has no server to connect to.');
    test.skip(process.platform === 'win32', 'No process can be stopped there.');
    test.setTimeout(180_000);
    const file = await folder.file('film.bin', 12 * MB);
    const sleepy = await startSleepyBrowser();
    afterwards(() => sleepy.close());
    const sender = await person(sleeper === 'sender' ? { browser: sleepy.browser } : {});
    const receiver = await person(sleeper === 'receiver' ? { browser: sleepy.browser } : {});
    const uplink = await takeUplink(sender, { holdAfter: 4 * MB });
    const connections = await countConnections(sender);
    await receiver.open(await sender.share(shoal.url, file.path));
    await receiver.button('Download').click();
    await expect.poll(() => receiver.percent(), TRANSFER_PATIENCE).toBeGreaterThan(15);
    const before = await connections();
    sleepy.stop();
    // What is sent to a receiver that sleeps is sent again later and later.
    if (sleeper === 'receiver') await uplink.letGo();
    await passed(SLEEP_MS);
    sleepy.wake();
    if (sleeper === 'sender') await uplink.letGo();
    const arrived = join(folder.path, 'arrived.bin');
    await (await receiver.savedAtLast()).saveAs(arrived);
    expect(await sha256Of(arrived)).toBe(file.sha256);
    expect(await connections()).toBeGreaterThan(before);
  });
}
