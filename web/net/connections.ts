/**
 * The real connections of the page. A chunk of its own: simple-peer is loaded when the first connection is near, not
 * before the page can take a file.
 */
import { MessageBudget } from '../../shared/peer/message-budget.ts';
import type { IceServer } from '../../shared/peer/server-config.ts';
import { PageLinks } from './links.ts';
import type { LinksWorker } from './links.ts';
import { ownConfig } from './own-config.ts';
import { PeerLink } from './peer-link.ts';

/** [LB14] What a connection may go by. With the policy `relay` it tells nobody an address of this device. */
function waysOf(iceServers: IceServer[], relayOnly: boolean): RTCConfiguration {
  return relayOnly ? { iceServers, iceTransportPolicy: 'relay' } : { iceServers };
}

export function openLinks(worker: LinksWorker, config = ownConfig): PageLinks {
  const budget = new MessageBudget();
  return new PageLinks(worker, async (role, listener, relayOnly) => {
    const ways = waysOf(await config.iceServers(), relayOnly);
    try {
      return new PeerLink(role, ways, budget, listener);
    } catch {
      // The browser refuses more connections until its garbage collection: as good as a failed dial.
      return null;
    }
  });
}
