/**
 * Requests as Node reads them, but for one thing: only what asks for a WebSocket is an upgrade. Node takes every
 * `Upgrade` header for one as soon as anybody listens for upgrades, and leaves a request with `Upgrade: h2c`, as
 * some programs send with every request, without its answer ([SV1]; RFC 9110, section 7.8: a server may ignore it).
 */
import { IncomingMessage } from 'node:http';

export class UpgradeRequest extends IncomingMessage {
  // Node's parser writes here what it thinks; its server asks here what to do. Set while the base is constructed.
  declare private claimed: boolean | null;

  set upgrade(claimed: boolean | null) {
    this.claimed = claimed;
  }

  get upgrade(): boolean | null {
    if (this.method === 'CONNECT') return this.claimed;
    return this.claimed && this.method === 'GET' && this.headers.upgrade?.toLowerCase() === 'websocket';
  }
}
