/** Tabs of one browser that tell each other who they are. */
import { expect, test } from 'vitest';
import { ownTabsRules } from '../../shared/peer/contracts/own-tabs.ts';
import { browserTabs } from './browser-tabs.ts';

/** A message of our own comes behind all that were sent before it. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) {
    const [sends, hears] = [new BroadcastChannel('settle'), new BroadcastChannel('settle')];
    await new Promise((resolve) => {
      hears.onmessage = resolve;
      sends.postMessage(null);
    });
    for (const channel of [sends, hears]) channel.close();
  }
}

// Channels reach all of this process, and other tests leave peers in it that speak on those of usual places.
test.each(ownTabsRules)('[PE1] [ID2] $name', ({ check }) =>
  check({ ownTabs: browserTabs('/tabs-here/'), elsewhere: browserTabs('/tabs-elsewhere/'), settle }),
);

test('[ST8] what is no id is nobody', async () => {
  const met: string[] = [];
  const tabs = browserTabs('/tabs-here/')((id) => met.push(id));
  const channel = new BroadcastChannel('shoal/tabs-here/-tabs');
  for (const id of ['', 'AB'.repeat(32), 7, null]) channel.postMessage({ id, asks: true });
  for (const said of [null, undefined, 7, 'ab'.repeat(32), {}]) channel.postMessage(said);
  channel.postMessage({ id: 'ab'.repeat(32), asks: false });
  await settle();
  expect(met).toEqual(['ab'.repeat(32)]);
  channel.close();
  tabs.close();
});
