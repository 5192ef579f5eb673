/**
 * Requests as Node reads them, but for two things. Only what asks for a WebSocket is an upgrade: Node takes every
 * `Upgrade` header for one as soon as anybody listens for upgrades, and leaves a request with `Upgrade: h2c`, as
 * some programs send with every request, without its answer ([SV1]; RFC 9110, section 7.8: a server may ignore it).
 * And what is one too many on its connection is taken for an upgrade: nothing else makes Node's parser stop in the
 * middle of what the network brought, which may be a thousand requests more ([SV4]).
 */
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** `tooMany`: whether the connection is to be read no further, whatever it asks for. */
export function upgradeRequests(tooMany: (socket: Socket) => boolean): typeof IncomingMessage {
  return class UpgradeRequest extends IncomingMessage {
    // Node's parser writes here what it thinks; its server asks here what to do. Set while the base is constructed.
    declare private claimed: boolean | null;
    declare private excess: boolean;

    set upgrade(claimed: boolean | null) {
      this.claimed = claimed;
      // Before it is one of those that are counted. Without a claim it is only being constructed.
      this.excess = claimed !== null && tooMany(this.socket);
    }

    get upgrade(): boolean | null {
      if (this.excess) return true;
      if (this.method === 'CONNECT') return this.claimed;
      return this.claimed && this.method === 'GET' && this.headers.upgrade?.toLowerCase() === 'websocket';
    }
  };
}
