/**
 * The real connections of the page. A chunk of its own: simple-peer is loaded when the first connection is near, not
 * before the page can take a file.
 */
import { IceConfig, waysOf } from './ice-config.ts';
import { PageLinks } from './links.ts';
import type { LinksWorker } from './links.ts';
import { MessageBudget } from './message-budget.ts';
import { PeerLink } from './peer-link.ts';

export function openLinks(worker: LinksWorker): PageLinks {
  const ice = new IceConfig(
    () => fetch('config', { signal: AbortSignal.timeout(IceConfig.PATIENCE_MS) }),
    () => performance.now(),
  );
  const budget = new MessageBudget();
  return new PageLinks(worker, async (role, listener, relayOnly) => {
    const ways = waysOf(await ice.servers(), relayOnly);
    try {
      return new PeerLink(role, ways, budget, listener);
    } catch {
      // The browser refuses more connections until its garbage collection: as good as a failed dial.
      return null;
    }
  });
}
