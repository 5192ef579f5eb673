/** Whole peers without a browser: ports in memory, the real tracker messages, pipes instead of a network. */
import { describe, expect, test } from 'vitest';
import type { PieceOrder } from '../engine/io.ts';
import type { InfoHash } from '../ids.ts';
import { MAX_FIRST_RANGES } from '../limits.ts';
import { swarmOf } from '../manifest/link.ts';
import { errorMessage, serverText } from '../tracker/messages.ts';
import { FIGURES_INTERVAL_MS, TELL_INTERVAL_MS } from './limits.ts';
import { MemoryStore } from './memory-store.ts';
import type { PutOutcome, ShareRecord, StoredPiece } from './piece-store.ts';
import { settled } from './testing/fake-clock.ts';
import { MemoryFile } from './testing/memory-files.ts';
import { MemoryBrowser } from './testing/memory-identity.ts';
import { PeerLab, infoHashOf, requestOf, someBytes } from './testing/test-peer.ts';
import type { TestPeer } from './testing/test-peer.ts';
import type { RateLimits } from './verbs.ts';

const UNLIMITED: RateLimits = { up: null, down: null, peerUp: null, peerDown: null };
const [ONE, OTHER] = ['a1'.repeat(32), 'b2'.repeat(32)] as [InfoHash, InfoHash];

async function shared(sharer: TestPeer, content: Uint8Array<ArrayBuffer> | MemoryFile, path = 'film.bin') {
  return infoHashOf(await sharer.peer.share(requestOf([[path, content]])));
}

/** Two peers, one of whom shares a file of so many bytes. */
async function sharing(bytes: number) {
  const lab = new PeerLab();
  const [sharer, receiver] = [lab.peer(), lab.peer()];
  return { lab, sharer, receiver, infoHash: await shared(sharer, someBytes(bytes)) };
}

/** Until the peer holds every byte. */
function complete(lab: PeerLab, peer: TestPeer, infoHash: InfoHash, withinMs = 60_000): Promise<void> {
  const whole = (): boolean => peer.snapshots.get(infoHash)?.phase === 'complete';
  return lab.clock.until(whole, 'the download is complete', withinMs);
}

function ready(lab: PeerLab, peer: TestPeer, infoHash: InfoHash): Promise<void> {
  return lab.clock.until(() => peer.snapshots.get(infoHash)?.phase === 'ready', 'it is known what it is');
}

describe('a transfer without a browser', () => {
  test('[SW1] [MF1] one peer shares a file, another downloads it by its info-hash alone', async () => {
    const lab = new PeerLab();
    const [sharer, receiver] = [lab.peer(), lab.peer()];
    const content = someBytes(1_000_000);
    const infoHash = await shared(sharer, content);
    await receiver.peer.open(infoHash);
    await ready(lab, receiver, infoHash);
    expect(receiver.of(infoHash)).toMatchObject({ totalBytes: 1_000_000, receivedBytes: 0, senders: 1 });
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash);
    expect(await receiver.holds(infoHash, content)).toBe(true);
    expect(receiver.of(infoHash)).toMatchObject({ savable: true, saveDue: true, storedBytes: 1_000_000 });
    await lab.clock.advance(1_000);
    expect(sharer.of(infoHash)).toMatchObject({ role: 'sharing', savable: false, uploadedBytes: 1_000_000 });
    expect([...sharer.broken, ...receiver.broken]).toEqual([]);
  });

  test('[SO1] a folder, with an empty file in it and an awkward name, comes whole', async () => {
    const lab = new PeerLab();
    const [sharer, receiver] = [lab.peer(), lab.peer()];
    const parts = [someBytes(70_000, 1), someBytes(0), someBytes(1, 2), someBytes(33_333, 3)];
    const paths = ['Ours/a?.bin', 'Ours/leer', 'Ours/日本/x', 'Ours/z'];
    const request = requestOf(
      paths.map((path, nth) => [path, parts[nth] ?? someBytes(0)] as const),
      { name: 'Ours', folders: [['Ours', 'none']] },
    );
    const infoHash = infoHashOf(await sharer.peer.share(request));
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash);
    expect(await receiver.holds(infoHash, Buffer.concat(parts))).toBe(true);
    const [[, manifest] = [null, null]] = receiver.manifests;
    expect(manifest?.files.map(({ size }) => size)).toEqual([70_000, 0, 1, 33_333]);
    expect(manifest?.folders).toEqual([['Ours', 'none']]);
  });

  test('[SO5] a share without bytes is complete as soon as it is asked for', async () => {
    const { lab, receiver, infoHash } = await sharing(0);
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash);
    expect(receiver.of(infoHash)).toMatchObject({ savable: true, totalBytes: 0 });
  });

  test('[SW3] receivers help each other, and all of them get it', async () => {
    const lab = new PeerLab();
    const sharer = lab.peer();
    const content = someBytes(600_000);
    const infoHash = await shared(sharer, content);
    const receivers = [lab.peer(), lab.peer(), lab.peer(), lab.peer()];
    for (const { peer } of receivers) await peer.download(infoHash);
    for (const receiver of receivers) await complete(lab, receiver, infoHash);
    for (const receiver of receivers) expect(await receiver.holds(infoHash, content)).toBe(true);
    await lab.clock.advance(1_000);
    const passedOn = receivers.reduce((sum, receiver) => sum + receiver.of(infoHash).uploadedBytes, 0);
    expect(passedOn).toBeGreaterThan(0);
    expect(passedOn + sharer.of(infoHash).uploadedBytes).toBeLessThan(4 * 600_000 * 1.02);
  });

  test('[EN5] goes on after the receiver came again, with what it had', async () => {
    const lab = new PeerLab();
    const [sharer, receiver] = [lab.peer(), lab.peer()];
    sharer.peer.preferences.limit({ ...UNLIMITED, up: 100_000 });
    const content = someBytes(1_000_000);
    const infoHash = await shared(sharer, content);
    await receiver.peer.download(infoHash);
    await lab.clock.advance(4_000);
    const had = (await receiver.store.ownedPieces(infoHash)).length;
    expect(had).toBeGreaterThan(5);
    receiver.peer.close();
    const again = lab.peer({ store: receiver.store });
    await again.peer.open(infoHash);
    await lab.clock.advance(300);
    // It knows what it is and what it has, whoever is there.
    expect(again.of(infoHash)).toMatchObject({ phase: 'ready', totalBytes: 1_000_000 });
    expect(again.of(infoHash).storedBytes).toBeGreaterThanOrEqual(had * 16_384);
    await lab.clock.advance(FIGURES_INTERVAL_MS); // until the sharer has told of all that it sent
    const sent = sharer.of(infoHash).uploadedBytes;
    sharer.peer.preferences.limit(UNLIMITED);
    await again.peer.download(infoHash);
    await complete(lab, again, infoHash);
    expect(await again.holds(infoHash, content)).toBe(true);
    await lab.clock.advance(1_000);
    expect(sharer.of(infoHash).uploadedBytes - sent).toBeLessThanOrEqual(1_000_000 - had * 16_384);
  });

  test('[EN5] is paused, stopped, begun again, and ends', async () => {
    const lab = new PeerLab();
    const [sharer, receiver] = [lab.peer(), lab.peer()];
    sharer.peer.preferences.limit({ ...UNLIMITED, up: 100_000 });
    const infoHash = await shared(sharer, someBytes(500_000));
    await receiver.peer.download(infoHash);
    await lab.clock.advance(1_500);
    await receiver.peer.pause(infoHash);
    await lab.clock.advance(1_000);
    const paused = receiver.of(infoHash);
    expect(paused.phase).toBe('paused');
    await lab.clock.advance(5_000);
    expect(receiver.of(infoHash).receivedBytes).toBe(paused.receivedBytes);
    await receiver.peer.stop(infoHash);
    await lab.clock.advance(1_000);
    expect(receiver.of(infoHash)).toMatchObject({ phase: 'stopped', peers: [], online: null });
    expect(sharer.of(infoHash).peers).toEqual([]);
    expect(receiver.busy).toBe(false);
    await receiver.peer.open(infoHash);
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash);
    expect(receiver.busy).toBe(true);
  });
});

describe('when the world gets in the way', () => {
  test('[EN6] a share that is begun while the tracker is away knows it, too', async () => {
    const lab = new PeerLab();
    const early = lab.peer();
    const infoHash = await shared(early, someBytes(50_000));
    lab.tracker.away = true;
    await lab.clock.advance(1_000);
    expect(early.of(infoHash).trackerOnline).toBe(false);
    const second = await shared(early, someBytes(60_000));
    await lab.clock.advance(1_000);
    expect(early.of(second).trackerOnline).toBe(false);
    lab.tracker.away = false;
    await lab.clock.advance(1_000);
    expect([early.of(infoHash).trackerOnline, early.of(second).trackerOnline]).toEqual([true, true]);
  });

  test('[SW2] a connection that cannot be made is tried again until it can', async () => {
    const lab = new PeerLab();
    const [sharer, receiver] = [lab.peer(), lab.peer()];
    lab.network.way = 'blocked';
    const infoHash = await shared(sharer, someBytes(50_000));
    await receiver.peer.download(infoHash);
    await lab.clock.advance(200_000);
    expect(lab.network.dials).toBeGreaterThan(2);
    expect(lab.network.dials).toBeLessThan(20);
    lab.network.way = 'refused';
    await lab.clock.advance(200_000);
    lab.network.way = 'direct';
    await complete(lab, receiver, infoHash, 400_000);
  });

  test('[SW2] also where the tracker is away meanwhile', async () => {
    const { lab, receiver, infoHash } = await sharing(400_000);
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => lab.network.pipes.length === 1, 'connected');
    lab.tracker.away = true;
    await complete(lab, receiver, infoHash);
    expect(receiver.of(infoHash).trackerOnline).toBe(false);
    lab.tracker.away = false;
    await lab.clock.advance(1_000);
    expect(receiver.of(infoHash).trackerOnline).toBe(true);
  });

  test('[PN6] everything is announced anew when the tracker is back', async () => {
    const lab = new PeerLab();
    const sharer = lab.peer();
    const [first, second] = [await shared(sharer, someBytes(10, 1)), await shared(sharer, someBytes(10, 2))];
    await lab.clock.advance(100);
    lab.tracker.texts.length = 0;
    lab.tracker.drop();
    await lab.clock.advance(2_000);
    const announced = lab.tracker.messages.filter(({ type }) => type === 'announce');
    expect(announced.map((message) => 'swarm' in message && message.swarm).sort()).toEqual(
      [first, second].sort(),
    );
    sharer.peer.networkChanged();
  });

  test('[ID4] whose id is taken becomes somebody new at once, and its shares are found under that', async () => {
    const lab = new PeerLab();
    const [sharer, receiver] = [lab.peer(), lab.peer()];
    const content = someBytes(300_000);
    lab.tracker.taken.add(sharer.id);
    const infoHash = await shared(sharer, content);
    const another = await shared(sharer, someBytes(10, 1));
    await lab.clock.advance(1_000);
    for (const share of [infoHash, another]) {
      expect(sharer.of(share)).toMatchObject({ trackerOnline: true, trackerRefuses: false });
    }
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash);
    expect(await receiver.holds(infoHash, content)).toBe(true);
    const announced = lab.tracker.messages.filter((message) => message.type === 'announce');
    const started = announced.filter(({ event }) => event === 'started').map(({ peerId }) => peerId);
    const renamed = started[2];
    expect(started).toEqual([sharer.id, sharer.id, renamed, renamed, receiver.id]);
    expect(renamed).not.toBe(sharer.id);
  });

  test('[ID4] a transfer that is under way goes on while its peer becomes somebody new', async () => {
    const { lab, sharer, receiver, infoHash } = await sharing(2_000_000);
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => lab.network.pipes.length === 1, 'connected');
    const swarm = await swarmOf(infoHash);
    lab.tracker.say(serverText(errorMessage('in-use', '', { type: 'announce', swarm, peerId: sharer.id })));
    await complete(lab, receiver, infoHash);
    await lab.clock.advance(1_000);
    expect(sharer.of(infoHash)).toMatchObject({ trackerOnline: true, online: { seeds: 1, leechers: 0 } });
    expect(receiver.reports.filter(({ kind }) => kind === 'piece-refused')).toEqual([]);
    expect([...sharer.broken, ...receiver.broken]).toEqual([]);
  });

  test('[ID4] a share that the tracker never lets in says so for as long as that is so', async () => {
    const { lab, sharer, infoHash } = await sharing(100);
    await lab.clock.advance(1_000);
    const swarm = await swarmOf(infoHash);
    const refusal = errorMessage('too-many-peers', '', { type: 'announce', swarm, peerId: sharer.id });
    lab.tracker.say(serverText(refusal));
    await lab.clock.advance(1_000);
    expect(sharer.of(infoHash)).toMatchObject({ trackerOnline: false, trackerRefuses: true });
    await lab.clock.advance(31_000);
    expect(sharer.of(infoHash)).toMatchObject({ trackerOnline: true, trackerRefuses: false });
  });

  test('[EN6] [ID2] two tabs of one browser are nobody to each other, and two people to a third', async () => {
    const lab = new PeerLab();
    const { ownTabs } = new MemoryBrowser();
    const [sharer, receiver, stranger] = [lab.peer({ ownTabs }), lab.peer({ ownTabs }), lab.peer()];
    const infoHash = await shared(sharer, someBytes(50_000));
    for (const peer of [receiver, stranger]) await peer.peer.open(infoHash);
    await lab.clock.advance(5_000);
    expect(receiver.of(infoHash)).toMatchObject({ online: { seeds: 0, leechers: 1 }, senders: 0 });
    expect(sharer.of(infoHash)).toMatchObject({ online: { seeds: 0, leechers: 1 } });
    expect(stranger.of(infoHash)).toMatchObject({ online: { seeds: 1, leechers: 1 }, senders: 1 });
    expect(sharer.of(infoHash).peers.map(({ id, own }) => [id === receiver.id, own])).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  test('[PN1] relayed connections are told apart', async () => {
    const lab = new PeerLab();
    lab.network.way = 'relayed';
    const [sharer, receiver] = [lab.peer(), lab.peer()];
    const infoHash = await shared(sharer, someBytes(50_000));
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash);
    expect(receiver.of(infoHash).peers.map(({ path }) => path)).toEqual(['relayed']);
    lab.network.way = 'direct';
    const late = lab.peer();
    await late.peer.download(infoHash);
    await complete(lab, late, infoHash);
    expect(
      receiver
        .of(infoHash)
        .peers.map(({ path }) => path)
        .sort(),
    ).toEqual(['direct', 'relayed']);
  });

  test('[SO3] [SO4] a file that changes is not sent any more, and its sharer is told', async () => {
    const lab = new PeerLab();
    const [sharer, receiver] = [lab.peer(), lab.peer()];
    const file = new MemoryFile(someBytes(100_000));
    const infoHash = await shared(sharer, file);
    file.rewrite(someBytes(100_000, 5));
    await receiver.peer.download(infoHash);
    await lab.clock.until(
      () => (sharer.snapshots.get(infoHash)?.trouble ?? null) !== null,
      'the sharer is told',
    );
    expect(sharer.of(infoHash).trouble).toEqual({ kind: 'source', why: 'changed' });
    expect(await receiver.store.ownedPieces(infoHash)).toEqual([]);
    expect(sharer.broken).toEqual([]);
  });

  test('[UI17] a store without room makes the download wait, and it goes on by itself when there is some', async () => {
    const lab = new PeerLab();
    const sharer = lab.peer();
    const store = new (class extends MemoryStore {
      full = true;
      override async putPieces(infoHash: InfoHash, pieces: readonly StoredPiece[]): Promise<PutOutcome> {
        return this.full ? { kind: 'failed', why: 'quota' } : super.putPieces(infoHash, pieces);
      }
    })();
    const receiver = lab.peer({ store });
    const infoHash = await shared(sharer, someBytes(100_000));
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => receiver.snapshots.get(infoHash)?.phase === 'full', 'it waits');
    expect(receiver.of(infoHash).trouble).toBeNull();
    store.full = false;
    await complete(lab, receiver, infoHash);
  });

  test('[ST5] a manifest that the store has no room for costs nothing but the resuming', async () => {
    const lab = new PeerLab();
    const sharer = lab.peer();
    const store = new (class extends MemoryStore {
      override async putShare(): Promise<PutOutcome> {
        return { kind: 'failed', why: 'quota' };
      }
    })();
    const receiver = lab.peer({ store });
    const infoHash = await shared(sharer, someBytes(100_000));
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash);
    expect([receiver.broken, await store.shares()]).toEqual([[], []]);
  });

  test('[ST4] a stored manifest that cannot be read counts as none', async () => {
    const lab = new PeerLab();
    const [sharer, store] = [lab.peer(), new MemoryStore()];
    const infoHash = await shared(sharer, someBytes(100_000));
    await store.putShare({ infoHash, manifest: new Uint8Array([1, 2, 3]), addedAt: 0 });
    await store.putPieces(infoHash, [{ piece: 77_777, sha256: 'ab'.repeat(32), bytes: new Uint8Array(9) }]);
    const receiver = lab.peer({ store });
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash);
  });
});

describe('[LK3] opening takes time', () => {
  /** A store that answers what it knows of a share when it is told to. */
  class SlowStore extends MemoryStore {
    asked = 0;
    #waiting: (() => void)[] = [];

    override async share(infoHash: InfoHash): Promise<ShareRecord | null> {
      this.asked += 1;
      await new Promise<void>((answer) => this.#waiting.push(answer));
      return super.share(infoHash);
    }

    async answer(): Promise<void> {
      for (const answer of this.#waiting.splice(0)) answer();
      await settled();
    }
  }

  const announcesOf = (lab: PeerLab, event: string) =>
    lab.tracker.messages.filter((message) => message.type === 'announce' && message.event === event);

  test('[LK3] the swarm is the one that the link is of', async () => {
    const lab = new PeerLab();
    const peer = lab.peer();
    await peer.peer.open(ONE);
    await lab.clock.advance(100);
    expect(announcesOf(lab, 'started')).toMatchObject([{ swarm: await swarmOf(ONE), peerId: peer.id }]);
  });

  test('[LK3] opened twice at once, it is one share', async () => {
    const [lab, store] = [new PeerLab(), new SlowStore()];
    const { peer, snapshots } = lab.peer({ store });
    const opening = [peer.open(ONE), peer.download(ONE), peer.open(ONE)];
    await settled();
    await store.answer();
    await Promise.all(opening);
    await peer.open(ONE);
    await lab.clock.advance(1_000);
    expect(store.asked).toBe(1);
    expect(announcesOf(lab, 'started')).toHaveLength(1);
    expect([...snapshots.keys()]).toEqual([ONE]);
  });

  test('[LK3] stopped meanwhile, it is stopped', async () => {
    const [lab, store] = [new PeerLab(), new SlowStore()];
    const { peer, snapshots } = lab.peer({ store });
    void peer.open(ONE);
    const stopping = peer.stop(ONE);
    await settled();
    await store.answer();
    await stopping;
    await lab.clock.advance(1_000);
    expect(snapshots.get(ONE)?.phase).toBe('stopped');
  });

  test('[LK3] removed meanwhile, it never opens, and nobody hears of it', async () => {
    const [lab, store] = [new PeerLab(), new SlowStore()];
    const { peer, snapshots } = lab.peer({ store });
    const opening = peer.download(ONE);
    const removing = peer.remove(ONE);
    await settled();
    await store.answer();
    await Promise.all([opening, removing]);
    await lab.clock.advance(1_000);
    expect(lab.tracker.messages).toEqual([]);
    expect(snapshots.size).toBe(0);
  });

  test('[LK3] removed and opened again meanwhile, it is open once', async () => {
    const [lab, store] = [new PeerLab(), new SlowStore()];
    const { peer, snapshots } = lab.peer({ store });
    const verbs = [peer.open(ONE), peer.remove(ONE), peer.open(ONE)];
    await settled();
    await store.answer();
    await Promise.all(verbs);
    await lab.clock.advance(1_000);
    expect(announcesOf(lab, 'started')).toHaveLength(1);
    expect([...snapshots.keys()]).toEqual([ONE]);
  });

  test('[LK3] closed meanwhile, the peer stays closed', async () => {
    const [lab, store] = [new PeerLab(), new SlowStore()];
    const { peer, snapshots } = lab.peer({ store });
    const opening = peer.open(ONE);
    peer.close();
    await settled();
    await store.answer();
    await opening;
    await lab.clock.advance(1_000);
    expect([lab.tracker.messages, snapshots.size]).toEqual([[], 0]);
  });

  test('[LK3] what is asked of a closed peer, or was being made, begins nothing', async () => {
    const lab = new PeerLab();
    const one = lab.peer();
    const { peer, snapshots } = one;
    const making = shared(one, someBytes(50_000));
    peer.close();
    await expect(making).rejects.toThrow('closed');
    await peer.open(ONE);
    await peer.download(ONE);
    await lab.clock.advance(1_000);
    expect([lab.tracker.messages, snapshots.size, one.busy]).toEqual([[], 0, false]);
  });

  test('[LK3] opening that fails by a fault of ours is told to who asked, and can be asked for again', async () => {
    const lab = new PeerLab();
    const store = new (class extends MemoryStore {
      fault = true;
      override async share(infoHash: InfoHash): Promise<ShareRecord | null> {
        if (this.fault) throw new TypeError('a fault');
        return super.share(infoHash);
      }
    })();
    const { peer, snapshots } = lab.peer({ store });
    await expect(peer.open(ONE)).rejects.toThrow('a fault');
    store.fault = false;
    await peer.open(ONE);
    await lab.clock.advance(300);
    expect(snapshots.get(ONE)?.phase).toBe('looking');
  });
});

describe('leaving', () => {
  test('[ST1] a removed share is gone: from the swarm, from the store, from what is told', async () => {
    const { lab, sharer, receiver, infoHash } = await sharing(100_000);
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash);
    await receiver.peer.remove(infoHash);
    await lab.clock.advance(1_000);
    expect([
      receiver.gone,
      await receiver.store.shares(),
      await receiver.store.ownedPieces(infoHash),
    ]).toEqual([[infoHash], [], []]);
    expect(sharer.of(infoHash).peers).toEqual([]);
    expect(sharer.of(infoHash).online).toMatchObject({ seeds: 0, leechers: 0 });
    expect(receiver.busy).toBe(false);
    await receiver.peer.remove(infoHash);
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash);
  });

  test('[WK4] a peer that closes leaves every swarm, and others hear it at once', async () => {
    const { lab, sharer, receiver, infoHash } = await sharing(100_000);
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash);
    expect(sharer.busy).toBe(true);
    sharer.peer.close();
    await lab.clock.advance(500);
    expect(receiver.of(infoHash)).toMatchObject({ peers: [], senders: 0 });
    expect(sharer.busy).toBe(false);
  });
});

describe('[WK1] a fault of ours', () => {
  /** Its shares' pieces cannot be put away: not because of the world, but because we are wrong. */
  class FaultyStore extends MemoryStore {
    faulty: InfoHash | null = null;
    override async putPieces(infoHash: InfoHash, pieces: readonly StoredPiece[]): Promise<PutOutcome> {
      if (infoHash === this.faulty) throw new TypeError('a fault');
      return super.putPieces(infoHash, pieces);
    }
  }

  test('[WK1] stops its share, says so, and the others go on', async () => {
    const lab = new PeerLab();
    const [sharer, store] = [lab.peer(), new FaultyStore()];
    const receiver = lab.peer({ store });
    const [bad, good] = [
      await shared(sharer, someBytes(90_000, 1)),
      await shared(sharer, someBytes(90_000, 2)),
    ];
    store.faulty = bad;
    await receiver.peer.download(bad);
    await receiver.peer.download(good);
    await complete(lab, receiver, good);
    await lab.clock.advance(1_000);
    expect(receiver.broken).toMatchObject([[bad, new TypeError('a fault')]]);
    expect(receiver.of(bad)).toMatchObject({ phase: 'failed', trouble: { kind: 'broken' }, peers: [] });
    expect(receiver.of(good)).toMatchObject({ phase: 'complete', trouble: null });
    // Others need not wait until the announce of its share runs out.
    expect(sharer.of(bad)).toMatchObject({ peers: [], online: { seeds: 0, leechers: 0 } });
    expect(lab.tracker.messages.at(-1)).toBeDefined();
    expect(
      lab.tracker.messages.filter((message) => message.type === 'announce' && message.event === 'stopped'),
    ).toMatchObject([{ swarm: bad, peerId: receiver.id }]);
  });

  test('[WK1] nothing is done for a broken share any more, whatever it is asked or told', async () => {
    const lab = new PeerLab();
    const [sharer, store] = [lab.peer(), new FaultyStore()];
    const receiver = lab.peer({ store });
    const infoHash = await shared(sharer, someBytes(90_000));
    store.faulty = infoHash;
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => receiver.broken.length > 0, 'it breaks');
    const pipes = lab.network.pipes.length;
    for (const verb of ['open', 'download', 'pause', 'stop'] as const) await receiver.peer[verb](infoHash);
    receiver.peer.preferences.limit({ ...UNLIMITED, up: 1 });
    expect(await receiver.peer.files.order(infoHash, { kind: 'sequential' })).toBe('set');
    lab.tracker.drop();
    await lab.clock.advance(30_000);
    expect(receiver.of(infoHash)).toMatchObject({ phase: 'failed', trouble: { kind: 'broken' } });
    expect([receiver.broken.length, lab.network.pipes.length]).toEqual([1, pipes]);
    expect(sharer.of(infoHash).peers).toEqual([]);
  });

  test('[WK1] what broke can be removed, and begins anew', async () => {
    const lab = new PeerLab();
    const [sharer, store] = [lab.peer(), new FaultyStore()];
    const receiver = lab.peer({ store });
    const infoHash = await shared(sharer, someBytes(90_000));
    store.faulty = infoHash;
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => receiver.broken.length > 0, 'it breaks');
    store.faulty = null;
    await receiver.peer.remove(infoHash);
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash);
  });
});

describe('[WK3] what is told', () => {
  test('[WK3] the manifest once, the figures every 600 ms and only when they change', async () => {
    const lab = new PeerLab();
    const [sharer, receiver] = [lab.peer(), lab.peer()];
    sharer.peer.preferences.limit({ ...UNLIMITED, up: 50_000 });
    const infoHash = await shared(sharer, someBytes(400_000));
    await receiver.peer.download(infoHash);
    const began = lab.clock.now();
    await complete(lab, receiver, infoHash);
    const seconds = (lab.clock.now() - began) / 1_000;
    const intervals = seconds / 0.6;
    expect(receiver.tellings.length).toBeGreaterThanOrEqual(intervals - 1);
    // And what happens beside that bytes move.
    expect(receiver.tellings.length).toBeLessThanOrEqual(intervals + 6);
    expect(receiver.manifests).toHaveLength(1);
    expect('manifest' in receiver.of(infoHash)).toBe(false);
    await lab.clock.advance(60_000);
    const told = receiver.tellings.length;
    await lab.clock.advance(60_000);
    expect(receiver.tellings.length).toBe(told);
  });

  test('[WK3] only of the shares that changed', async () => {
    const lab = new PeerLab();
    const [sharer, receiver] = [lab.peer(), lab.peer()];
    const others = await Promise.all([1, 2, 3].map((salt) => shared(sharer, someBytes(20_000, salt))));
    const infoHash = await shared(sharer, someBytes(400_000));
    for (const other of others) await receiver.peer.open(other);
    await receiver.peer.open(ONE);
    await lab.clock.advance(60_000);
    receiver.tellings.length = 0;
    receiver.peer.preferences.limit({ ...UNLIMITED, down: 50_000 });
    await receiver.peer.download(infoHash);
    await lab.clock.advance(3_000);
    expect(receiver.tellings.length).toBeGreaterThanOrEqual(5);
    expect(receiver.tellings.reduce((sum, count) => sum + count, 0)).toBe(receiver.tellings.length);
  });

  test('[WK3] at once what happens, and the first byte, however lately figures were told', async () => {
    const { lab, sharer, receiver, infoHash } = await sharing(400_000);
    sharer.peer.preferences.limit({ ...UNLIMITED, up: 50_000 });
    await receiver.peer.download(infoHash);
    const begun = (): boolean => (receiver.snapshots.get(infoHash)?.receivedBytes ?? 0) > 0;
    for (let waited = 0; !begun() && waited < 5_000; waited += 10) await lab.clock.advance(10);
    expect(begun()).toBe(true);
    await receiver.peer.pause(infoHash);
    await lab.clock.advance(TELL_INTERVAL_MS);
    expect(receiver.of(infoHash).phase).toBe('paused');
  });

  test('[WK3] the states of pieces only when one of them changed', async () => {
    const { lab, sharer, receiver, infoHash } = await sharing(40_000);
    const told = { sharer: 0, receiver: 0 };
    for (const who of ['sharer', 'receiver'] as const) {
      const peer = who === 'sharer' ? sharer : receiver;
      void peer.told(infoHash, ({ pieces }) => {
        if (pieces !== null) told[who] += 1;
        return false;
      });
    }
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash);
    await lab.clock.advance(10_000);
    expect(told.sharer).toBe(1);
    // Nothing known, absent, under way or stored.
    expect(told.receiver).toBeGreaterThanOrEqual(2);
    expect(told.receiver).toBeLessThanOrEqual(4);
    expect(receiver.tellings.length).toBeGreaterThan(told.receiver);
  });

  test('[UI5] that it is due to be saved, until it was', async () => {
    const { lab, sharer, receiver, infoHash } = await sharing(20_000);
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash);
    expect(receiver.of(infoHash).saveDue).toBe(true);
    receiver.peer.saves.byItself(infoHash);
    receiver.peer.saves.byItself(OTHER);
    await lab.clock.advance(300);
    expect(receiver.of(infoHash).saveDue).toBe(false);
    expect(sharer.of(infoHash).saveDue).toBe(false);
  });
});

describe('[WK6] rate limits', () => {
  test('[WK6] hold for all shares together, and for those opened later', async () => {
    const lab = new PeerLab();
    const [sharer, receiver] = [lab.peer(), lab.peer()];
    const hashes = await Promise.all([1, 2, 3].map((salt) => shared(sharer, someBytes(400_000, salt))));
    expect(receiver.peer.preferences.limit({ ...UNLIMITED, down: 60_000 })).toBe('set');
    for (const infoHash of hashes) await receiver.peer.download(infoHash);
    await lab.clock.advance(10_000);
    const received = hashes.reduce((sum, infoHash) => sum + receiver.of(infoHash).receivedBytes, 0);
    expect(received).toBeGreaterThan(400_000);
    expect(received).toBeLessThan(720_000);
    expect(receiver.peer.preferences.limit(UNLIMITED)).toBe('set');
    for (const infoHash of hashes) await complete(lab, receiver, infoHash, 10_000);
  });

  test.each([
    { ...UNLIMITED, up: -1 },
    { ...UNLIMITED, down: NaN },
    { ...UNLIMITED, peerUp: Infinity },
    { ...UNLIMITED, peerDown: '5' },
    { up: 1, down: 1, peerUp: 1 },
    null,
    7,
  ])('[WK6] %j is refused, and what held before holds', async (limits) => {
    const { lab, sharer, receiver, infoHash } = await sharing(200_000);
    sharer.peer.preferences.limit({ ...UNLIMITED, up: 0 });
    expect(sharer.peer.preferences.limit(limits as RateLimits)).toBe('refused');
    await receiver.peer.download(infoHash);
    await lab.clock.advance(20_000);
    expect(receiver.of(infoHash)).toMatchObject({ phase: 'downloading', receivedBytes: 0 });
  });
});

describe('[WK6] the order of pieces', () => {
  test('[WK6] [PK2] reaches the share it is meant for, also one that is being opened', async () => {
    const { lab, receiver, infoHash } = await sharing(800_000);
    receiver.peer.preferences.limit({ ...UNLIMITED, down: 60_000 });
    const downloading = receiver.peer.download(infoHash);
    expect(
      await receiver.peer.files.order(infoHash, { kind: 'sequential', first: [{ from: 20, to: 24 }] }),
    ).toBe('set');
    await downloading;
    await lab.clock.until(() => receiver.snapshots.get(infoHash)?.storedBytes === 8 * 16_384, 'eight pieces');
    expect(await receiver.store.ownedPieces(infoHash)).toEqual([0, 1, 2, 3, 20, 21, 22, 23]);
  });

  test('[WK6] opens no share', async () => {
    const lab = new PeerLab();
    const { peer } = lab.peer();
    expect(await peer.files.order(ONE, { kind: 'sequential' })).toBe('not-open');
    await lab.clock.advance(1_000);
    expect(lab.tracker.messages).toEqual([]);
  });

  test.each([
    { kind: 'random' },
    {},
    { kind: 'sequential', first: [{ from: 0.5, to: 2 }] },
    { kind: 'sequential', first: [{ from: -1, to: 2 }] },
    { kind: 'sequential', first: [{ from: 1 }] },
    { kind: 'sequential', first: { from: 1, to: 2 } },
    null,
  ])('[WK6] refuses what is no order: %j', async (order) => {
    const { peer } = new PeerLab().peer();
    await peer.open(ONE);
    expect(await peer.files.order(ONE, order as PieceOrder)).toBe('refused');
  });

  test('[WK6] refuses more ranges than an order may have', async () => {
    const { peer } = new PeerLab().peer();
    await peer.open(ONE);
    const ranges = (count: number) => Array.from({ length: count }, () => ({ from: 0, to: 1 }));
    expect(await peer.files.order(ONE, { kind: 'rarest', first: ranges(MAX_FIRST_RANGES) })).toBe('set');
    expect(await peer.files.order(ONE, { kind: 'rarest', first: ranges(MAX_FIRST_RANGES + 1) })).toBe(
      'refused',
    );
  });
});
