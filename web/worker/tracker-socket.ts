/**
 * The socket to the tracker in a browser. Lives in the worker, where a hidden tab's timer throttling does not reach
 * ([WK4]). How it connects again is `shared/peer/tracker-socket.ts`.
 */
import ReconnectingWebSocket from 'partysocket/ws';
import type { SocketListener } from '../../shared/peer/ports.ts';
import { RetryingTrackerSocket } from '../../shared/peer/tracker-socket.ts';

export class WebTrackerSocket extends RetryingTrackerSocket {
  /** `fraction`: any number from 0 up to 1. */
  constructor(url: string, listener: SocketListener, fraction: () => number) {
    super(
      (options, told) => {
        const socket = new ReconnectingWebSocket(url, [], options);
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
