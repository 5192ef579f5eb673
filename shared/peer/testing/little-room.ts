/** For tests: a peer over a store with as much room as a test says, on a clock that can skip days, and somebody who shares. */
import type { InfoHash } from '../../ids.ts';
import { seededRandom } from '../../random.ts';
import { MemoryLibrary } from '../library.ts';
import { MemoryStore } from '../memory-store.ts';
import type { PutOutcome, ShareRecord, SizedContent, StoredPiece } from '../piece-store.ts';
import { MemorySettings } from '../settings.ts';
import { infoHashOf, PeerLab, requestOf } from './test-peer.ts';
import type { TestPeer } from './test-peer.ts';

/** With room for so many bytes of pieces; without any there is none for a record either. */
export class SmallStore extends MemoryStore {
  quotaBytes = Infinity;

  override async putPieces(infoHash: InfoHash, pieces: readonly StoredPiece[]): Promise<PutOutcome> {
    const coming = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const { bytes } = await this.usage();
    return bytes + coming > this.quotaBytes
      ? { kind: 'failed', why: 'quota' }
      : super.putPieces(infoHash, pieces);
  }

  #interrupted = (): void => undefined;

  override onInterrupted(listener: () => void): void {
    this.#interrupted = listener;
  }

  /** As when the person clears the site's data. */
  async lose(library: MemoryLibrary): Promise<void> {
    for (const { infoHash } of await library.entries()) await library.remove(infoHash);
    for (const { infoHash } of await this.overview()) await super.removeShare(infoHash);
    this.startAgain();
  }

  startAgain(): void {
    this.#interrupted();
  }

  /** Whether what is read by its content waits. */
  held: Promise<void> | null = null;

  override async contents(asked: readonly SizedContent[]): Promise<(Uint8Array<ArrayBuffer> | null)[]> {
    await this.held;
    return super.contents(asked);
  }

  override async putShare(record: ShareRecord): Promise<PutOutcome> {
    return this.quotaBytes === 0 ? { kind: 'failed', why: 'quota' } : super.putShare(record);
  }
}

/** No piece of them is like another one. */
export function someBytes(size: number, salt: number): Uint8Array<ArrayBuffer> {
  const random = seededRandom(salt);
  return new Uint8Array(size).map(() => random.below(256));
}

export async function littleRoom() {
  const lab = new PeerLab();
  // Days go by without their seconds.
  const [today, skipped] = [lab.clock.today.bind(lab.clock), { ms: 0 }];
  lab.clock.today = () => today() + skipped.ms;
  const skip = (ms: number): void => void (skipped.ms += ms);
  const sharer = lab.peer();
  const [store, library, settings] = [new SmallStore(), new MemoryLibrary(), new MemorySettings()];
  const receiver = lab.peer({ store, library, settings });
  const shared = async (size: number, salt: number): Promise<InfoHash> =>
    infoHashOf(await sharer.peer.share(requestOf([[`${salt}.bin`, someBytes(size, salt)]])));
  const received = async (infoHash: InfoHash, peer: TestPeer = receiver): Promise<void> => {
    await peer.peer.download(infoHash);
    await lab.clock.until(() => peer.snapshots.get(infoHash)?.phase === 'complete', 'complete');
    await peer.peer.saves.saved(infoHash);
  };
  const again = (): TestPeer => {
    receiver.peer.close();
    return lab.peer({ store, library, settings });
  };
  const kept = async (): Promise<InfoHash[]> =>
    (await library.entries()).map(({ infoHash }) => infoHash).sort();
  return { lab, skip, sharer, receiver, store, library, shared, received, again, kept };
}
