/** What this browser has already is not fetched again, whatever link it came by. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { sha256Of } from './files.ts';
import { expect, SENDS, test } from './fixtures.ts';

test.describe.configure({ timeout: 240_000 });

const BYTES = 20_000_000;
/** The list of files, and what connections say to each other. */
const BESIDE_BYTES = 200_000;

/** Keeps every connection that the page makes, so that their bytes can be counted. */
function keepConnections(): void {
  const made: RTCPeerConnection[] = [];
  Object.assign(globalThis, { connectionsMade: made });
  const Native = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(...given: ConstructorParameters<typeof RTCPeerConnection>) {
      super(...given);
      made.push(this);
    }
  };
}

function bytesReceived(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const made = Reflect.get(globalThis, 'connectionsMade') as RTCPeerConnection[];
    let bytes = 0;
    for (const connection of made) {
      for (const [, stats] of await connection.getStats()) {
        if (stats.type === 'data-channel') bytes += stats.bytesReceived;
      }
    }
    return bytes;
  });
}

test('[LB7] the same content by another link is here at once, whole, and nothing of it comes', async ({
  person,
  shoal,
  folder,
}) => {
  const file = await folder.file('first.bin', BYTES);
  const copy = join(folder.path, 'second.bin');
  await copyFile(file.path, copy);
  const [sender, receiver] = [await person(SENDS), await person()];
  await receiver.page.addInitScript(keepConnections);
  const first = await sender.share(shoal.url, file.path);
  await receiver.receive(first);
  await expect(receiver.status).toContainText('Saved to your downloads');
  expect(await bytesReceived(receiver.page)).toBeGreaterThan(BYTES);

  const second = await sender.share(shoal.url, copy);
  expect(second).not.toBe(first);
  await receiver.page.goto('about:blank');
  await receiver.open(second);
  const download = await receiver.download();
  expect(download.suggestedFilename()).toBe('second.bin');
  expect(await sha256Of(await download.path())).toBe(file.sha256);
  await expect(receiver.status).toContainText('Saved to your downloads');
  expect(await bytesReceived(receiver.page)).toBeLessThan(BESIDE_BYTES);
});
