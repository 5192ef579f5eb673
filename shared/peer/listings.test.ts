/** Whole peers whose shares are listed, and others that look for them. */
import { describe, expect, test } from 'vitest';
import type { InfoHash, SwarmId } from '../ids.ts';
import type { Publish } from '../tracker/messages.ts';
import { MemoryLibrary } from './library.ts';
import { MemoryStore } from './memory-store.ts';
import { MemorySettings } from './settings.ts';
import { infoHashOf, PeerLab, requestOf, someBytes } from './testing/test-peer.ts';
import type { TestPeer } from './testing/test-peer.ts';
import type { ShareRequest } from './verbs.ts';

const SECOND = 1_000;
const CONTENT = someBytes(50_000);

async function shared(lab: PeerLab, sharer: TestPeer, more: Partial<ShareRequest> = {}): Promise<InfoHash> {
  const infoHash = infoHashOf(await sharer.peer.share(requestOf([['film.bin', CONTENT]], more)));
  await lab.clock.advance(SECOND);
  return infoHash;
}

async function listing(more: Partial<ShareRequest> = {}, keepSmallCopies = true) {
  const lab = new PeerLab();
  const settings = new MemorySettings();
  const kept = { store: new MemoryStore(), library: new MemoryLibrary(), settings };
  const sharer = lab.peer(kept);
  await sharer.peer.settings.change({ keepSmallCopies });
  const infoHash = await shared(lab, sharer, more);
  expect(await sharer.peer.directory.list(infoHash, true)).toBe('noted');
  await lab.clock.advance(SECOND);
  return { lab, kept, sharer, infoHash };
}

const publications = (lab: PeerLab): Publish[] =>
  lab.tracker.messages.filter((message): message is Publish => message.type === 'publish');

describe('[LB18] a share that is listed', () => {
  test('[LB18] none is before the person says so', async () => {
    const lab = new PeerLab();
    const sharer = lab.peer();
    const infoHash = await shared(lab, sharer);
    await lab.clock.advance(120 * SECOND);
    expect(sharer.of(infoHash).listed).toBe('no');
    expect(publications(lab)).toEqual([]);
  });

  test('[LB18] [TR8] [PN13] is found by others, by its name and its id, with what its manifest says', async () => {
    const { lab, sharer, infoHash } = await listing({ comment: 'From\nthe mountains' });
    expect(sharer.of(infoHash).listed).toBe('listed');
    const other = lab.peer();
    for (const query of ['LM.b', infoHash]) {
      const outcome = other.peer.directory.search({ query });
      await lab.clock.advance(SECOND);
      expect(await outcome).toEqual({
        kind: 'found',
        total: 1,
        results: [
          {
            ...{ infoHash, name: 'film.bin', size: 50_000, files: 1, comment: 'From\nthe mountains' },
            ...{ complete: 1, incomplete: 0 },
          },
        ],
      });
    }
  });

  test('[LB18] is said once while nothing happens, and goes when it is switched off', async () => {
    const { lab, sharer, infoHash } = await listing();
    await lab.clock.advance(300 * SECOND);
    expect(publications(lab)).toHaveLength(1);
    await sharer.peer.directory.list(infoHash, true);
    await lab.clock.advance(SECOND);
    expect(publications(lab)).toHaveLength(1);
    await sharer.peer.directory.list(infoHash, false);
    await lab.clock.advance(60 * SECOND);
    expect([lab.tracker.listed, sharer.of(infoHash).listed]).toEqual([[], 'no']);
    expect(publications(lab)).toHaveLength(1);
  });

  test('[LB18] is listed again after the server was away or restarted', async () => {
    const { lab, sharer, infoHash } = await listing();
    lab.tracker.away = true;
    await lab.clock.advance(10 * SECOND);
    expect(sharer.of(infoHash).listed).toBe('asked');
    lab.tracker.away = false;
    await lab.clock.advance(20 * SECOND);
    expect([lab.tracker.listed, sharer.of(infoHash).listed]).toEqual([['film.bin'], 'listed']);
    lab.tracker.drop();
    await lab.clock.advance(20 * SECOND);
    expect([lab.tracker.listed, sharer.of(infoHash).listed]).toEqual([['film.bin'], 'listed']);
  });

  test('[LB18] [ID4] is listed under a new name when the old one is taken', async () => {
    const { lab, sharer, infoHash } = await listing();
    lab.tracker.taken.add(sharer.id);
    lab.tracker.drop();
    await lab.clock.advance(20 * SECOND);
    expect([lab.tracker.listed, sharer.of(infoHash).listed]).toEqual([['film.bin'], 'listed']);
    const publishers = publications(lab).map(({ peerId }) => peerId);
    expect(publishers[0]).toBe(sharer.id);
    expect(publishers.at(-1)).not.toBe(sharer.id);
  });

  test('[LB18] [PN11] is listed again after a sleep in which the tracker forgot its member', async () => {
    const { lab, sharer, infoHash } = await listing();
    const swarm = infoHash as string as SwarmId;
    lab.clock.sleep(40 * SECOND);
    lab.tracker.expire(swarm, sharer.id);
    expect(lab.tracker.listed).toEqual([]);
    await lab.clock.advance(10 * SECOND);
    expect([lab.tracker.listed, sharer.of(infoHash).listed]).toEqual([['film.bin'], 'listed']);
  });

  test('[LB18] goes when sharing is stopped, and comes when it is started again', async () => {
    const { lab, sharer, infoHash } = await listing();
    await sharer.peer.stop(infoHash);
    await lab.clock.advance(SECOND);
    expect([lab.tracker.listed, sharer.of(infoHash).listed]).toEqual([[], 'asked']);
    await sharer.peer.open(infoHash);
    await lab.clock.advance(SECOND);
    expect([lab.tracker.listed, sharer.of(infoHash).listed]).toEqual([['film.bin'], 'listed']);
    await sharer.peer.remove(infoHash);
    await lab.clock.advance(SECOND);
    expect(lab.tracker.listed).toEqual([]);
  });

  test('[LB18] can be switched off while it is stopped', async () => {
    const { lab, sharer, infoHash } = await listing();
    await sharer.peer.stop(infoHash);
    await sharer.peer.directory.list(infoHash, false);
    await sharer.peer.open(infoHash);
    await lab.clock.advance(SECOND);
    expect([lab.tracker.listed, sharer.of(infoHash).listed]).toEqual([[], 'no']);
  });

  test.each([
    [true, 'listed', ['film.bin']],
    [false, 'no', []],
  ] as const)('[LB18] [LB3] after a restart it is as it was: %s', async (wanted, listed, names) => {
    const { lab, kept, sharer, infoHash } = await listing({}, false);
    if (!wanted) await sharer.peer.directory.list(infoHash, false);
    await sharer.peer.close();
    await lab.clock.advance(SECOND);
    const again = lab.peer(kept);
    await again.peer.join(infoHash);
    await lab.clock.advance(SECOND);
    expect(again.of(infoHash)).toMatchObject({ filesMissing: 'not-kept', listed: wanted ? 'asked' : 'no' });
    const { files } = requestOf([['film.bin', CONTENT]]);
    expect(await again.peer.provide(infoHash, files)).toEqual({ kind: 'provided' });
    await lab.clock.advance(SECOND);
    expect([lab.tracker.listed, again.of(infoHash).listed]).toEqual([names, listed]);
  });

  test('[LB18] [LB2] one that goes on by itself is listed by itself', async () => {
    const { lab, kept, sharer, infoHash } = await listing();
    await lab.clock.advance(60 * SECOND); // a copy is made
    await sharer.peer.close();
    await lab.clock.advance(SECOND);
    expect(lab.tracker.listed).toEqual([]);
    const again = lab.peer(kept);
    await again.peer.restore();
    await lab.clock.advance(SECOND);
    expect([lab.tracker.listed, again.of(infoHash).listed]).toEqual([['film.bin'], 'listed']);
  });

  test('[LB18] an entry that an earlier version wrote is not listed', async () => {
    const { lab, kept, sharer, infoHash } = await listing();
    await sharer.peer.close();
    const entry = await kept.library.entry(infoHash);
    const { listed, ...older } = entry!;
    expect(listed).toBe(true);
    await kept.library.put(older);
    const again = lab.peer(kept);
    await again.peer.join(infoHash);
    await lab.clock.advance(SECOND);
    expect(again.of(infoHash).listed).toBe('no');
  });
});

describe('[LB18] what is not listed', () => {
  test('[LB18] [TR8] a name that is shown otherwise than it is written is not even sent', async () => {
    const { lab, sharer, infoHash } = await listing({ name: 'a\u202egpj.exe' });
    expect(sharer.of(infoHash).listed).toBe('name-not-listable');
    await lab.clock.advance(60 * SECOND);
    lab.tracker.drop();
    await lab.clock.advance(60 * SECOND);
    expect(sharer.of(infoHash).listed).toBe('name-not-listable');
    expect(publications(lab)).toEqual([]);
    await sharer.peer.directory.list(infoHash, false);
    await lab.clock.advance(SECOND);
    expect(sharer.of(infoHash).listed).toBe('no');
  });

  test('[LB18] [TR8] a comment that is shown otherwise is left out, and the share is found', async () => {
    const { lab } = await listing({ comment: 'turned \u202earound' });
    expect(publications(lab)).toMatchObject([{ name: 'film.bin' }]);
    expect(publications(lab)[0]?.comment).toBeUndefined();
    expect(lab.tracker.listed).toEqual(['film.bin']);
  });

  test.each([
    ['directory-full', 'directory-full'],
    ['directory-off', 'directory-off'],
    ['rate-limited', 'refused'],
    ['unavailable', 'refused'],
    ['forbidden', 'asked'],
  ] as const)(
    '[LB18] what is refused with %s is told, and asked again with the next announce',
    async (code, listed) => {
      const lab = new PeerLab();
      const sharer = lab.peer();
      const infoHash = await shared(lab, sharer);
      lab.tracker.refusing.set('publish', code);
      await sharer.peer.directory.list(infoHash, true);
      await lab.clock.advance(SECOND);
      expect(sharer.of(infoHash).listed).toBe(listed);
      await lab.clock.advance(31 * SECOND);
      expect(publications(lab).length).toBe(2);
      lab.tracker.refusing.clear();
      await lab.clock.advance(31 * SECOND);
      expect([lab.tracker.listed, sharer.of(infoHash).listed]).toEqual([['film.bin'], 'listed']);
    },
  );

  test('[LB18] a refusal that comes when it is not wanted any more says nothing', async () => {
    const lab = new PeerLab();
    const sharer = lab.peer();
    const infoHash = await shared(lab, sharer);
    lab.tracker.refusing.set('publish', 'directory-full');
    await sharer.peer.directory.list(infoHash, true);
    await sharer.peer.directory.list(infoHash, false);
    await lab.clock.advance(60 * SECOND);
    expect(sharer.of(infoHash).listed).toBe('no');
  });

  test('[LB18] a share of somebody else, also one that is whole here, and one that is not open', async () => {
    const { lab, infoHash } = await listing();
    const receiver = lab.peer();
    expect(await receiver.peer.directory.list(infoHash, true)).toBe('not-open');
    await receiver.peer.download(infoHash);
    const whole = (): boolean => receiver.snapshots.get(infoHash)?.phase === 'complete';
    await lab.clock.until(whole, 'the download is complete');
    expect(await receiver.peer.directory.list(infoHash, true)).toBe('not-own');
    await lab.clock.advance(60 * SECOND);
    expect(publications(lab)).toHaveLength(1);
    expect(receiver.of(infoHash).listed).toBe('no');
  });
});

describe('[PN13] searching', () => {
  test('[PN13] while the server is away, refuses or is silent', async () => {
    const lab = new PeerLab();
    const { peer } = lab.peer();
    const outcomes: unknown[] = [];
    const search = (): void =>
      void peer.directory.search({ query: '' }).then((outcome) => outcomes.push(outcome));
    search();
    await lab.clock.advance(SECOND);
    lab.tracker.refusing.set('search', 'rate-limited');
    search();
    await lab.clock.advance(SECOND);
    lab.tracker.refusing.set('search', null);
    search();
    await lab.clock.advance(11 * SECOND);
    lab.tracker.away = true;
    await lab.clock.advance(SECOND);
    search();
    await lab.clock.advance(SECOND);
    expect(outcomes).toEqual([
      { kind: 'found', total: 0, results: [] },
      { kind: 'not-searched', why: 'too-often' },
      { kind: 'not-searched', why: 'silent' },
      { kind: 'not-searched', why: 'away' },
    ]);
  });

  test('[PN13] what was asked when the peer is closed is over', async () => {
    const lab = new PeerLab();
    const { peer } = lab.peer();
    const outcome = peer.directory.search({ query: '' });
    await peer.close();
    expect(await outcome).toEqual({ kind: 'not-searched', why: 'away' });
  });
});
