/**
 * Peers in Node and the real signal server, without any browser: real announces, real signals, real sockets, and a pipe
 * where the network would be.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { MemoryStore } from '../shared/peer/memory-store.ts';
import { peerId } from '../shared/ids.ts';
import { memoryFiles } from '../shared/peer/testing/memory-files.ts';
import { MemoryNetwork } from '../shared/peer/testing/memory-network.ts';
import { nodeClock, nodeDigest, seededEntropy } from '../shared/peer/testing/node-ports.ts';
import { TestPeer, infoHashOf, requestOf, someBytes } from '../shared/peer/testing/test-peer.ts';
import { startServer } from '../signal-server/server.ts';
import type { RunningServer } from '../signal-server/server.ts';
import { WebTrackerSocket } from '../web/worker/tracker-socket.ts';

let server: RunningServer;
let peers: TestPeer[];
let network: MemoryNetwork;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

beforeEach(async () => {
  vi.stubGlobal('WebSocket', WebSocket);
  server = await startServer({ host: '127.0.0.1', port: 0, log: silent });
  network = new MemoryNetwork(nodeClock, 0);
  peers = [];
});
afterEach(async () => {
  for (const { peer } of peers) peer.close();
  await server.close();
  vi.unstubAllGlobals();
});

function newPeer(): TestPeer {
  const serial = (peers.length + 1).toString(16).padStart(2, '0');
  const id = peerId(serial.repeat(32));
  if (id === null) throw new Error('two hex digits make an id');
  const { port } = server;
  const store = new MemoryStore();
  const ports = {
    clock: nodeClock,
    digest: nodeDigest,
    entropy: seededEntropy(peers.length),
    files: memoryFiles,
    store,
    dialler: network.dialler,
    tracker: (listener: ConstructorParameters<typeof WebTrackerSocket>[1]) =>
      new WebTrackerSocket(`ws://127.0.0.1:${port}/tracker`, listener),
  };
  const peer = new TestPeer(id, ports, store);
  peers.push(peer);
  return peer;
}

describe('peers without a browser', () => {
  test('[PE1] [TR3] [TR5] [TR7] share a file with each other through the real server', async () => {
    const [sharer, first, second] = [newPeer(), newPeer(), newPeer()];
    const content = someBytes(2_000_000);
    const infoHash = infoHashOf(await sharer.peer.share(requestOf([['film.bin', content]])));
    const ready = first.told(infoHash, ({ phase }) => phase === 'ready');
    await first.peer.open(infoHash);
    await ready;
    expect(first.of(infoHash)).toMatchObject({
      totalBytes: 2_000_000,
      senders: 1,
      online: { seeds: 1, leechers: 0 },
    });
    const complete = [first, second].map((peer) => peer.told(infoHash, ({ phase }) => phase === 'complete'));
    await Promise.all([first.peer.download(infoHash), second.peer.download(infoHash)]);
    await Promise.all(complete);
    expect(await first.holds(infoHash, content)).toBe(true);
    expect(await second.holds(infoHash, content)).toBe(true);
    // Who received it sends it on when its sharer has gone.
    sharer.peer.close();
    const third = newPeer();
    const fromOthers = third.told(infoHash, ({ phase }) => phase === 'complete');
    await third.peer.download(infoHash);
    await fromOthers;
    expect(await third.holds(infoHash, content)).toBe(true);
    expect(peers.flatMap(({ broken }) => broken)).toEqual([]);
  });
});
