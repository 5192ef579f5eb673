/** What leads a peer that comes again back to its person's files: what the platform kept of them, or a copy. */
import { describe, expect, test, vi } from 'vitest';
import type { InfoHash } from '../ids.ts';
import { MemoryLibrary } from './library.ts';
import { MemoryStore } from './memory-store.ts';
import type { PutOutcome } from './piece-store.ts';
import { MemorySettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { MemoryFile } from './testing/memory-files.ts';
import { MemoryKept } from './testing/memory-kept.ts';
import { PeerLab, infoHashOf, requestOf, someBytes } from './testing/test-peer.ts';
import type { TestPeer } from './testing/test-peer.ts';

const CONTENT = someBytes(500_000);
/** ms in which a small share is copied while nothing else happens. */
const LONG = 5_000;

/** A store whose disk a test fills. */
class FillingStore extends MemoryStore {
  full = false;
  puts = 0;

  override async putPieces(...put: Parameters<MemoryStore['putPieces']>): Promise<PutOutcome> {
    this.puts += 1;
    return this.full ? { kind: 'failed', why: 'quota' } : super.putPieces(...put);
  }
}

/** One browser and what it keeps; each tab is a peer of its own. */
class Browser {
  readonly store = new FillingStore();
  readonly library = new MemoryLibrary();
  readonly settings = new MemorySettings();
  readonly kept = new MemoryKept();
  readonly #lab: PeerLab;

  constructor(lab: PeerLab, keepsFiles: boolean) {
    this.#lab = lab;
    this.kept.keeps = keepsFiles;
  }

  tab(): TestPeer {
    const { store, library, settings, kept } = this;
    return this.#lab.peer({ store, library, settings, kept });
  }

  /** Its page is closed without a word, and another one opened, which goes on with what was running. */
  async reload(tab: TestPeer): Promise<TestPeer> {
    tab.peer.close();
    const again = this.tab();
    await again.peer.restore();
    return again;
  }
}

function scene({ keepsFiles }: { keepsFiles: boolean }) {
  const lab = new PeerLab();
  const own = new Browser(lab, keepsFiles);
  const receiver = new Browser(lab, false).tab();
  return { lab, own, sharer: own.tab(), receiver };
}

const phaseOf = (tab: TestPeer, infoHash: InfoHash) => tab.snapshots.get(infoHash)?.phase;

async function made(sharer: TestPeer, file = new MemoryFile(CONTENT)): Promise<InfoHash> {
  return infoHashOf(await sharer.peer.share(requestOf([['film.bin', file]])));
}

async function pieceCount({ store }: Browser, infoHash: InfoHash): Promise<number> {
  return (await store.ownedPieces(infoHash)).length;
}

describe('[LB5] a sender whose platform keeps hold of the files', () => {
  test('goes on by itself after a reload, and so does who waits at the link', async () => {
    const { lab, own, sharer, receiver } = scene({ keepsFiles: true });
    sharer.peer.preferences.limit({ up: 100_000, down: null, peerUp: null, peerDown: null });
    const infoHash = await made(sharer);
    await receiver.peer.download(infoHash);
    await lab.clock.advance(2_000);
    expect(phaseOf(receiver, infoHash)).toBe('downloading');
    const again = await own.reload(sharer);
    await lab.clock.until(() => phaseOf(receiver, infoHash) === 'complete', 'complete');
    expect(await receiver.holds(infoHash, CONTENT)).toBe(true);
    expect(again.of(infoHash)).toMatchObject({ role: 'sharing', phase: 'complete', filesMissing: null });
  });

  test('of several files, in the order of the share', async () => {
    const { lab, own, sharer, receiver } = scene({ keepsFiles: true });
    const request = requestOf([
      ['Ours/b.bin', someBytes(300_000, 1)],
      ['Ours/a.bin', someBytes(200_000, 2)],
    ]);
    const infoHash = infoHashOf(await sharer.peer.share(request));
    await own.reload(sharer);
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => phaseOf(receiver, infoHash) === 'complete', 'complete');
  });

  test('has looked at a few pieces alone, and copies none', async () => {
    const { lab, own, sharer } = scene({ keepsFiles: true });
    const file = new MemoryFile(CONTENT);
    const infoHash = await made(sharer, file);
    await lab.clock.advance(LONG);
    const before = file.reads;
    const again = await own.reload(sharer);
    await lab.clock.advance(LONG);
    expect(phaseOf(again, infoHash)).toBe('complete');
    expect(file.reads - before).toBeLessThanOrEqual(10);
    expect(own.store.puts).toBe(0);
  });

  test('[LB2] stays stopped where it was stopped, and starts with its files', async () => {
    const { lab, own, sharer } = scene({ keepsFiles: true });
    const infoHash = await made(sharer);
    await sharer.peer.stop(infoHash);
    const again = await own.reload(sharer);
    expect(again.snapshots.has(infoHash)).toBe(false);
    await again.peer.join(infoHash);
    await lab.clock.advance(1_000);
    expect(again.of(infoHash)).toMatchObject({ phase: 'stopped', filesMissing: null });
    await again.peer.open(infoHash);
    await lab.clock.advance(1_000);
    expect(phaseOf(again, infoHash)).toBe('complete');
  });

  test('waits for the permission where that is needed, outside its swarm, and goes on when it is given', async () => {
    const { lab, own, sharer, receiver } = scene({ keepsFiles: true });
    const infoHash = await made(sharer);
    own.kept.finds = 'permission-needed';
    const again = await own.reload(sharer);
    await lab.clock.advance(1_000);
    const waiting = { role: 'sharing', phase: 'stopped', filesMissing: 'permission-needed' };
    expect(again.of(infoHash)).toMatchObject(waiting);
    await again.peer.reopen(infoHash);
    await lab.clock.advance(1_000);
    expect(again.of(infoHash)).toMatchObject(waiting);
    own.kept.finds = null;
    await again.peer.reopen(infoHash);
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => phaseOf(receiver, infoHash) === 'complete', 'complete');
    expect(again.of(infoHash)).toMatchObject({ phase: 'complete', filesMissing: null });
  });

  test('is found by whoever waited at the link when the permission is given', async () => {
    const { lab, own, sharer, receiver } = scene({ keepsFiles: true });
    const infoHash = await made(sharer);
    own.kept.finds = 'permission-needed';
    const again = await own.reload(sharer);
    await receiver.peer.join(infoHash);
    await lab.clock.advance(5_000);
    expect(phaseOf(receiver, infoHash)).toBe('looking');
    own.kept.finds = null;
    await again.peer.reopen(infoHash);
    await lab.clock.until(() => phaseOf(receiver, infoHash) === 'ready', 'ready');
  });

  test('[LB2] goes on after the permission also where it had been stopped', async () => {
    const { lab, own, sharer } = scene({ keepsFiles: true });
    const infoHash = await made(sharer);
    await sharer.peer.stop(infoHash);
    own.kept.finds = 'permission-needed';
    const again = await own.reload(sharer);
    await again.peer.join(infoHash);
    own.kept.finds = null;
    await again.peer.reopen(infoHash);
    await lab.clock.advance(1_000);
    expect(phaseOf(again, infoHash)).toBe('complete');
    expect((await again.peer.library())[0]?.intent).toBe('sharing');
  });

  test('[LB3] says that the files are gone, and takes them when they are chosen again', async () => {
    const { lab, own, sharer } = scene({ keepsFiles: true });
    const infoHash = await made(sharer);
    own.kept.finds = 'gone';
    const again = await own.reload(sharer);
    await lab.clock.advance(1_000);
    expect(again.of(infoHash).filesMissing).toBe('gone');
    const { files } = requestOf([['film.bin', CONTENT]]);
    expect(await again.peer.provide(infoHash, files)).toEqual({ kind: 'provided' });
    own.kept.finds = null;
    const third = await own.reload(again);
    await lab.clock.advance(1_000);
    expect(third.of(infoHash).filesMissing).toBeNull();
  });

  test('[SO3] serves nothing of a file that was replaced by another of the same size and date', async () => {
    const { lab, own, sharer, receiver } = scene({ keepsFiles: true });
    const file = new MemoryFile(CONTENT);
    const infoHash = await made(sharer, file);
    file.rewrite(someBytes(500_000, 9));
    const again = await own.reload(sharer);
    await receiver.peer.download(infoHash);
    await lab.clock.advance(2_000);
    expect(again.of(infoHash)).toMatchObject({ phase: 'stopped', filesMissing: 'changed', uploadedBytes: 0 });
    expect(receiver.of(infoHash).receivedBytes).toBe(0);
  });

  test('[SO3] one piece that was changed between those that are compared is found before it is served', async () => {
    const { lab, own, sharer, receiver } = scene({ keepsFiles: true });
    // Of 2,000 pieces ten are compared: not this one, by this test's chance.
    const content = someBytes(2_000_000);
    const file = new MemoryFile(content);
    const request = requestOf([['film.bin', file]], { pieceBytes: 1_000 });
    const infoHash = infoHashOf(await sharer.peer.share(request));
    const other = content.slice();
    other.fill(0, 1_234_000, 1_235_000);
    file.rewrite(other);
    const again = await own.reload(sharer);
    await lab.clock.advance(1_000);
    expect(again.of(infoHash).filesMissing).toBeNull();
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => again.of(infoHash).trouble !== null, 'trouble');
    expect(again.of(infoHash).trouble).toEqual({ kind: 'source', why: 'changed' });
    expect(await receiver.store.piece(infoHash, 1_234)).toBeNull();
    expect(receiver.reports).not.toContainEqual({ kind: 'completed' });
  });

  test('[LB2] goes on with a download before its own files, which take a while to be compared', async () => {
    const { lab, own, sharer } = scene({ keepsFiles: true });
    const theirs = await made(new Browser(lab, true).tab(), new MemoryFile(someBytes(200_000, 4)));
    await sharer.peer.download(theirs);
    await lab.clock.until(() => phaseOf(sharer, theirs) === 'complete', 'complete');
    await lab.clock.advance(1_000);
    const ours = await made(sharer);
    sharer.peer.close();
    const opened = vi.spyOn(own.store, 'share');
    const again = own.tab();
    await again.peer.restore();
    expect((await again.peer.library()).map(({ infoHash }) => infoHash)).toEqual([ours, theirs]);
    expect(opened.mock.calls).toEqual([[theirs], [ours]]);
  });

  test('forgets them with the share', async () => {
    const { own, sharer } = scene({ keepsFiles: true });
    const infoHash = await made(sharer);
    expect(await own.kept.shares()).toEqual([infoHash]);
    await sharer.peer.remove(infoHash);
    expect(await own.kept.shares()).toEqual([]);
  });

  test('[LB1] keeps nothing of a share that it cannot keep', async () => {
    const { own, sharer } = scene({ keepsFiles: true });
    own.store.close();
    await made(sharer);
    expect(await own.kept.shares()).toEqual([]);
  });
});

describe('[LB6] a sender whose platform keeps hold of nothing', () => {
  async function copied(settings: Partial<Settings> = {}) {
    const parts = scene({ keepsFiles: false });
    await parts.sharer.peer.settings.change(settings);
    const infoHash = await made(parts.sharer);
    await parts.lab.clock.advance(LONG);
    return { ...parts, infoHash };
  }

  test('copies a small share when nothing else happens, and needs no file after a reload', async () => {
    const { lab, own, sharer, receiver, infoHash } = await copied();
    expect(await pieceCount(own, infoHash)).toBe(Math.ceil(500_000 / 16_384));
    const again = await own.reload(sharer);
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => phaseOf(receiver, infoHash) === 'complete', 'complete');
    expect(await receiver.holds(infoHash, CONTENT)).toBe(true);
    expect(again.of(infoHash)).toMatchObject({ role: 'sharing', phase: 'complete', filesMissing: null });
  });

  test('copies several shares, one after the other', async () => {
    const { lab, own, sharer, infoHash } = await copied();
    const others = [1, 2].map((salt) => requestOf([[`${salt}.bin`, someBytes(100_000, salt)]]));
    const made = await Promise.all(others.map(async (one) => infoHashOf(await sharer.peer.share(one))));
    await lab.clock.advance(LONG);
    for (const one of made) expect(await pieceCount(own, one)).toBe(7);
    expect(await pieceCount(own, infoHash)).toBe(31);
  });

  test.each([
    ['that is larger than the bound', { smallCopyBytes: 499_999 }],
    ['where it is switched off', { keepSmallCopies: false }],
  ])('copies nothing of a share %s', async (_, settings) => {
    const { own, sharer, infoHash, lab } = await copied(settings);
    expect(own.store.puts).toBe(0);
    const again = await own.reload(sharer);
    await again.peer.join(infoHash);
    await lab.clock.advance(1_000);
    expect(again.of(infoHash).filesMissing).toBe('not-kept');
  });

  test('copies a share that is just as large as the bound', async () => {
    const { own, infoHash } = await copied({ smallCopyBytes: 500_000 });
    expect(await pieceCount(own, infoHash)).toBe(31);
  });

  test('copies nothing while something is sent, and goes on when that is over', async () => {
    const { lab, own, sharer, receiver } = scene({ keepsFiles: false });
    sharer.peer.preferences.limit({ up: 50_000, down: null, peerUp: null, peerDown: null });
    const infoHash = await made(sharer);
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => phaseOf(receiver, infoHash) === 'complete', 'complete');
    expect(own.store.puts).toBe(0);
    await lab.clock.advance(2 * LONG);
    expect(await pieceCount(own, infoHash)).toBe(31);
  });

  test('gives way in the middle as soon as something moves', async () => {
    const { lab, own, sharer, receiver } = scene({ keepsFiles: false });
    sharer.peer.preferences.limit({ up: 500_000, down: null, peerUp: null, peerDown: null });
    const content = someBytes(20_000_000);
    const request = requestOf([['film.bin', content]], { pieceBytes: 1_000_000 });
    const infoHash = infoHashOf(await sharer.peer.share(request));
    await lab.clock.until(() => own.store.puts > 0, 'a first copy');
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => sharer.of(infoHash).up > 0, 'something to send');
    const then = await pieceCount(own, infoHash);
    expect(then).toBeLessThan(20);
    await lab.clock.advance(LONG);
    expect(phaseOf(receiver, infoHash)).toBe('downloading');
    // What was under way when it began to move may have come to its end.
    expect(await pieceCount(own, infoHash)).toBeLessThanOrEqual(then + 4);
  });

  test('copies nothing while another share is being made', async () => {
    const { lab, own, sharer } = scene({ keepsFiles: false });
    let goOn: () => void = () => undefined;
    const slow = new MemoryFile(someBytes(100_000, 3));
    const { read } = slow;
    slow.read = async (from, to) => {
      await new Promise<void>((resolve) => (goOn = resolve));
      return read.call(slow, from, to);
    };
    const infoHash = await made(sharer);
    const making = sharer.peer.share(requestOf([['slow.bin', slow]]));
    await lab.clock.advance(LONG);
    expect(await pieceCount(own, infoHash)).toBe(0);
    slow.read = read;
    goOn();
    await making;
    await lab.clock.advance(LONG);
    expect(await pieceCount(own, infoHash)).toBe(31);
  });

  test('copies nothing of a share that was stopped, goes on with it, and keeps the copy when it is stopped again', async () => {
    const { lab, own, sharer } = scene({ keepsFiles: false });
    const infoHash = await made(sharer);
    await sharer.peer.stop(infoHash);
    await lab.clock.advance(LONG);
    expect(await pieceCount(own, infoHash)).toBe(0);
    await sharer.peer.open(infoHash);
    await lab.clock.advance(LONG);
    await sharer.peer.stop(infoHash);
    expect(await pieceCount(own, infoHash)).toBe(31);
  });

  test('copies nothing of a share that was removed in the middle', async () => {
    const { lab, own, sharer } = scene({ keepsFiles: false });
    const request = requestOf([['film.bin', someBytes(20_000_000)]], { pieceBytes: 1_000_000 });
    const infoHash = infoHashOf(await sharer.peer.share(request));
    await lab.clock.until(() => own.store.puts > 0, 'a first copy');
    await sharer.peer.remove(infoHash);
    const { puts } = own.store;
    await lab.clock.advance(LONG);
    expect([await pieceCount(own, infoHash), own.store.puts - puts]).toEqual([0, 0]);
  });

  test('keeps what is there when it is switched off, and makes no more', async () => {
    const { lab, own, sharer, infoHash } = await copied();
    await sharer.peer.settings.change({ keepSmallCopies: false });
    const other = infoHashOf(await sharer.peer.share(requestOf([['b.bin', someBytes(100_000, 5)]])));
    await lab.clock.advance(LONG);
    expect([await pieceCount(own, infoHash), await pieceCount(own, other)]).toEqual([31, 0]);
    const again = await own.reload(sharer);
    await lab.clock.advance(1_000);
    expect(phaseOf(again, infoHash)).toBe('complete');
  });

  test('[EN5] a full disk ends the copy and is no trouble of the share', async () => {
    const { lab, own, sharer, receiver } = scene({ keepsFiles: false });
    own.store.full = true;
    const infoHash = await made(sharer);
    await lab.clock.advance(LONG);
    const { puts } = own.store;
    expect(puts).toBeGreaterThan(0);
    await lab.clock.advance(LONG);
    expect(own.store.puts).toBe(puts);
    expect(sharer.of(infoHash)).toMatchObject({ phase: 'complete', trouble: null });
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => phaseOf(receiver, infoHash) === 'complete', 'complete');
  });

  test('a file that was changed ends the copy and is told when somebody asks for it', async () => {
    const { lab, own, sharer, receiver } = scene({ keepsFiles: false });
    const file = new MemoryFile(CONTENT);
    const infoHash = await made(sharer, file);
    file.rewrite(someBytes(500_000, 9));
    await lab.clock.advance(LONG);
    expect([await pieceCount(own, infoHash), sharer.of(infoHash).trouble]).toEqual([0, null]);
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => sharer.of(infoHash).trouble !== null, 'trouble');
  });

  test('[LB3] a copy that was not finished asks for the file, and is finished then', async () => {
    const { lab, own, sharer } = scene({ keepsFiles: false });
    const content = someBytes(20_000_000);
    const request = requestOf([['film.bin', content]], { pieceBytes: 1_000_000 });
    const infoHash = infoHashOf(await sharer.peer.share(request));
    await lab.clock.until(() => own.store.puts > 0, 'a first copy');
    const again = await own.reload(sharer);
    await lab.clock.advance(1_000);
    const part = await pieceCount(own, infoHash);
    expect(part).toBeGreaterThan(0);
    expect(again.of(infoHash)).toMatchObject({ phase: 'stopped', filesMissing: 'not-kept' });
    const { puts } = own.store;
    await again.peer.provide(infoHash, request.files);
    await lab.clock.advance(LONG);
    expect(await pieceCount(own, infoHash)).toBe(20);
    expect(own.store.puts - puts).toBe(Math.ceil((20 - part) / 4));
  });

  test('an empty share needs neither file nor copy', async () => {
    const { lab, own, sharer } = scene({ keepsFiles: false });
    const infoHash = await made(sharer, new MemoryFile(new Uint8Array()));
    const again = await own.reload(sharer);
    await again.peer.join(infoHash);
    await lab.clock.advance(1_000);
    expect(again.of(infoHash)).toMatchObject({ phase: 'complete', filesMissing: null });
  });
});
