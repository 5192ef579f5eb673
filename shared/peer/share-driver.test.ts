/** One driver with a real machine: what it performs, what it feeds back, and how it ends when something of ours breaks. */
import { describe, expect, test } from 'vitest';
import type { Input, Output, Report } from '../engine/io.ts';
import { TokenBucket } from '../engine/meters/token-bucket.ts';
import { peerId } from '../ids.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { seededRandom } from '../random.ts';
import { StoreSource } from './block-sources.ts';
import type { BlockSource } from './block-sources.ts';
import { MemoryStore } from './memory-store.ts';
import type { Digest, Link, LinkListener, LinkPath } from './ports.ts';
import { ShareDriver } from './share-driver.ts';
import { makeShare } from './share-maker.ts';
import { FakeClock, settled } from './testing/fake-clock.ts';
import { memoryFiles } from './testing/memory-files.ts';
import { nodeDigest, seededEntropy } from './testing/node-ports.ts';
import { requestOf, someBytes } from './testing/test-peer.ts';

const OWN = peerId('11'.repeat(32)) as PeerId;
const OTHER = peerId('22'.repeat(32)) as PeerId;
const UNKNOWN = 'e5'.repeat(32) as InfoHash;

/** A link whose other end is the test. */
class FakeLink implements Link {
  readonly path: LinkPath;
  readonly sent: Uint8Array[] = [];
  closed = false;
  listener: LinkListener | null = null;

  constructor(path: LinkPath = 'direct') {
    this.path = path;
  }

  listen(listener: LinkListener): void {
    this.listener = listener;
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.sent.push(bytes);
  }

  close(): void {
    this.closed = true;
  }
}

/** Counts what waits for its time. */
class CountingClock extends FakeClock {
  waiting = 0;
  most = 0;

  override after(ms: number, run: () => void): () => void {
    this.waiting += 1;
    this.most = Math.max(this.most, this.waiting);
    let done = false;
    const end = (): void => {
      if (!done) this.waiting -= 1;
      done = true;
    };
    const cancel = super.after(ms, () => {
      end();
      run();
    });
    return () => {
      end();
      cancel();
    };
  }
}

interface Options {
  readonly manifest?: Manifest | null;
  readonly infoHash?: InfoHash;
  readonly digest?: Digest;
  readonly store?: MemoryStore;
  readonly source?: BlockSource;
}

function scene({ manifest = null, infoHash = UNKNOWN, ...more }: Options = {}) {
  const clock = new CountingClock();
  const store = more.store ?? new MemoryStore();
  const broken: unknown[] = [];
  const dialled: PeerId[] = [];
  const announced: Output[] = [];
  const reports: Report[] = [];
  let changes = 0;
  const config = {
    own: OWN,
    infoHash,
    manifest,
    owned: manifest === null ? ([] as const) : ('all' as const),
    random: seededRandom(1),
    limits: { up: new TokenBucket(), down: new TokenBucket() },
  };
  const driver = new ShareDriver(
    config,
    more.source ?? new StoreSource(infoHash, { store, digest: nodeDigest }),
    {
      clock,
      digest: more.digest ?? nodeDigest,
      store,
      dial: (peer) => dialled.push(peer),
      giveUp: () => undefined,
      care: { moved: () => undefined, stored: () => undefined, makesRoom: async () => false },
      announce: (announce) => announced.push(announce),
      changed: () => (changes += 1),
      reported: (event) => reports.push(event),
      sent: () => undefined,
      broke: (error) => broken.push(error),
      swarmChanged: () => undefined,
    },
  );
  return { clock, driver, store, broken, dialled, announced, reports, changes: () => changes };
}

async function madeShare() {
  const ports = { clock: new FakeClock(), digest: nodeDigest, entropy: seededEntropy(3), files: memoryFiles };
  const made = await makeShare(requestOf([['a.bin', someBytes(100_000)]]), ports, () => undefined);
  if (made.kind !== 'made') throw new Error(made.kind);
  return made;
}

const named: Input = {
  kind: 'peers-announced',
  interval: 30,
  complete: 1,
  incomplete: 1,
  peers: [{ id: OTHER, seed: true }],
};

describe('performing', () => {
  test('[WK1] orders reach the ports they are for', () => {
    const { driver, announced, dialled, changes } = scene();
    driver.feed({ kind: 'tracker-opened' });
    driver.feed(named);
    expect([announced.length, dialled, changes()]).toEqual([1, [OTHER], 2]);
  });

  test('[HS2] the dialler’s handshake goes out with the opening, and what comes is fed', () => {
    const { driver } = scene();
    const link = new FakeLink();
    driver.linkOpened(OTHER, 'dialler', link);
    expect(link.sent.map(({ length }) => length)).toEqual([75]);
    link.listener?.received(new Uint8Array(75));
    expect(link.closed).toBe(true);
    expect(driver.snapshot().engine.peers).toEqual([]);
  });

  test('[WK1] one wake-up waits for the machine’s next deadline, however often it is asked', async () => {
    const { clock, driver } = scene();
    driver.feed({ kind: 'tracker-opened' });
    driver.feed(named);
    for (let nth = 0; nth < 20; nth++) driver.feed({ kind: 'dial-failed', peer: OTHER });
    expect(clock.waiting).toBe(1);
    await clock.advance(60_000);
    expect([clock.waiting, clock.most]).toEqual([1, 1]);
  });

  test('[PN1] who is reached through a relay is told while the link is open', () => {
    const { driver } = scene();
    const [relayed, direct] = [new FakeLink('relayed'), new FakeLink()];
    driver.linkOpened(OTHER, 'dialler', relayed);
    driver.linkOpened(peerId('33'.repeat(32)) as PeerId, 'dialler', direct);
    expect(driver.snapshot().paths.get(OTHER)).toBe('relayed');
    relayed.listener?.closed('closed');
    expect(driver.snapshot().paths.has(OTHER)).toBe(false);
  });
});

describe('[PN8] [SW3] a peer that floods', () => {
  test('is not let in again, by whatever connection', () => {
    const { driver } = scene();
    const other = peerId('33'.repeat(32)) as PeerId;
    for (const [peer, why] of [
      [OTHER, 'flooded'],
      [other, 'closed'],
    ] as const) {
      const link = new FakeLink();
      expect(driver.welcomes(peer)).toBe(true);
      driver.linkOpened(peer, 'acceptor', link);
      link.listener?.closed(why);
    }
    expect([driver.welcomes(OTHER), driver.welcomes(other)]).toEqual([false, true]);
  });

  test('finds nobody at home where the share is stopped', () => {
    const { driver } = scene();
    driver.feed({ kind: 'sharing-stopped' });
    expect(driver.welcomes(OTHER)).toBe(false);
    driver.feed({ kind: 'sharing-resumed' });
    expect(driver.welcomes(OTHER)).toBe(true);
  });
});

describe('[WK1] a fault of ours', () => {
  test('[WK1] an exception in the machine ends the share: links close, nothing is done after it', async () => {
    const { clock, driver, broken, announced, changes } = scene();
    const link = new FakeLink();
    driver.feed({ kind: 'tracker-opened' });
    driver.linkOpened(OTHER, 'dialler', link);
    const before = changes();
    driver.feed({ kind: 'piece-stored', piece: 0 });
    expect([broken.length, link.closed, clock.waiting, changes()]).toEqual([1, true, 0, before + 1]);
    expect(String(broken[0])).toMatch(/manifest/);
    driver.feed({ kind: 'tracker-lost' });
    driver.feed({ kind: 'tracker-opened' });
    await clock.advance(600_000);
    expect([announced.length, broken.length]).toEqual([1, 1]);
  });

  test('[WK1] the snapshot tells what was so, and that nothing moves any more', async () => {
    const { infoHash, manifest } = await madeShare();
    const { driver } = scene({ infoHash, manifest });
    driver.feed({ kind: 'tracker-opened' });
    driver.feed(named);
    expect(driver.snapshot()).toMatchObject({ engine: { phase: 'complete' }, broken: false });
    expect(driver.snapshot().engine.online).not.toBeNull();
    driver.feed({ kind: 'piece-hashed', piece: 77_777, sha256: '' });
    const still = { peers: [], up: 0, down: 0, eta: null, stalled: false, online: null, senders: 0 };
    const engine = { phase: 'failed', totalBytes: 100_000, storedBytes: 100_000, ...still };
    expect(driver.snapshot()).toMatchObject({ engine, broken: true, paths: new Map() });
  });

  test('[WK1] a link that opens after it is closed at once', () => {
    const { driver } = scene();
    driver.feed({ kind: 'piece-stored', piece: 0 });
    const link = new FakeLink();
    driver.linkOpened(OTHER, 'acceptor', link);
    expect([link.closed, link.listener]).toEqual([true, null]);
  });

  test('[WK1] so does one in what an order causes later', async () => {
    const { infoHash, manifest } = await madeShare();
    const source = { isStored: false, read: () => Promise.reject(new TypeError('a fault')) };
    const { driver, broken } = scene({ infoHash, manifest, source });
    const link = await served(driver);
    expect(broken).toEqual([new TypeError('a fault')]);
    expect([link.closed, driver.snapshot().broken]).toEqual([true, true]);
  });

  test('[WK1] what is read when the share is closed already is not sent', async () => {
    const { infoHash, manifest } = await madeShare();
    let answer: () => void = () => undefined;
    const source: BlockSource = {
      isStored: false,
      read: () =>
        new Promise((resolve) => {
          answer = () => resolve({ kind: 'block', bytes: someBytes(100) });
        }),
    };
    const { driver, broken } = scene({ infoHash, manifest, source });
    const link = await served(driver);
    const sent = link.sent.length;
    driver.close();
    answer();
    await settled();
    expect([link.sent.length, broken]).toEqual([sent, []]);
  });
});

describe('the world', () => {
  test('[SO4] a block that cannot be read is fed back', async () => {
    const { infoHash, manifest } = await madeShare();
    const source: BlockSource = {
      isStored: false,
      read: async () => ({ kind: 'unreadable', why: 'vanished' }),
    };
    const { driver, broken } = scene({ infoHash, manifest, source });
    await served(driver);
    expect(driver.snapshot().engine).toMatchObject({
      phase: 'failed',
      trouble: { kind: 'source', why: 'vanished' },
    });
    expect(broken).toEqual([]);
  });
});

/** A peer has shaken hands and asked for a block; what came of it has come to rest. */
async function served(driver: ShareDriver): Promise<FakeLink> {
  const link = new FakeLink();
  driver.linkOpened(OTHER, 'dialler', link);
  const reply = link.sent[0]?.slice() ?? new Uint8Array();
  reply.fill(0x22, 11, 43);
  link.listener?.received(reply);
  // A request: piece 0, offset 0, 100 bytes.
  link.listener?.received(new Uint8Array([0, 0, 0, 13, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100]));
  await settled();
  return link;
}
