/** From one kind of browser to another: they speak the same, whatever each of them does differently. */
import type { Browser } from 'playwright/test';
import { sha256Of } from './files.ts';
import { expect, SENDS, test } from './fixtures.ts';
import { FIREFOX_CHANNEL, firefoxLaunch } from './launch.ts';

test.skip(firefoxLaunch === null, 'There is no Firefox here to send to and to receive from.');
// One after the other, so that one Firefox is enough.
test.describe.configure({ mode: 'default', timeout: 150_000 });

let firefox: Browser | undefined;
test.beforeAll(async ({ playwright }) => {
  firefox = await playwright.firefox.launch({ channel: FIREFOX_CHANNEL, ...firefoxLaunch });
});
test.afterAll(() => firefox?.close());

for (const [from, to] of [
  ['Chromium', 'Firefox'],
  ['Firefox', 'Chromium'],
] as const) {
  test(`[SA1] [PN1] from ${from} to ${to}`, async ({ person, shoal, folder, browser }) => {
    const named = { Chromium: { browser }, Firefox: { browser: firefox } };
    const file = await folder.file('crossing.bin', 9_000_001);
    const [sender, receiver] = [await person({ ...SENDS, ...named[from] }), await person(named[to])];
    const download = await receiver.receive(await sender.share(shoal.url, file.path));
    expect(download.suggestedFilename()).toBe(file.name);
    expect(await sha256Of(await download.path())).toBe(file.sha256);
  });
}
