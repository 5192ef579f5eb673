/**
 * Peers as people ([EN6]): each once, and nobody of this browser. Pure.
 */
import type { ConnectedPeer } from '../peer/verbs.ts';

/** Others among these peers that the question is true of. */
export function peopleAmong(
  peers: readonly ConnectedPeer[],
  is: (peer: ConnectedPeer) => boolean = () => true,
): number {
  return new Set(peers.filter((peer) => !peer.own && is(peer)).map(({ id }) => id)).size;
}
