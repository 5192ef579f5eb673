/** The socket to the tracker in Node, by `ws`. How it connects again is `shared/peer/tracker-socket.ts`. */
import ReconnectingWebSocket from 'partysocket/ws';
import { WebSocket } from 'ws';
import type { SocketListener } from '../../shared/peer/ports.ts';
import { RetryingTrackerSocket } from '../../shared/peer/tracker-socket.ts';

/** Bytes of a message of the server: its longest is a list of what a search found. */
const MAX_MESSAGE_BYTES = 1_048_576;
/** ms for a server to say that it has understood our end: a process that ends does not wait longer for one that hangs. */
const FAREWELL_MS = 1_000;

class PlainWebSocket extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols, { perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
  }

  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason);
    setTimeout(() => this.terminate(), FAREWELL_MS).unref();
  }
}

export class NodeTrackerSocket extends RetryingTrackerSocket {
  /** `fraction`: any number from 0 up to 1. */
  constructor(url: string, listener: SocketListener, fraction: () => number) {
    super(
      (options, told) => {
        const socket = new ReconnectingWebSocket(url, [], { ...options, WebSocket: PlainWebSocket });
        socket.addEventListener('open', () => told.opened());
        socket.addEventListener('close', () => told.closed());
        socket.addEventListener('message', ({ data }) =>
          told.received(typeof data === 'string' ? data : null),
        );
        return {
          get isOpen() {
            return socket.readyState === ReconnectingWebSocket.OPEN;
          },
          send: (text) => socket.send(text),
          close: () => socket.close(),
        };
      },
      listener,
      fraction,
    );
  }
}
