/**
 * What a share can do once its manifest is known: ledger, picker, requests and uploads, and the road of a piece
 * between them ([PL1]–[PL5]): block → piece → hash → store → have. Drops nobody itself: it names who has to go.
 */
import { Bitfield } from '../bitfield.ts';
import type { LinkId, PeerId } from '../ids.ts';
import type { Manifest } from '../manifest/resource.ts';
import { violation } from '../protocol/frames.ts';
import type { BlockRange, Frame, Violation } from '../protocol/frames.ts';
import type { Random } from '../random.ts';
import type { Output, PieceOrder } from './io.ts';
import type { PeerSession } from './connection/connection.ts';
import { PieceLedger } from './pieces/ledger.ts';
import type { Allocate } from './pieces/ledger.ts';
import { PiecePicker } from './download/picker.ts';
import { RequestBook } from './download/request-book.ts';
import type { TokenBucket } from './meters/token-bucket.ts';
import { UploadSide } from './upload/upload.ts';

export type HashResult =
  { kind: 'verified'; liars: readonly PeerId[] } | { kind: 'corrupt'; senders: readonly PeerId[] };

/** The rate limits of everything that shares them: one share's, or all shares' of a tab. */
export interface Limits {
  readonly up: TokenBucket;
  readonly down: TokenBucket;
}

export interface ContentOptions {
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  readonly owned: 'all' | readonly number[];
  readonly sessions: ReadonlyMap<LinkId, PeerSession>;
  readonly random: Random;
  readonly allocate: Allocate;
  readonly limits: Limits;
  readonly isLoneSeed: () => boolean;
}

export class Content {
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  readonly ledger: PieceLedger;
  readonly requests: RequestBook;
  readonly giving: UploadSide;
  readonly #picker: PiecePicker;

  constructor(options: ContentOptions) {
    const { manifest, owned, sessions } = options;
    const count = manifest.pieces.length;
    this.manifest = manifest;
    this.manifestBytes = options.manifestBytes;
    const bitfield = owned === 'all' ? Bitfield.full(count) : Bitfield.of(count, owned);
    this.ledger = new PieceLedger(manifest.pieces, bitfield, options.allocate);
    this.#picker = new PiecePicker(count, options.random, (piece, change) => {
      for (const session of sessions.values()) {
        if (session.has?.has(piece) === true) session.interesting += change;
      }
    });
    for (let piece = 0; piece < count; piece++) if (!bitfield.has(piece)) this.#picker.want(piece);
    this.requests = new RequestBook(this.ledger, this.#picker, sessions, options.limits.down);
    this.giving = new UploadSide({
      ledger: this.ledger,
      sessions,
      random: options.random,
      limit: options.limits.up,
      copies: (piece) => this.#picker.availability(piece),
      isLoneSeed: options.isLoneSeed,
    });
  }

  get pieceCount(): number {
    return this.manifest.pieces.length;
  }

  get missingBytes(): number {
    return this.manifest.totalBytes - this.ledger.ownedBytes;
  }

  /** [PK2] In which order pieces are begun from now on. */
  reorder(order: PieceOrder, out: Output[]): void {
    this.requests.reorder(order, out);
  }

  /** [BF2] A bitfield replaces what was known of the peer. */
  saidBitfield(session: PeerSession, bits: Uint8Array, now: number, out: Output[]): Violation | null {
    const before = session.has;
    const bad = session.saidBitfield(bits, this.pieceCount);
    if (bad !== null) return bad;
    this.introduced(session, before, now, out);
    return null;
  }

  saidHave(session: PeerSession, pieces: readonly number[], now: number, out: Output[]): Violation | null {
    const has = (session.has ??= Bitfield.empty(this.pieceCount));
    for (const piece of pieces) {
      if (piece >= this.pieceCount) return violation('no-such-piece', `a have of piece ${piece}`);
      if (has.add(piece)) this.#gained(session, piece);
    }
    this.giving.saidPieces(session, pieces, now, out);
    return null;
  }

  /** What the peer has is known as a whole; `before` is what was known. */
  introduced(session: PeerSession, before: Bitfield | null, now: number, out: Output[]): void {
    this.recount(session, before, session.has);
    this.giving.saidPieces(session, session.has?.members() ?? [], now, out);
  }

  /** The picker's counts follow what a peer has; null: nothing known, or the peer is gone. */
  recount(session: PeerSession, before: Bitfield | null, after: Bitfield | null): void {
    for (let piece = 0; piece < this.pieceCount; piece++) {
      const had = before?.has(piece) ?? false;
      const has = after?.has(piece) ?? false;
      if (has && !had) this.#gained(session, piece);
      if (had && !has) this.#missed(session, piece);
    }
  }

  #gained(session: PeerSession, piece: number): void {
    this.#picker.peerHas(piece);
    if (this.#picker.isWanted(piece)) session.interesting++;
  }

  #missed(session: PeerSession, piece: number): void {
    this.#picker.peerLost(piece);
    if (this.#picker.isWanted(piece)) session.interesting--;
  }

  /** Does the peer have anything we still want to begin? */
  isUseful(session: PeerSession): boolean {
    return session.has !== null && session.has.hasMoreThan(this.ledger.owned);
  }

  /** [RQ3] A block of a piece frame; a piece that is whole goes to be hashed. */
  block(
    session: PeerSession,
    frame: Frame & { kind: 'piece' },
    now: number,
    out: Output[],
  ): Violation | null {
    const arrival = this.requests.arrived(session, frame.piece, frame.offset, frame.data, now);
    if (arrival.kind === 'violation') return arrival;
    if (arrival.kind === 'ignored') return null;
    const { assembly, result } = arrival;
    this.requests.cancelElsewhere(assembly, frame.offset / assembly.blockBytes, out);
    if (result === 'complete') out.push({ kind: 'hash-piece', piece: assembly.piece, bytes: assembly.bytes });
    return null;
  }

  /** What a peer rejects it does not have, whatever it said. */
  rejected(session: PeerSession, range: BlockRange, out: Output[]): void {
    if (this.requests.rejected(session, range, out) === 'expected' || session.choked) return;
    if (session.has?.remove(range.piece) === true) this.#missed(session, range.piece);
  }

  hashed(piece: number, sha256: string, out: Output[]): HashResult {
    const verdict = this.ledger.hashed(piece, sha256);
    if (verdict.kind === 'corrupt') {
      this.#picker.want(piece);
      return verdict;
    }
    out.push({ kind: 'store-piece', piece, bytes: verdict.bytes });
    return verdict;
  }

  /** [PL3] Stored: everybody may know. */
  stored(piece: number, now: number, out: Output[]): void {
    this.ledger.stored(piece);
    this.giving.stored(piece, now, out);
  }

  notStored(piece: number): void {
    this.ledger.notStored(piece);
    this.#picker.want(piece);
  }

  /** Our copy of a piece is gone. */
  lost(piece: number, now: number, out: Output[]): void {
    if (!this.ledger.owned.has(piece)) return;
    this.ledger.lost(piece);
    this.#picker.want(piece);
    this.giving.lost(piece, now, out);
  }

  closed(session: PeerSession): void {
    this.requests.release(session);
    this.giving.closed(session);
    this.recount(session, session.has, null);
    session.has = null;
  }
}
