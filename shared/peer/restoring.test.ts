/** What a peer that comes again finds: its store and its library, and nothing of what it had in memory. */
import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import { MemoryLibrary } from './library.ts';
import { MemoryStore } from './memory-store.ts';
import { MemoryFile } from './testing/memory-files.ts';
import { PeerLab, infoHashOf, requestOf, someBytes } from './testing/test-peer.ts';
import type { TestPeer } from './testing/test-peer.ts';

/** One browser: each tab is a peer of its own over what the browser keeps. */
class Browser {
  readonly store = new MemoryStore();
  readonly library = new MemoryLibrary();
  readonly #lab: PeerLab;

  constructor(lab: PeerLab) {
    this.#lab = lab;
  }

  tab(): TestPeer {
    return this.#lab.peer({ store: this.store, library: this.library });
  }

  /** Its page is closed without a word, and another one opened. */
  reload(tab: TestPeer): TestPeer {
    tab.peer.close();
    return this.tab();
  }
}

function scene() {
  const lab = new PeerLab();
  const [own, others] = [new Browser(lab), new Browser(lab)];
  return { lab, own, others, sharer: own.tab(), receiver: others.tab() };
}

const CONTENT = someBytes(500_000);
const MANY = [
  ['Ours/b.bin', someBytes(300_000, 1)],
  ['Ours/a.bin', someBytes(200_000, 2)],
] as const;
const filesOf = (...files: Parameters<typeof requestOf>[0][number][]) => requestOf(files).files;

function phaseOf(tab: TestPeer, infoHash: InfoHash): string | undefined {
  return tab.snapshots.get(infoHash)?.phase;
}

async function made(sharer: TestPeer): Promise<InfoHash> {
  return infoHashOf(await sharer.peer.share(requestOf([['film.bin', CONTENT]])));
}

describe('[LB2] a receiver that comes again', () => {
  test('[LB2] goes on with what was running, without being asked, and with what it had', async () => {
    const { lab, others, sharer, receiver } = scene();
    sharer.peer.preferences.limit({ up: 100_000, down: null, peerUp: null, peerDown: null });
    const infoHash = await made(sharer);
    await receiver.peer.download(infoHash);
    await lab.clock.advance(3_000);
    const had = (await others.store.ownedPieces(infoHash)).length;
    expect(had).toBeGreaterThan(3);
    const again = others.reload(receiver);
    await again.peer.restore();
    await lab.clock.until(() => phaseOf(again, infoHash) === 'complete', 'complete');
    expect(again.of(infoHash)).toMatchObject({ saveDue: true, saved: false });
    const [entry] = await again.peer.library();
    expect(entry).toMatchObject({ name: 'film.bin', totalBytes: 500_000, fileCount: 1, intent: 'sharing' });
    expect(entry?.finishedAt).not.toBeNull();
    await lab.clock.advance(1_000);
    expect(sharer.of(infoHash).uploadedBytes).toBeLessThan(500_000 * 1.1);
  });

  test.each([
    ['pause', 'paused'],
    ['stop', 'stopped'],
  ] as const)(
    '[LB2] leaves alone what it was told to %s, and shows it so when its page is opened',
    async (verb, phase) => {
      const { lab, others, sharer, receiver } = scene();
      sharer.peer.preferences.limit({ up: 50_000, down: null, peerUp: null, peerDown: null });
      const infoHash = await made(sharer);
      await receiver.peer.download(infoHash);
      await lab.clock.advance(1_000);
      await receiver.peer[verb](infoHash);
      const again = others.reload(receiver);
      await again.peer.restore();
      await lab.clock.advance(5_000);
      expect(again.snapshots.has(infoHash)).toBe(false);
      await again.peer.join(infoHash);
      await lab.clock.advance(5_000);
      expect(phaseOf(again, infoHash)).toBe(phase);
    },
  );

  test('[LB2] one that was stopped goes on when it is asked to, and is remembered so', async () => {
    const { lab, others, sharer, receiver } = scene();
    const infoHash = await made(sharer);
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => phaseOf(receiver, infoHash) === 'complete', 'complete');
    await receiver.peer.saves.saved(infoHash);
    await receiver.peer.stop(infoHash);
    const again = others.reload(receiver);
    await again.peer.open(infoHash);
    await lab.clock.advance(1_000);
    expect(again.of(infoHash)).toMatchObject({ phase: 'complete', saved: true, saveDue: false });
    expect((await again.peer.library())[0]).toMatchObject({ intent: 'sharing' });
  });

  test('[LB1] a link that was only looked at is not kept', async () => {
    const { lab, sharer, receiver } = scene();
    const infoHash = await made(sharer);
    await receiver.peer.join(infoHash);
    await lab.clock.until(() => phaseOf(receiver, infoHash) === 'ready', 'ready');
    for (const verb of ['pause', 'stop', 'open'] as const) await receiver.peer[verb](infoHash);
    expect(await receiver.peer.library()).toEqual([]);
  });

  test('[LB1] what is removed is gone from the library and from the store', async () => {
    const { lab, others, sharer, receiver } = scene();
    const infoHash = await made(sharer);
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => phaseOf(receiver, infoHash) === 'complete', 'complete');
    await receiver.peer.remove(infoHash);
    expect(await receiver.peer.library()).toEqual([]);
    expect([await others.store.share(infoHash), await others.store.ownedPieces(infoHash)]).toEqual([
      null,
      [],
    ]);
  });
});

describe('[LB3] a sender that comes again', () => {
  test('[LB3] waits for its files and then goes on by the same link, and so does who waits at it', async () => {
    const { lab, own, sharer, receiver } = scene();
    sharer.peer.preferences.limit({ up: 100_000, down: null, peerUp: null, peerDown: null });
    const infoHash = await made(sharer);
    await receiver.peer.download(infoHash);
    await lab.clock.advance(3_000);
    const again = own.reload(sharer);
    await again.peer.restore();
    await again.peer.join(infoHash);
    await lab.clock.advance(2_000);
    expect(again.of(infoHash)).toMatchObject({ role: 'sharing', phase: 'stopped', filesMissing: 'not-kept' });
    // Pressing what starts it again does not help without files.
    await again.peer.open(infoHash);
    expect(phaseOf(again, infoHash)).toBe('stopped');
    // Another name and date are no hindrance.
    const files = filesOf(['copy of film.bin', CONTENT]).map((file) => ({ ...file, modified: 7 }));
    expect(await again.peer.provide(infoHash, files)).toEqual({ kind: 'provided' });
    await lab.clock.until(() => phaseOf(receiver, infoHash) === 'complete', 'complete');
    expect(again.of(infoHash)).toMatchObject({ role: 'sharing', phase: 'complete', filesMissing: null });
    expect([...again.broken, ...receiver.broken]).toEqual([]);
  });

  test('[LB3] [MF2] one whose content gives its link goes on when it is shared again', async () => {
    const { lab, own, sharer } = scene();
    const request = requestOf([['film.bin', CONTENT]], { salted: false });
    const infoHash = infoHashOf(await sharer.peer.share(request));
    const again = own.reload(sharer);
    await again.peer.join(infoHash);
    expect(infoHashOf(await again.peer.share(request))).toBe(infoHash);
    await lab.clock.advance(1_000);
    expect(again.of(infoHash)).toMatchObject({ phase: 'complete', filesMissing: null });
  });

  test('[LB3] several files are known by their paths, in whatever order they come', async () => {
    const { own, sharer } = scene();
    const infoHash = infoHashOf(await sharer.peer.share(requestOf(MANY, { name: 'Ours' })));
    const again = own.reload(sharer);
    const [first, second] = MANY;
    expect(await again.peer.provide(infoHash, filesOf(second, first))).toEqual({ kind: 'provided' });
  });

  const changed = someBytes(500_000).fill(1, 499_999);
  const unreadable = new MemoryFile(CONTENT);
  unreadable.becomes('vanished');
  test.each([
    ['another size', filesOf(['film.bin', someBytes(500_001)]), 'changed'],
    ['another last byte', filesOf(['film.bin', changed]), 'changed'],
    ['more files', filesOf(['film.bin', CONTENT], ['b', CONTENT]), 'other-files'],
    ['no file', [], 'other-files'],
    ['a file that is gone', filesOf(['film.bin', unreadable]), 'gone'],
  ] as const)('[LB3] refuses %s, and still waits', async (_, files, why) => {
    const { lab, own, sharer } = scene();
    const infoHash = await made(sharer);
    const again = own.reload(sharer);
    await again.peer.join(infoHash);
    expect(await again.peer.provide(infoHash, files)).toEqual({ kind: 'refused', why });
    await lab.clock.advance(1_000);
    expect(again.of(infoHash).filesMissing).toBe('not-kept');
  });

  test('[LB3] files of another name are other files, where there are several', async () => {
    const { own, sharer } = scene();
    const infoHash = infoHashOf(await sharer.peer.share(requestOf(MANY, { name: 'Ours' })));
    const again = own.reload(sharer);
    const files = filesOf(MANY[0], ['Ours/c.bin', MANY[1][1]]);
    expect(await again.peer.provide(infoHash, files)).toEqual({ kind: 'refused', why: 'other-files' });
  });

  test('[LB3] nobody becomes the sender of what others shared', async () => {
    const { lab, sharer, receiver } = scene();
    const infoHash = await made(sharer);
    await receiver.peer.download(infoHash);
    await lab.clock.advance(100);
    expect(await receiver.peer.provide(infoHash, filesOf(['film.bin', CONTENT]))).toEqual({
      kind: 'refused',
      why: 'unknown-share',
    });
  });

  test('[LB3] looks at a few pieces of many, the first and the last among them', async () => {
    const { own, sharer } = scene();
    const file = new MemoryFile(someBytes(2_000_000));
    const infoHash = infoHashOf(await sharer.peer.share(requestOf([['film.bin', file]])));
    const again = own.reload(sharer);
    const before = file.reads;
    expect(await again.peer.provide(infoHash, filesOf(['film.bin', file]))).toEqual({ kind: 'provided' });
    expect(file.reads - before).toBeLessThanOrEqual(10);
    for (const at of [0, 1_999_999]) {
      const other = someBytes(2_000_000);
      other[at] = (other[at] ?? 0) ^ 1;
      const third = own.tab();
      expect(await third.peer.provide(infoHash, filesOf(['film.bin', other]))).toEqual({
        kind: 'refused',
        why: 'changed',
      });
    }
  });
});

describe('[LB4] files that were shared before', () => {
  test('[LB4] have the same link, in a tab that comes later and in the one that has it open', async () => {
    const { lab, own, sharer } = scene();
    const infoHash = await made(sharer);
    const request = requestOf([['film.bin', CONTENT]]);
    expect(await sharer.peer.sharedBefore(request)).toBe(infoHash);
    const again = own.reload(sharer);
    expect(await again.peer.sharedBefore(request)).toBe(infoHash);
    await lab.clock.advance(1_000);
    expect(again.of(infoHash)).toMatchObject({ phase: 'complete', filesMissing: null });
  });

  test('[LB4] one that was stopped goes on', async () => {
    const { lab, sharer } = scene();
    const infoHash = await made(sharer);
    await sharer.peer.stop(infoHash);
    expect(await sharer.peer.sharedBefore(requestOf([['film.bin', CONTENT]]))).toBe(infoHash);
    await lab.clock.advance(1_000);
    expect(phaseOf(sharer, infoHash)).toBe('complete');
  });

  test.each([
    ['another name', requestOf([['other.bin', CONTENT]])],
    [
      'another date',
      { ...requestOf([]), files: filesOf(['film.bin', CONTENT]).map((file) => ({ ...file, modified: 1 })) },
    ],
    ['another size', requestOf([['film.bin', someBytes(500_001)]])],
    ['other bytes', requestOf([['film.bin', someBytes(500_000, 9)]])],
    ['an empty folder beside it', requestOf([['film.bin', CONTENT]], { folders: [['none']] })],
    ['a comment', requestOf([['film.bin', CONTENT]], { comment: 'Here' })],
    ['a name of its own', requestOf([['film.bin', CONTENT]], { name: 'The film' })],
    ['pieces of another size', requestOf([['film.bin', CONTENT]], { pieceBytes: 32_768 })],
    ['pieces of the automatic size', requestOf([['film.bin', CONTENT]], { pieceBytes: null })],
  ])('[LB4] with %s it is another share', async (_, request) => {
    const { sharer } = scene();
    await made(sharer);
    expect(await sharer.peer.sharedBefore(request)).toBeNull();
  });

  test('[LB4] [MF8] the same name, comment and piece size are the same share, as they are hashed', async () => {
    const { sharer } = scene();
    const typed = { name: 'a/b', comment: 'one; two', pieceBytes: 600_000 };
    const request = requestOf([['film.bin', CONTENT]], typed);
    const infoHash = infoHashOf(await sharer.peer.share(request));
    expect(await sharer.peer.sharedBefore(request)).toBe(infoHash);
    // All of it is one piece by either size.
    expect(await sharer.peer.sharedBefore({ ...request, pieceBytes: 1_000_000 })).toBe(infoHash);
    // What was not typed is not what was.
    expect(await sharer.peer.sharedBefore(requestOf([['film.bin', CONTENT]]))).toBeNull();
  });
});
