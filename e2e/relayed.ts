/** Browsers that find each other through a relay of the test's alone, which holds back what they send. */
import { bundled } from './pages/bundle.ts';
import type { Person } from './person.ts';

declare const relayedConnections: () => number;

/** Whoever this person connects to is at that candidate. Before a page of theirs is opened. */
export async function findsAt({ page }: Person, candidate: string): Promise<void> {
  const script = await bundled('relayed-script.ts', { RELAYED_CANDIDATE: JSON.stringify(candidate) });
  await page.addInitScript(`{${script}}`);
}

/** Connections that this person's page has made so. */
export function connectionsOf({ page }: Person): Promise<number> {
  return page.evaluate(() => relayedConnections());
}
