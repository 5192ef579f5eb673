/**
 * What a share can do once its manifest is known: the ledger, what is fetched and what is given, and the road of a
 * piece between them ([PL1]–[PL5]): block → piece → hash → store → have. Drops nobody itself: it names who has to go.
 */
import { assert } from '../assert.ts';
import { Bitfield } from '../bitfield.ts';
import type { PeerId } from '../ids.ts';
import { serialiseManifest } from '../manifest/resource.ts';
import type { Manifest } from '../manifest/resource.ts';
import { BLOCK_GRID_BYTES } from '../limits.ts';
import { violation } from '../protocol/frames.ts';
import type { BlockRange, Violation } from '../protocol/frames.ts';
import type { Random } from '../random.ts';
import type { Connection } from './connection/connection.ts';
import { Deliveries } from './connection/deliveries.ts';
import type { Adopted } from './download/adoption.ts';
import { Download } from './download/download.ts';
import { Selection } from './download/selection.ts';
import type { ChosenFiles } from '../manifest/file-pieces.ts';
import type { Source } from './download/source.ts';
import type { Output } from './io.ts';
import type { TokenBucket } from './meters/token-bucket.ts';
import { PieceLedger } from './pieces/ledger.ts';
import type { Allocate } from './pieces/ledger.ts';
import { UnreadableFiles } from './pieces/unreadable-files.ts';
import { Room } from './pieces/room.ts';
import { Upload } from './upload/upload.ts';
import type { UploadSlot } from './upload/slot.ts';
import type { Uplink } from './upload/uplink.ts';

export type HashResult =
  { kind: 'verified'; corruptSenders: readonly PeerId[] } | { kind: 'corrupt'; senders: readonly PeerId[] };

/** [PL5] Those of whom it is known that they sent wrong bytes. */
export function corruptSendersOf(result: HashResult): readonly PeerId[] {
  if (result.kind === 'verified') return result.corruptSenders;
  return result.senders.length === 1 ? result.senders : [];
}

/** The rate limits of everything that shares them: one share's, or all shares' of a peer. */
export interface SharedBuckets {
  readonly up: TokenBucket;
  readonly down: TokenBucket;
}

export interface ContentOptions {
  readonly manifest: Manifest;
  readonly owned: 'all' | readonly number[];
  readonly files: ChosenFiles;
  readonly sources: ReadonlySet<Source>;
  readonly slots: ReadonlySet<UploadSlot>;
  readonly uplink: Uplink;
  readonly random: Random;
  /** [LB7] */
  readonly findsContent: boolean;
  readonly allocate: Allocate;
  /** [RQ7] */
  readonly mostUnstoredBytes: number;
  readonly limits: SharedBuckets;
  readonly isLoneSeed: () => boolean;
  readonly isOnlyReceiver: () => boolean;
  /** [WS20] Of the pieces that are here, where the manifest has none; null: it has all. */
  readonly hashes: ReadonlyMap<number, string> | null;
}

export class Content {
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  readonly ledger: PieceLedger;
  readonly selection: Selection;
  readonly room = new Room();
  readonly unreadable: UnreadableFiles;
  readonly download: Download;
  readonly upload: Upload;
  readonly #deliveries = new Deliveries();

  constructor(options: ContentOptions) {
    const { manifest, owned, sources, slots, random, limits, uplink, findsContent, isLoneSeed } = options;
    const count = manifest.pieces.length;
    this.manifest = manifest;
    const manifestBytes = serialiseManifest(manifest);
    assert(manifestBytes !== null, 'a parsed manifest fits its own limit');
    this.manifestBytes = manifestBytes;
    const bitfield = owned === 'all' ? Bitfield.full(count) : Bitfield.of(count, owned);
    const ledger = new PieceLedger(
      manifest.pieces,
      bitfield,
      options.allocate,
      BLOCK_GRID_BYTES,
      options.hashes,
    );
    const selection = new Selection(manifest, ledger, options.files);
    const download = new Download({
      ...{ ledger, selection, sources, random, findsContent, limit: limits.down },
      mostUnstoredBytes: options.mostUnstoredBytes,
      isOnlyReceiver: options.isOnlyReceiver,
    });
    this.ledger = ledger;
    this.unreadable = new UnreadableFiles(manifest);
    this.selection = selection;
    this.download = download;
    this.upload = new Upload({
      ledger,
      slots,
      uplink,
      random,
      limit: limits.up,
      copies: (piece) => download.picker.availability(piece),
      isLoneSeed,
      servesLooks: options.hashes !== null,
    });
  }

  get pieceCount(): number {
    return this.manifest.pieces.length;
  }

  /** Of all pieces, in lowercase hex, as far as they are known ([WS20]). */
  get hashes(): string[] {
    return this.manifest.pieces.map((_, piece) => this.ledger.sha256(piece));
  }

  get missingBytes(): number {
    return this.manifest.totalBytes - this.ledger.ownedBytes;
  }

  /** Is anything among these that is wanted and missing here? */
  lacksAnyOf(has: Bitfield | null): boolean {
    return has !== null && this.selection.lacksAnyOf(has);
  }

  /** [PK4] What is on its way of other files is given up, also what waits for room: to want less is one way to make some. */
  choose(files: ChosenFiles, out: Output[]): void {
    const { selection, ledger, room, download } = this;
    selection.choose(files);
    for (const piece of room.idle)
      if (!selection.wants(piece) && !ledger.isAbsent(piece)) this.notStored(piece);
    for (const first of download.adoption.filesChosen()) room.forget(first);
    download.filesChosen(out);
  }

  /** The handshake is done: it may ask of us, and we of it. */
  greeted({ source, slot }: Connection, now: number, out: Output[]): void {
    this.download.greeted(source);
    this.upload.greeted(slot, now, out);
  }

  /** [BF2] A bitfield replaces what was known of the peer. */
  saidBitfield(peer: Connection, bits: Uint8Array, now: number, out: Output[]): Violation | null {
    const before = peer.holdings.has;
    const bad = peer.holdings.saidBitfield(bits, this.pieceCount);
    if (bad === null) this.introduced(peer, before, now, out);
    return bad;
  }

  saidHave(peer: Connection, pieces: readonly number[], now: number, out: Output[]): Violation | null {
    for (const piece of pieces) {
      if (piece >= this.pieceCount) return violation('no-such-piece', `a have of piece ${piece}`);
      if (peer.holdings.gained(piece, this.pieceCount)) this.download.picker.peerHas(piece);
      if (!this.selection.wants(piece)) this.#refuse(peer, piece, out);
    }
    this.upload.saidPieces(peer.slot, pieces, now, out);
    this.#deliveries.saw(peer.wire.peer, peer.holdings.has, this.pieceCount, out);
    return null;
  }

  /** [PK6] A super-seed may wait for us to ask for it before it shows us another. */
  #refuse({ source }: Connection, piece: number, out: Output[]): void {
    if (this.ledger.owned.has(piece)) return;
    source.refuse({ piece, offset: 0, length: Math.min(BLOCK_GRID_BYTES, this.ledger.size(piece)) }, out);
  }

  /** [PK6] It told anew what it has, or other files are wanted now: what it showed us may not be among them. */
  refuseAnew(peer: Connection, out: Output[]): void {
    peer.source.toldAnew();
    const { has } = peer.holdings;
    if (this.selection.files === null || has === null || has.isFull) return;
    for (const piece of has.members()) if (!this.selection.wants(piece)) this.#refuse(peer, piece, out);
  }

  /** What the peer has is known as a whole; `before` is what was known. */
  introduced(peer: Connection, before: Bitfield | null, now: number, out: Output[]): void {
    const { has } = peer.holdings;
    this.download.recount(before, has, this.pieceCount);
    this.upload.saidPieces(peer.slot, has?.members() ?? [], now, out);
    this.#deliveries.saw(peer.wire.peer, has, this.pieceCount, out);
    this.refuseAnew(peer, out);
  }

  /** What a peer rejects it does not have, whatever it said; unless it chokes us, or was shown it and wants it not ([PK6]). */
  rejected({ source, slot, holdings }: Connection, range: BlockRange, out: Output[]): void {
    const result = this.download.requests.rejected(source, range, out);
    if (result === 'unasked') this.upload.refused(slot, out);
    if (result !== 'freed' || source.choked) return;
    if (holdings.missed(range.piece)) this.download.picker.peerLost(range.piece);
  }

  hashed(piece: number, sha256: string, out: Output[]): HashResult {
    const verdict = this.ledger.hashed(piece, sha256);
    if (verdict.kind === 'corrupt') this.download.picker.want(piece);
    else if (this.room.isFull) this.#waitsForRoom(piece);
    else this.#store(piece, out);
    return verdict;
  }

  /** [ST3] What still comes is all that is wanted but the pieces that are whole already. */
  #store(piece: number, out: Output[]): void {
    const awaitedBytes = Math.max(0, this.selection.missingBytes - this.ledger.unstoredBytes);
    out.push({ kind: 'store-piece', piece, ...this.ledger.verified(piece), awaitedBytes });
  }

  /** [UI17] Unless it is not wanted any more. */
  #waitsForRoom(piece: number): void {
    if (this.selection.wants(piece)) this.room.waitsFor(piece);
    else this.notStored(piece);
  }

  /** [PL3] Stored: everybody may know, and there is room for another piece. */
  stored(piece: number, now: number, out: Output[]): void {
    this.ledger.stored(piece);
    this.selection.stored(piece);
    this.download.adoption.stored(piece);
    this.room.stored(piece, now);
    this.download.mayAskAll();
    this.upload.stored(piece, now, out);
  }

  /** [LB7] So many of the pieces asked for are the share's now. */
  adopted(result: Adopted, now: number, out: Output[]): void {
    for (const piece of result.adopted) {
      this.ledger.adopted(piece);
      this.selection.stored(piece);
      this.upload.stored(piece, now, out);
    }
    this.download.adoption.settled(result, now);
    this.#tried(result, now);
    this.download.mayAskAll();
  }

  /** [UI17] What came of it says whether there is room; content that was gone says nothing. */
  #tried({ asked: [first = -1], adopted }: Adopted, now: number): void {
    if (adopted.length > 0) this.room.stored(first, now);
    else this.room.forget(first);
  }

  /** [UI17] What was found waits as a piece does that was verified, and nothing more is asked for meanwhile. */
  noRoomToAdopt(asked: readonly number[], now: number, out: Output[]): void {
    if (!asked.some((piece) => this.selection.wants(piece)))
      return this.adopted({ asked, adopted: [] }, now, out);
    const [first = -1] = asked;
    this.download.adoption.refused(asked);
    this.noRoomFor(first, now, out);
  }

  /** [UI17] The piece waits, and nothing more is asked for meanwhile. */
  noRoomFor(piece: number, now: number, out: Output[]): void {
    if (!this.selection.wants(piece)) return this.notStored(piece);
    this.room.refused(piece, now);
    this.download.cancelAll(out);
  }

  /** When it last went on, in ms: something came, or what waited for room was stored. */
  get movedAt(): number {
    return Math.max(this.download.movedAt, this.room.endedAt);
  }

  /** The person asks for the download. */
  wanted(): void {
    this.room.made();
    this.download.mayAskAll();
  }

  /** What follows from any input; `asks`: more may be fetched. */
  run(asks: boolean, now: number, out: Output[]): void {
    this.#storeWaiting(now, out);
    this.download.run(asks, now, out);
    this.upload.run(this.selection.complete, now, out);
  }

  /** [UI17] Tries what waits for room, where that is due. */
  #storeWaiting(now: number, out: Output[]): void {
    const piece = this.room.next(now);
    if (piece === null || this.download.adoption.again(piece, out)) return;
    this.#store(piece, out);
  }

  /** [WS23] What came of one peer, of pieces that are not whole, is thrown away with the rest of them. */
  abandonFrom(sender: PeerId, out: Output[]): void {
    for (const assembly of [...this.ledger.assemblies()])
      if (assembly.senders.includes(sender)) this.download.requests.abandon(assembly, out);
    this.download.mayAskAll();
  }

  /** [PL4] It is absent again. */
  notStored(piece: number): void {
    this.ledger.notStored(piece);
    this.room.forget(piece);
    this.download.picker.want(piece);
  }

  /** Our copy of a piece is gone. */
  lost(piece: number, now: number, out: Output[]): void {
    if (!this.ledger.owned.has(piece)) return;
    this.ledger.lost(piece);
    this.selection.lost(piece);
    this.download.picker.want(piece);
    this.upload.lost(piece, now, out);
  }

  /** [UP7] So much of one's own files can be sent. The others are not fetched from anybody: they may come back. */
  filesLost(pieces: readonly number[], now: number, out: Output[]): void {
    for (const piece of pieces) this.lost(piece, now, out);
    this.selection.choose(this.unreadable.whole);
    this.download.filesChosen(out);
    this.upload.tellAllAgain(now);
  }

  /** [UP7] They are tried again. */
  filesRestored(now: number, out: Output[]): void {
    for (const piece of this.unreadable.restore()) {
      if (!this.ledger.isAbsent(piece)) continue;
      this.ledger.adopted(piece);
      this.upload.stored(piece, now, out);
    }
    this.selection.choose(null);
  }

  closed({ source, slot, holdings }: Connection): void {
    this.download.closed(source);
    this.upload.closed(slot);
    this.download.recount(holdings.has, null, this.pieceCount);
    holdings.forget();
  }
}
