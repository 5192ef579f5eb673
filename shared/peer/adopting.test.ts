/** [LB7] Whole peers whose store has content already that came with another share. */
import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import { Adopter } from './adopter.ts';
import { ONE, TWO } from './contracts/filled-piece.ts';
import { sha256Hex } from './digests.ts';
import { MemoryStore } from './memory-store.ts';
import type { PieceContent, PutOutcome, SizedContent, StoredPiece } from './piece-store.ts';
import { nodeDigest } from './testing/node-ports.ts';
import { PeerLab, infoHashOf, requestOf, someBytes } from './testing/test-peer.ts';
import type { TestPeer } from './testing/test-peer.ts';

const PIECE = 16_384;
const CONTENT = someBytes(20 * PIECE + 5_000);

/** A store that reads content only as far as the test lets it. */
class HeldStore extends MemoryStore {
  readonly reading: (() => void)[] = [];
  held = false;
  written = 0;

  override async contents(asked: readonly SizedContent[]): Promise<(Uint8Array<ArrayBuffer> | null)[]> {
    if (this.held) await new Promise<void>((go) => this.reading.push(go));
    return super.contents(asked);
  }

  override putPieces(infoHash: InfoHash, pieces: readonly StoredPiece[]): Promise<PutOutcome> {
    this.written += pieces.length;
    return super.putPieces(infoHash, pieces);
  }

  go(): void {
    this.held = false;
    for (const one of this.reading.splice(0)) one();
  }
}

async function piecesOf(content: Uint8Array<ArrayBuffer>): Promise<StoredPiece[]> {
  const pieces: StoredPiece[] = [];
  for (let at = 0; at < content.length; at += PIECE) {
    const bytes = content.slice(at, at + PIECE);
    pieces.push({ piece: at / PIECE, sha256: await sha256Hex(nodeDigest, bytes), bytes });
  }
  return pieces;
}

/** Somebody shares it, and the receiver's store has what `here` says, of a share of which nobody speaks. */
async function scene(here: readonly StoredPiece[], content = CONTENT) {
  const lab = new PeerLab();
  const store = new HeldStore();
  await store.putPieces(TWO, here);
  store.written = 0;
  const [sharer, receiver] = [lab.peer(), lab.peer({ store })];
  const infoHash = infoHashOf(await sharer.peer.share(requestOf([['film.bin', content]])));
  const phase = (): string | undefined => receiver.snapshots.get(infoHash)?.phase;
  const finished = (): Promise<void> => lab.clock.until(() => phase() === 'complete', 'complete');
  return { lab, store, sharer, receiver, infoHash, phase, finished };
}

async function sentBy(
  sharer: TestPeer,
  { lab, infoHash }: { lab: PeerLab; infoHash: InfoHash },
): Promise<number> {
  await lab.clock.advance(1_000);
  return sharer.of(infoHash).uploadedBytes;
}

describe('[LB7] content that came with another share', () => {
  test('[LB7] the same content by another link is here at once, and nothing of it is sent', async () => {
    const lab = new PeerLab();
    const [sharer, receiver] = [lab.peer(), lab.peer()];
    const request = requestOf([['film.bin', CONTENT]]);
    const links = [await sharer.peer.share(request), await sharer.peer.share(request)].map(infoHashOf);
    const [first, second] = links as [InfoHash, InfoHash];
    expect(second).not.toBe(first);
    for (const link of links) {
      await receiver.peer.download(link);
      await lab.clock.until(() => receiver.snapshots.get(link)?.phase === 'complete', 'complete');
    }
    expect(await sentBy(sharer, { lab, infoHash: first })).toBe(CONTENT.length);
    expect(sharer.of(second).uploadedBytes).toBe(0);
    expect(receiver.of(second)).toMatchObject({
      saveDue: true,
      savable: true,
      foundBytes: 0,
      storedBytes: CONTENT.length,
      receivedBytes: CONTENT.length,
    });
    await receiver.peer.remove(first);
    expect(await receiver.holds(second, CONTENT)).toBe(true);
    expect((await receiver.peer.library())[0]).toMatchObject({ infoHash: second, intent: 'sharing' });
  });

  test('[LB7] of a part the rest is fetched, and nothing is written twice', async () => {
    const here = (await piecesOf(CONTENT)).filter(({ piece }) => piece % 3 === 0);
    const one = await scene(here);
    await one.receiver.peer.download(one.infoHash);
    await one.finished();
    const bytes = here.reduce((sum, piece) => sum + piece.bytes.length, 0);
    expect(await sentBy(one.sharer, one)).toBe(CONTENT.length - bytes);
    expect(one.store.written).toBe(21 - here.length);
    expect(await one.receiver.holds(one.infoHash, CONTENT)).toBe(true);
  });

  test('[LB7] [ST4] what rotted is fetched and written anew, for whoever had it', async () => {
    const here = (await piecesOf(CONTENT)).map((piece) =>
      piece.piece === 4 ? { ...piece, bytes: piece.bytes.map((byte) => byte ^ 1) } : piece,
    );
    const one = await scene(here);
    await one.receiver.peer.download(one.infoHash);
    await one.finished();
    expect(await sentBy(one.sharer, one)).toBe(PIECE);
    expect(await one.receiver.holds(one.infoHash, CONTENT)).toBe(true);
    expect(await one.store.ownedPieces(TWO)).not.toContain(4);
    expect(one.receiver.broken).toEqual([]);
  });

  test('[LB7] the same piece many times in one share is sent once', async () => {
    const one = await scene([], new Uint8Array(100 * PIECE));
    one.sharer.peer.preferences.limit({ up: 20_000, down: null, peerUp: null, peerDown: null });
    await one.receiver.peer.download(one.infoHash);
    await one.finished();
    // What was asked for before the first one was here came, too.
    expect(await sentBy(one.sharer, one)).toBeLessThan(20 * PIECE);
    expect(await one.receiver.holds(one.infoHash, new Uint8Array(100 * PIECE))).toBe(true);
  });

  test('[LB7] the share that it came with may go meanwhile', async () => {
    const one = await scene(await piecesOf(CONTENT));
    one.store.held = true;
    await one.receiver.peer.download(one.infoHash);
    await one.lab.clock.until(() => one.store.reading.length > 0, 'reading');
    await one.store.removeShare(TWO);
    one.store.go();
    await one.finished();
    expect(await sentBy(one.sharer, one)).toBe(CONTENT.length);
    expect(await one.receiver.holds(one.infoHash, CONTENT)).toBe(true);
  });

  test('[LB7] it may go between reading and adopting', async () => {
    const one = await scene(await piecesOf(CONTENT));
    const { store } = one;
    const adopt = store.adopt.bind(store);
    store.adopt = async (infoHash: InfoHash, pieces: readonly PieceContent[]) => {
      await store.removeShare(TWO);
      return adopt(infoHash, pieces);
    };
    await one.receiver.peer.download(one.infoHash);
    await one.finished();
    expect(await one.receiver.holds(one.infoHash, CONTENT)).toBe(true);
    expect(await sentBy(one.sharer, one)).toBe(CONTENT.length);
  });

  test.each([
    ['pause', 'paused'],
    ['stop', 'stopped'],
  ] as const)(
    '[LB7] %s while it is read, then Download: all is here, and nothing was sent',
    async (verb, phase) => {
      const one = await scene(await piecesOf(CONTENT));
      one.store.held = true;
      await one.receiver.peer.download(one.infoHash);
      await one.lab.clock.until(() => one.store.reading.length > 0, 'reading');
      await one.receiver.peer[verb](one.infoHash);
      one.store.go();
      await one.lab.clock.advance(5_000);
      expect(one.phase()).toBe(phase);
      await one.receiver.peer.download(one.infoHash);
      await one.finished();
      expect(await sentBy(one.sharer, one)).toBe(0);
      expect(one.receiver.broken).toEqual([]);
    },
  );

  test('[LB7] [LB1] nothing is left of a share that is removed while it is read', async () => {
    const one = await scene(await piecesOf(CONTENT));
    one.store.held = true;
    await one.receiver.peer.download(one.infoHash);
    await one.lab.clock.until(() => one.store.reading.length > 0, 'reading');
    const removed = one.receiver.peer.remove(one.infoHash);
    one.store.go();
    await removed;
    await one.lab.clock.advance(1_000);
    expect(await one.store.ownedPieces(one.infoHash)).toEqual([]);
    expect(await one.store.ownedPieces(TWO)).toHaveLength(21);
    expect(one.receiver.broken).toEqual([]);
  });

  test('[LB7] [ST4] a manifest that claims another size for content that is here gets nothing of it', async () => {
    const store = new MemoryStore();
    const [first] = await piecesOf(CONTENT);
    if (first === undefined) throw new Error('no piece');
    await store.putPieces(TWO, [first]);
    const adopter = new Adopter(store, nodeDigest, ONE);
    const asked = { sha256: first.sha256, pieces: [3] };
    expect(await adopter.adopt({ ...asked, bytes: PIECE + 1 })).toEqual({ kind: 'adopted', pieces: [] });
    expect(await adopter.adopt({ ...asked, bytes: PIECE })).toEqual({ kind: 'adopted', pieces: [3] });
    expect(await store.piece(ONE, 3)).toEqual(first.bytes);
  });
});
