/** The socket to the tracker of Node against a real server that goes away and comes back. */
import { afterEach, beforeEach, describe, test } from 'vitest';
import { trackerSocketRules } from '../../shared/peer/contracts/tracker-socket.ts';
import { LocalTracker, until } from '../../shared/peer/testing/local-tracker.ts';
import { NodeTrackerSocket } from './tracker-socket.ts';

let server: LocalTracker;
let url: string;
const open: NodeTrackerSocket[] = [];

beforeEach(async () => {
  server = new LocalTracker();
  url = await server.listening();
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.close();
  await server.close();
});

describe('a socket to the tracker in Node', () => {
  test.each(trackerSocketRules)('[PE1] $name', ({ check }) =>
    check({
      connect: (listener) => {
        const socket = new NodeTrackerSocket(url, listener, () => 0.5);
        open.push(socket);
        return socket;
      },
      server,
      until: (what, isSo) => until(isSo, what),
    }),
  );
});
