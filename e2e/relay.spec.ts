/** Two browsers that cannot reach each other: everything goes through a real TURN server, and the page says so. */
import type { BrowserContext } from 'playwright/test';
import { expect, SENDS, test } from './fixtures.ts';
import { sha256Of } from './files.ts';
import { startCoturn } from './services.ts';
import { startShoal } from './shoal.ts';

test.describe.configure({ timeout: 120_000 });

/** As if every straight way were closed. */
async function closeStraightWays(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const Original = RTCPeerConnection;
    globalThis.RTCPeerConnection = class extends Original {
      constructor(configuration?: RTCConfiguration) {
        super({ ...configuration, iceTransportPolicy: 'relay' });
      }
    };
  });
}

test('[SV3] [UI4] a file arrives through a relay alone, and both pages say so', async ({
  person,
  folder,
  afterwards,
}) => {
  const coturn = await startCoturn();
  test.skip(coturn.kind === 'missing', coturn.kind === 'missing' ? coturn.sentence : '');
  if (coturn.kind === 'missing') return;
  afterwards(() => coturn.stop());
  const server = await startShoal({
    turn: { urls: coturn.urls, secret: coturn.secret, lifeSeconds: 3600 },
  });
  afterwards(() => server.close());
  const file = await folder.file('through a relay.bin', 2_000_000);
  const [sender, receiver] = [await person(SENDS), await person()];
  for (const one of [sender, receiver]) await closeStraightWays(one.context);
  const link = await sender.share(server.url, file.path);
  await receiver.open(link);
  await expect(receiver.page.getByText('1, relayed')).toBeVisible();
  const download = await receiver.download();
  expect(await sha256Of(await download.path())).toBe(file.sha256);
  await expect(sender.page.getByText('1, relayed')).toBeVisible();
  await expect(receiver.page.getByText('1, relayed')).toBeVisible();
});
