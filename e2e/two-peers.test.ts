/**
 * Peers in Node and the real signal server, without any browser: real announces, real signals, real sockets, and a pipe
 * where the network would be.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { MemoryLibrary } from '../shared/peer/library.ts';
import { MemoryMarks } from '../shared/peer/session-marks.ts';
import { NOTHING_KEPT } from '../shared/peer/nothing-kept.ts';
import { MemorySettings } from '../shared/peer/settings.ts';
import { MemoryActivity } from '../shared/peer/activity-store.ts';
import { MemoryStore } from '../shared/peer/memory-store.ts';
import { memoryFiles } from '../shared/peer/testing/memory-files.ts';
import { MemoryBrowser } from '../shared/peer/testing/memory-identity.ts';
import { MemoryNetwork } from '../shared/peer/testing/memory-network.ts';
import { nodeIdentity } from '../shared/peer/testing/node-identity.ts';
import { nodeClock, nodeDigest, seededEntropy, nodeWholeDigest } from '../shared/peer/testing/node-ports.ts';
import { TestPeer, infoHashOf, requestOf, someBytes } from '../shared/peer/testing/test-peer.ts';
import { startServer } from '../signal-server/server.ts';
import type { RunningServer } from '../signal-server/server.ts';
import { announce, connect } from '../signal-server/testing/client.ts';
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
  const { port } = server;
  const store = new MemoryStore();
  const ports = {
    clock: nodeClock,
    digest: nodeDigest,
    wholeDigest: nodeWholeDigest,
    entropy: seededEntropy(peers.length),
    files: memoryFiles,
    store,
    dialler: network.dialler,
    identify: async () => nodeIdentity(),
    ownTabs: new MemoryBrowser().ownTabs,
    library: new MemoryLibrary(),
    marks: new MemoryMarks(),
    settings: new MemorySettings(),
    activity: new MemoryActivity(),
    kept: NOTHING_KEPT,
    tracker: (listener: ConstructorParameters<typeof WebTrackerSocket>[1]) =>
      new WebTrackerSocket(`ws://127.0.0.1:${port}/tracker`, listener, () => 0.5),
  };
  const peer = new TestPeer(nodeIdentity(peers.length % 2 === 0 ? 'ed25519' : 'p256'), ports, store);
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

  test('[ID3] [TR4] a thief that announces a sharer’s id first after a restart keeps nobody from its shares', async () => {
    const [sharer, receiver] = [newPeer(), newPeer()];
    const content = someBytes(300_000);
    const infoHash = infoHashOf(await sharer.peer.share(requestOf([['film.bin', content]])));
    await sharer.told(infoHash, ({ online }) => online !== null);
    const lost = sharer.told(infoHash, ({ trackerOnline }) => !trackerOnline);
    const { port } = server;
    await server.close();
    await lost;
    server = await startServer({ host: '127.0.0.1', port, log: silent });
    const thief = await connect(port);
    thief.say(announce(sharer.id, { swarm: infoHash, left: 0 }));
    await thief.hear('peers');
    sharer.peer.networkChanged();
    expect(await thief.hear('error')).toMatchObject({ code: 'in-use', about: { peerId: sharer.id } });
    const complete = receiver.told(infoHash, ({ phase }) => phase === 'complete');
    receiver.peer.networkChanged();
    await receiver.peer.download(infoHash);
    await complete;
    expect(await receiver.holds(infoHash, content)).toBe(true);
    expect(sharer.of(infoHash)).toMatchObject({ trackerOnline: true, trackerRefuses: false });
    thief.close();
  });
});
