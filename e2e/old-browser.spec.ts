/** [UI6] What a browser is told in which the page cannot run. */
import { expect, ONE_BROWSER, test } from './fixtures.ts';

test(
  '[UI6] a browser that cannot read the page’s script is told so, by style and text alone',
  ONE_BROWSER,
  async ({ person, shoal }) => {
    const visitor = await person();
    const { page } = visitor;
    const told = page.getByText('This browser is too old for Shoal');
    await page.goto(shoal.url);
    await expect(page.getByLabel('Choose files')).toBeAttached();
    await expect(told).toBeHidden();
    visitor.pardon(/SyntaxError|Unexpected/);
    await page.route(/\.css$/, async (route) => {
      const response = await route.fetch();
      // A unit that no browser knows, as an old one does not know this.
      await route.fulfill({ response, body: (await response.text()).replace('1lh', '1unknown') });
    });
    await page.route(/assets\/index-[^/]*\.js$/, (route) =>
      route.fulfill({ contentType: 'text/javascript', body: 'class A { static {' }),
    );
    await page.goto(`${shoal.url}/?again`);
    await expect(told).toBeVisible();
  },
);

test(
  '[UI6] a browser that reads it and lacks something is told what',
  ONE_BROWSER,
  async ({ person, shoal }) => {
    const { page } = await person();
    await page.addInitScript(() => {
      Reflect.deleteProperty(globalThis, 'RTCPeerConnection');
      Reflect.deleteProperty(String.prototype, 'isWellFormed');
    });
    await page.goto(shoal.url);
    await expect(page.getByRole('alert')).toContainText('This browser lacks what is listed below');
    await expect(page.getByRole('listitem')).toHaveText([/^The JavaScript/, /^WebRTC data channels/]);
  },
);
