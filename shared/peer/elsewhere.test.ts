/** [HL50] Swarms of another kind beside our own: joined, left, and one link for each peer. */
import { describe, expect, test } from 'vitest';
import type { InfoHash, PeerId } from '../ids.ts';
import type { OtherSwarmListener, OtherSwarms } from './ports.ts';
import { PipeLink } from './testing/memory-network.ts';
import { infoHashOf, PeerLab, requestOf, someBytes } from './testing/test-peer.ts';
import { peerId } from '../ids.ts';

/** Joins what it is told to, and links what a test says. */
class TestSwarms implements OtherSwarms {
  readonly names: PeerId[] = [];
  readonly joined = new Map<InfoHash, OtherSwarmListener>();
  readonly reached: PeerId[] = [];
  changes = 0;
  closed = false;

  become(own: PeerId): void {
    this.names.push(own);
  }

  join(infoHash: InfoHash, listener: OtherSwarmListener) {
    if (this.joined.has(infoHash)) throw new Error('joined twice');
    this.joined.set(infoHash, listener);
    return {
      reachedElsewhere: (peer: PeerId) => void this.reached.push(peer),
      leave: () => void this.joined.delete(infoHash),
    };
  }

  networkChanged(): void {
    this.changes += 1;
  }

  close(): void {
    this.closed = true;
  }
}

const NAMES = ['e1', 'e2'].map((digits) => peerId(digits.repeat(32))!) as [PeerId, PeerId];

async function sharing() {
  const lab = new PeerLab();
  const swarms = new TestSwarms();
  const sharer = lab.peer({ otherSwarms: swarms });
  const content = someBytes(200_000);
  const infoHash = infoHashOf(await sharer.peer.share(requestOf([['a.bin', content]])));
  await lab.clock.advance(100);
  return { lab, swarms, sharer, infoHash, content };
}

describe('[HL50] a share is in swarms of another kind', () => {
  test('[HL50] while it is in its own: not when it is stopped, removed, or broke', async () => {
    const { swarms, sharer, infoHash } = await sharing();
    expect(swarms.names).toEqual([sharer.id]);
    expect([...swarms.joined.keys()]).toEqual([infoHash]);
    await sharer.peer.stop(infoHash);
    expect(swarms.joined.size).toBe(0);
    await sharer.peer.open(infoHash);
    expect(swarms.joined.size).toBe(1);
    await sharer.peer.remove(infoHash);
    expect(swarms.joined.size).toBe(0);
  });

  test('[HL50] before its manifest is known as well', async () => {
    const { lab, infoHash } = await sharing();
    const swarms = new TestSwarms();
    const other = lab.peer({ otherSwarms: swarms });
    await other.peer.join(infoHash);
    expect(swarms.joined.size).toBe(1);
    await other.peer.close();
    expect([swarms.joined.size, swarms.closed]).toEqual([0, true]);
  });

  test('[PN11] a change of the network is told, and [ID4] a new name', async () => {
    const { lab, swarms, sharer } = await sharing();
    sharer.peer.networkChanged();
    expect(swarms.changes).toBe(1);
    await sharer.peer.forgetEverything();
    await lab.clock.advance(100);
    expect(swarms.names).toHaveLength(2);
    expect(swarms.joined.size).toBe(0);
  });
});

describe('[HL51] a link on which hands were shaken elsewhere', () => {
  /** Both ends of a pipe, given to two peers that know each other by nothing else. */
  async function linked() {
    const { lab, swarms, sharer, infoHash, content } = await sharing();
    const others = new TestSwarms();
    const leecher = lab.peer({ otherSwarms: others });
    lab.network.way = 'blocked';
    await leecher.peer.download(infoHash);
    const ends = [0, 1].map(() => new PipeLink(lab.clock, 5, 'lan', () => undefined)) as [PipeLink, PipeLink];
    [ends[0].other, ends[1].other] = [ends[1], ends[0]];
    swarms.joined.get(infoHash)!.linkOpened(NAMES[0], 'acceptor', ends[0]);
    others.joined.get(infoHash)!.linkOpened(NAMES[1], 'dialler', ends[1]);
    return { lab, swarms, others, sharer, leecher, infoHash, content };
  }

  test('[HL51] carries everything that is behind a handshake', async () => {
    const { lab, leecher, sharer, infoHash, content } = await linked();
    await lab.clock.until(() => leecher.snapshots.get(infoHash)?.phase === 'complete', 'complete');
    expect(await leecher.holds(infoHash, content)).toBe(true);
    expect(sharer.of(infoHash).peers).toMatchObject([{ id: NAMES[0], extended: true, path: 'lan' }]);
    expect(leecher.of(infoHash).peers).toMatchObject([{ id: NAMES[1], role: 'dialler' }]);
  });

  test('[HL50] a peer that our own tracker has led to needs no second one, whoever calls itself so', async () => {
    const { lab, swarms, sharer, leecher, infoHash } = await linked();
    const { welcomes } = swarms.joined.get(infoHash)!;
    expect(welcomes(NAMES[1], leecher.id)).toBe(true);
    lab.network.way = 'direct';
    await lab.clock.until(
      () => sharer.of(infoHash).peers.some(({ id }) => id === leecher.id),
      'linked',
      120_000,
    );
    expect(swarms.reached).toContain(leecher.id);
    expect(welcomes(NAMES[1], leecher.id)).toBe(false);
    expect(welcomes(NAMES[1], NAMES[1])).toBe(true);
  });

  test('[LB15] whom the person disconnected is not welcome under that name', async () => {
    const { lab, swarms, sharer, infoHash } = await linked();
    await lab.clock.advance(50);
    await sharer.peer.disconnect(infoHash, NAMES[0]);
    expect(swarms.joined.get(infoHash)!.welcomes(NAMES[0], NAMES[1])).toBe(false);
    await lab.clock.advance(500);
    expect(sharer.of(infoHash).peers).toEqual([]);
  });
});
