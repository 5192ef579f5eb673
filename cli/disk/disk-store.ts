/**
 * [HL33] `PieceStore` over a file system: pieces lie in the files of their shares, in the target folder, and what belongs
 * into none in a file of its own. Knows content by its SHA-256, whatever share it came with ([ST9]). What the world gets in
 * the way with is an outcome ([ST5]), and said. Knows no peers.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { ChosenFiles } from '../../shared/manifest/file-pieces.ts';
import type {
  AdoptOutcome,
  CompactOutcome,
  Failure,
  PieceContent,
  PieceStore,
  PutOutcome,
  RemoveOutcome,
  ShareOverview,
  ShareRecord,
  SizedContent,
  StoredPiece,
  StoreUsage,
} from '../../shared/peer/piece-store.ts';
import type { PieceOf } from './content-index.ts';
import type { DiskShare } from './disk-share.ts';
import type { Notices } from './notices.ts';
import type { OnVerifyProgress } from './right-pieces.ts';
import { sha256Of } from './sha256.ts';
import type { ShareShelf } from './share-shelf.ts';
import { usageOf } from './store-usage.ts';
import { tellTrouble } from './tell-trouble.ts';
import { isWorlds, storeTroubleOf } from './trouble.ts';

const UNAVAILABLE: Failure = { kind: 'failed', why: 'unavailable' };

export class DiskStore implements PieceStore {
  readonly #shelf: ShareShelf;
  readonly #notices: Notices;
  /** Records that are being written. */
  readonly #keeping = new Set<Promise<PutOutcome>>();
  #closed = false;

  constructor(shelf: ShareShelf, notices: Notices) {
    this.#shelf = shelf;
    this.#notices = notices;
  }

  putShare(record: ShareRecord): Promise<PutOutcome> {
    const kept = this.#keep(record).finally(() => this.#keeping.delete(kept));
    this.#keeping.add(kept);
    return kept;
  }

  #keep(record: ShareRecord): Promise<PutOutcome> {
    return this.#tried(record.infoHash, async () => {
      const share = this.#shelf.shareOf(record.infoHash);
      await share.look();
      await share.queue.run(() => share.keep({ ...record, manifest: record.manifest.slice() }));
      this.#shelf.index.add(share);
      return { kind: 'stored' };
    });
  }

  async share(infoHash: InfoHash): Promise<ShareRecord | null> {
    return this.#closed ? null : ((await this.#shelf.get(infoHash)?.record()) ?? null);
  }

  async shares(): Promise<ShareRecord[]> {
    const records = this.#open().map((share) => share.record());
    return (await Promise.all(records)).flatMap((record) => record ?? []);
  }

  async overview(): Promise<ShareOverview[]> {
    return this.#open()
      .filter(({ hasRecord }) => hasRecord)
      .map(({ infoHash, owned }) => ({ infoHash, ownedPieces: owned.count }));
  }

  async usage(): Promise<StoreUsage> {
    const having = this.#open().filter(({ owned }) => owned.count > 0);
    return usageOf(having.map((share) => [share.infoHash, share.contents()]));
  }

  async putPieces(infoHash: InfoHash, pieces: readonly StoredPiece[]): Promise<PutOutcome> {
    return this.#tried(infoHash, async () => {
      if (pieces.length === 0) return { kind: 'stored' };
      const share = await this.#ready(infoHash);
      await share.queue.run(() => share.put(pieces));
      return { kind: 'stored' };
    });
  }

  async piece(infoHash: InfoHash, piece: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const share = await this.#looked(infoHash);
    return (await share?.piece(piece)) ?? null;
  }

  async ownedPieces(infoHash: InfoHash): Promise<number[]> {
    return (await this.#looked(infoHash))?.owned.all() ?? [];
  }

  async latestPieces(infoHash: InfoHash, most: number): Promise<number[]> {
    return (await this.#looked(infoHash))?.owned.latest(most) ?? [];
  }

  /** [HL38] Before the first answer for a share what is here of it is looked for. */
  async found(sha256s: readonly string[]): Promise<boolean[]> {
    if (this.#closed) return sha256s.map(() => false);
    // Whoever has just heard what a share is keeps that and asks for it in one go.
    await Promise.resolve();
    await Promise.allSettled(this.#keeping);
    await this.#shelf.prepareFor(sha256s);
    // An image of a disk is one content over and over: each is looked up once.
    const here = new Map<string, boolean>();
    for (const sha256 of sha256s) if (!here.has(sha256)) here.set(sha256, this.#isHere(sha256));
    return sha256s.map((sha256) => here.get(sha256) === true);
  }

  async contents(asked: readonly SizedContent[]): Promise<(Uint8Array<ArrayBuffer> | null)[]> {
    const read: (Uint8Array<ArrayBuffer> | null)[] = [];
    for (const { sha256, bytes } of asked) {
      read.push(this.#closed || this.#sizeOf(sha256) !== bytes ? null : await this.#content(sha256));
    }
    return read;
  }

  async adopt(infoHash: InfoHash, pieces: readonly PieceContent[]): Promise<AdoptOutcome> {
    const adopted: number[] = [];
    const outcome = await this.#tried(infoHash, async () => {
      const share = await this.#ready(infoHash);
      for (const piece of pieces) if (await this.#adoptOne(share, piece)) adopted.push(piece.piece);
      return { kind: 'stored' };
    });
    return outcome.kind === 'failed' ? outcome : { kind: 'adopted', adopted };
  }

  async dropContent(sha256s: readonly string[]): Promise<PutOutcome> {
    if (this.#closed) return UNAVAILABLE;
    for (const sha256 of sha256s) {
      const inPlace = [...this.#inPlace(sha256)];
      for (const share of this.#shelf.all()) {
        const pieces = inPlace.filter((one) => one.share === share).map(({ piece }) => piece);
        await share.queue.run(async () => share.drop(sha256, pieces));
      }
      await this.#shelf.loose.drop(sha256);
    }
    // So that nobody believes in them after a crash.
    await this.#shelf.syncAll();
    return { kind: 'stored' };
  }

  async removeShare(infoHash: InfoHash): Promise<RemoveOutcome> {
    let freedBytes = 0;
    const outcome = await this.#tried(infoHash, async () => {
      const share = this.#shelf.get(infoHash);
      if (share === undefined) return { kind: 'stored' };
      this.#shelf.leave(share);
      await share.look();
      freedBytes = await share.queue.run(() => share.remove());
      this.#shelf.forget(share);
      return { kind: 'stored' };
    });
    return outcome.kind === 'failed' ? outcome : { kind: 'removed', freedBytes };
  }

  /** Nothing lies beside anything here: what nobody has is gone already. */
  async compact(): Promise<CompactOutcome> {
    return this.#closed ? UNAVAILABLE : { kind: 'done' };
  }

  /** [HL37] Somebody has moved or deleted files: who has shares open looks at what is left. */
  onInterrupted(listener: () => void): void {
    this.#shelf.onLost(listener);
  }

  close(): void {
    this.#closed = true;
  }

  // What other stores have not

  /** [HL38] What is here of a share that comes from others is looked for. Answers how many of its pieces are here. */
  async gather(
    infoHash: InfoHash,
    manifest: Uint8Array<ArrayBuffer>,
    onProgress: OnVerifyProgress = () => undefined,
  ): Promise<number> {
    if (this.#shelf.get(infoHash)?.hasRecord !== true) {
      await this.putShare({ infoHash, manifest, addedAt: Date.now() });
    }
    await this.#tried(infoHash, async () => {
      await this.#shelf.prepare(this.#shelf.shareOf(infoHash), onProgress);
      return { kind: 'stored' };
    });
    return this.#shelf.get(infoHash)?.owned.count ?? 0;
  }

  /** What is wanted has come: what has no name yet gets it, and what has no bytes is made. */
  async finish(infoHash: InfoHash, files: ChosenFiles): Promise<PutOutcome> {
    return this.#tried(infoHash, async () => {
      const share = this.#shelf.get(infoHash);
      if (share === undefined) return { kind: 'stored' };
      await this.#shelf.prepare(share);
      await share.queue.run(() => share.finishWanted(files === null));
      await this.#shelf.syncAll();
      return { kind: 'stored' };
    });
  }

  // Inside

  #open(): DiskShare[] {
    return this.#closed ? [] : this.#shelf.all();
  }

  async #looked(infoHash: InfoHash): Promise<DiskShare | undefined> {
    const share = this.#closed ? undefined : this.#shelf.get(infoHash);
    await share?.look();
    return share;
  }

  /** Its files have a place, if it is to have files. */
  async #ready(infoHash: InfoHash): Promise<DiskShare> {
    const share = this.#shelf.shareOf(infoHash);
    await this.#shelf.prepare(share);
    return share;
  }

  async #adoptOne(share: DiskShare, { piece, sha256 }: PieceContent): Promise<boolean> {
    const { layout, owned, placed } = share;
    const isHere = owned.isInPlace(piece)
      ? layout?.sha256(piece) === sha256
      : owned.looseOf(piece) === sha256;
    if (isHere) return true;
    const bytes = this.#sizeOf(sha256);
    if (bytes === undefined) return false;
    const isOfFiles = placed !== null && layout?.isPiece(piece, sha256, bytes) === true;
    if (!isOfFiles && this.#shelf.loose.has(sha256)) {
      await share.queue.run(() => share.useLoose([{ piece, sha256 }]));
      return true;
    }
    const content = await this.#content(sha256);
    // It is copied: what somebody has changed on its disk meanwhile is not.
    if (content === null || (await sha256Of(content)) !== sha256) return false;
    await share.queue.run(() => share.put([{ piece, sha256, bytes: content }]));
    return true;
  }

  *#inPlace(sha256: string): Generator<PieceOf<DiskShare>> {
    for (const place of this.#shelf.index.of(sha256))
      if (place.share.owned.isInPlace(place.piece)) yield place;
  }

  #isHere(sha256: string): boolean {
    return this.#shelf.loose.has(sha256) || this.#inPlace(sha256).next().done !== true;
  }

  #sizeOf(sha256: string): number | undefined {
    const [first] = this.#inPlace(sha256);
    return this.#shelf.loose.sizeOf(sha256) ?? first?.share.layout?.pieceSize(first.piece);
  }

  async #content(sha256: string): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.#shelf.loose.has(sha256)) return this.#shelf.loose.read(sha256);
    for (const { share, piece } of this.#inPlace(sha256)) {
      await share.look();
      const bytes = await share.piece(piece);
      if (bytes !== null) return bytes;
    }
    return null;
  }

  async #tried(infoHash: InfoHash, work: () => Promise<PutOutcome>): Promise<PutOutcome> {
    if (this.#closed) return UNAVAILABLE;
    try {
      const outcome = await work();
      this.#notices.wroteSomething();
      return outcome;
    } catch (error) {
      if (!isWorlds(error)) throw error;
      const { layout = null, placed = null } = this.#shelf.get(infoHash) ?? {};
      const top = placed?.names.top ?? layout?.names.top;
      tellTrouble(this.#notices, this.#shelf.target.shown(top === undefined ? [] : [top]), error);
      return { kind: 'failed', why: storeTroubleOf(error) };
    }
  }
}
