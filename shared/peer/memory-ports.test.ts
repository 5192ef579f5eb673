/** The ports in memory, on which the tests of the peer stand, keep what every implementation keeps. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { bytesToHex } from '../hex.ts';
import { peerId } from '../ids.ts';
import { clockRules } from './contracts/clock.ts';
import { diallerRules } from './contracts/dialler.ts';
import { digestRules } from './contracts/digest.ts';
import { entropyRules } from './contracts/entropy.ts';
import { filesRules } from './contracts/files.ts';
import { identityRules } from './contracts/identity.ts';
import { libraryRules } from './contracts/library-store.ts';
import { concatenated, linkRules } from './contracts/link.ts';
import { ownTabsRules } from './contracts/own-tabs.ts';
import { pieceStoreRules } from './contracts/piece-store.ts';
import { trackerSocketRules } from './contracts/tracker-socket.ts';
import { MemoryLibrary } from './library.ts';
import { MemoryStore } from './memory-store.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { MemoryFile, memoryFiles } from './testing/memory-files.ts';
import { MemoryBrowser, memoryIdentity, memorySignature } from './testing/memory-identity.ts';
import { MemoryNetwork, PipeLink } from './testing/memory-network.ts';
import { MemoryTracker } from './testing/memory-tracker.ts';
import { nodeIdentity, nodeVerifies } from './testing/node-identity.ts';
import { nodeClock, nodeDigest, seededEntropy } from './testing/node-ports.ts';

const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('the clock that a test moves', () => {
  test.each(clockRules)('[PE1] $name', ({ check }) => {
    const clock = new FakeClock();
    return check({ clock, wait: (ms) => clock.advance(ms) });
  });
});

describe('the clock of Node', () => {
  test.each(clockRules)('[PE1] $name', ({ check }) =>
    check({ clock: nodeClock, wait: (ms) => new Promise((resolve) => nodeClock.after(ms, resolve)) }),
  );
});

describe('SHA-256 in Node', () => {
  test.each(digestRules)('[PE1] $name', ({ check }) => check(nodeDigest));
});

describe('seeded chance', () => {
  test.each(entropyRules)('[PE1] $name', ({ check }) => check(seededEntropy(1)));

  test('can be repeated', () => {
    expect(seededEntropy(7).bytes(64)).toEqual(seededEntropy(7).bytes(64));
  });
});

describe('identities that a test chooses', () => {
  test.each(identityRules)('[PE1] $name', ({ check }) => {
    let made = 0;
    return check({
      identify: async () => memoryIdentity(peerId((++made).toString(16).repeat(64))!),
      idOf: bytesToHex,
      verifies: async ({ id }, bytes, signature) =>
        bytesToHex(memorySignature(id, bytes)) === bytesToHex(signature),
    });
  });
});

describe.each(['ed25519', 'p256'] as const)('identities of Node by %s', (algorithm) => {
  test.each(identityRules)('[PE1] $name', ({ check }) =>
    check({ identify: async () => nodeIdentity(algorithm), idOf: sha256Hex, verifies: nodeVerifies }),
  );
});

describe('tabs of a browser in memory', () => {
  test.each(ownTabsRules)('[PE1] $name', ({ check }) =>
    check({
      ownTabs: new MemoryBrowser().ownTabs,
      elsewhere: new MemoryBrowser().ownTabs,
      settle: async () => undefined,
    }),
  );
});

describe('files in memory', () => {
  test.each(filesRules)('[PE1] $name', ({ check }) =>
    check({ files: memoryFiles, contentOf: (bytes) => new MemoryFile(bytes) }),
  );
});

describe('the store in memory', () => {
  test.each(pieceStoreRules.filter(({ lastingOnly }) => lastingOnly !== true))('[PE1] $name', ({ check }) => {
    const store = new MemoryStore();
    return check(async () => store);
  });
});

describe('a pipe', () => {
  test.each(linkRules)('[PE1] $name', ({ check }) => {
    const clock = new FakeClock();
    const [near, far] = [0, 1].map(() => new PipeLink(clock, 3, 'direct', () => undefined)) as [
      PipeLink,
      PipeLink,
    ];
    [near.other, far.other] = [far, near];
    const parts: Uint8Array[] = [];
    let closed = false;
    far.listen({
      received: (bytes) => parts.push(bytes),
      sent: () => undefined,
      closed: () => (closed = true),
    });
    return check({
      link: near,
      far: {
        send: (bytes) => far.send(bytes),
        close: () => far.close(),
        received: () => concatenated(parts),
        closed: () => closed,
      },
      settle: () => clock.advance(100),
    });
  });
});

describe('connections in memory', () => {
  test.each(diallerRules)('[PE1] $name', ({ check }) => {
    const clock = new FakeClock();
    const { dialler } = new MemoryNetwork(clock);
    return check({ here: dialler, there: dialler, settle: () => clock.advance(100) });
  });
});

describe('a socket to the tracker in memory', () => {
  test.each(trackerSocketRules)('[PE1] $name', ({ check }) => {
    const clock = new FakeClock();
    const tracker = new MemoryTracker(clock);
    return check({
      connect: tracker.socket,
      server: {
        heard: tracker.texts,
        say: (text) => tracker.say(text),
        drop: () => tracker.drop(),
        away: (away) => (tracker.away = away),
      },
      until: (what, isSo) => clock.until(isSo, what),
    });
  });
});

describe('the library in memory', () => {
  const rules = libraryRules.filter(({ lastingOnly }) => lastingOnly !== true);
  test.each(rules)('$name', ({ check }) => {
    const library = new MemoryLibrary();
    return check(async () => library);
  });
});
