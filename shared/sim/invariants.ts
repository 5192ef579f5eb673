/**
 * What must hold after every step of every machine ([SM5]), seen from outside: from the inputs and outputs of one
 * peer alone. Keeps its own books of blocks and requests in the simplest way that is fast enough, and knows
 * nothing of how the machine decides. A rule that is broken throws; the run names its seed.
 */
import { BrokenInvariant } from '../assert.ts';
import { Bitfield } from '../bitfield.ts';
import type { Input, Output } from '../engine/io.ts';
import type { LinkId } from '../ids.ts';
import { piecesOf } from '../manifest/file-pieces.ts';
import type { ChosenFiles } from '../manifest/file-pieces.ts';
import { MAX_HELD_BYTES, MAX_LINKS, MAX_QUEUED_REQUESTS, SEND_WINDOW_BYTES } from '../limits.ts';
import { FRAME_TYPES } from '../protocol/frames.ts';
import { BlockBook } from './block-book.ts';
import { LinkBook } from './link-book.ts';
import type { SyntheticShare } from './share.ts';
import { WireFrame } from './wire.ts';

/** What the peer has from the beginning, and which files it wants. */
export interface Watched {
  readonly seed: boolean;
  readonly files: ChosenFiles;
  /** [SM12] It gets blocks of a server, too, which are not seen here. */
  readonly web?: boolean;
}

export class Watch {
  /** Bytes of blocks that came, and of those that were here already. */
  receivedPayload = 0;
  uselessPayload = 0;
  readonly #share: SyntheticShare;
  readonly #name: string;
  readonly #web: boolean;
  readonly #stored: Bitfield;
  /** Null: all. */
  readonly #wanted: Bitfield | null;
  readonly #verified = new Set<number>();
  readonly #links = new Map<LinkId, LinkBook>();
  readonly #blocks: BlockBook;
  /** Pieces with a block asked for or received that are not stored, and their bytes. */
  readonly #begun = new Set<number>();
  #heldBytes = 0;
  #storedBytes = 0;
  readonly #frame = new WireFrame();

  constructor(share: SyntheticShare, name: string, { seed, files, web = false }: Watched) {
    this.#share = share;
    this.#web = web;
    this.#wanted = files === null ? null : piecesOf(share.manifest, files);
    this.#name = name;
    this.#stored = seed ? Bitfield.full(share.pieceCount) : share.nothing();
    this.#blocks = new BlockBook(share, seed, this.#wanted);
    if (seed) this.#storedBytes = share.totalBytes;
  }

  get stored(): Bitfield {
    return this.#stored;
  }

  /** Bytes that are asked for at the moment, over all links. */
  get askedBytes(): number {
    let bytes = 0;
    for (const link of this.#links.values()) bytes += link.askedBytes;
    return bytes;
  }

  /** Links on which we may ask and links whose peer has something that we lack. */
  get openings(): { unchoked: number; useful: number; both: number } {
    let [unchoked, useful, both] = [0, 0, 0];
    for (const link of this.#links.values()) {
      const isUseful = link.has.hasMoreThan(this.#stored);
      if (!link.choked) unchoked++;
      if (isUseful) useful++;
      if (isUseful && !link.choked) both++;
    }
    return { unchoked, useful, both };
  }

  get storedBytes(): number {
    return this.#storedBytes;
  }

  /** A fact that the machine is about to be told. */
  before(input: Input): void {
    switch (input.kind) {
      case 'link-opened':
        this.#links.set(input.link, new LinkBook(this.#share));
        return;
      case 'link-closed':
      case 'link-flooded':
        return this.#closed(input.link);
      case 'bytes-sent': {
        const link = this.#links.get(input.link);
        if (link !== undefined) link.unsent -= input.bytes;
        return;
      }
      case 'bytes-received':
        return this.#heardAll(input.link, input.bytes);
      case 'piece-hashed':
        return this.#hashed(input.piece, input.sha256);
      case 'piece-stored':
        if (!this.#verified.has(input.piece))
          this.#broken(`piece ${input.piece} is stored after it was verified`);
        if (this.#stored.add(input.piece)) this.#storedBytes += this.#share.sizeOf(input.piece);
        return this.#settled(input.piece);
      default:
    }
  }

  /** An order that the machine gave. */
  ordered(output: Output, now: number): void {
    switch (output.kind) {
      case 'send': {
        const link = this.#links.get(output.link);
        if (link === undefined) return;
        link.unsent += output.bytes.length;
        const frame = this.#frame;
        for (let more = frame.first(output.bytes); more; more = frame.next()) {
          this.#said(output.link, link, frame, now);
        }
        return;
      }
      case 'serve-block':
        return this.#served(output);
      case 'close-link':
        return this.#closed(output.link);
      case 'announce':
        return this.#announced(output);
      case 'store-piece':
        if (!this.#verified.has(output.piece))
          this.#broken(`piece ${output.piece} is verified before it is stored`);
        if (!this.#share.isRight(output.bytes))
          this.#broken(`what is stored of piece ${output.piece} is right`);
        return;
      default:
    }
  }

  /** After all orders of one step. */
  after(links: number): void {
    if (links > MAX_LINKS) this.#broken(`${links} links are at most ${MAX_LINKS}`);
  }

  #heardAll(linkId: LinkId, bytes: Uint8Array): void {
    const link = this.#links.get(linkId);
    if (link === undefined) return;
    const frame = this.#frame;
    for (let more = frame.first(bytes); more; more = frame.next()) this.#heard(link, frame);
  }

  #heard(link: LinkBook, frame: WireFrame): void {
    switch (frame.type) {
      case FRAME_TYPES.piece: {
        const asked = link.answered(frame);
        if (asked) this.#blocks.unask(frame);
        this.receivedPayload += frame.length;
        if (!this.#blocks.received(frame)) this.uselessPayload += frame.length;
        return;
      }
      case FRAME_TYPES.reject:
        if (!link.rejected(frame)) return;
        // What is rejected after a choke may be asked for again; otherwise the peer does not have it.
        if (!link.choked) link.has.remove(frame.piece);
        return this.#blocks.unask(frame);
      case FRAME_TYPES.choke:
        link.choked = true;
        return;
      case FRAME_TYPES.unchoke:
        link.choked = false;
        return;
      case FRAME_TYPES.have:
        for (let nth = 0; nth < frame.indexes; nth++) link.has.add(frame.index(nth));
        return;
      case FRAME_TYPES.bitfield:
        link.has = Bitfield.parse(frame.body(), this.#share.pieceCount) ?? link.has;
        return;
      case FRAME_TYPES.request:
        link.waiting++;
        return;
      default:
    }
  }

  #said(linkId: LinkId, link: LinkBook, frame: WireFrame, now: number): void {
    switch (frame.type) {
      case FRAME_TYPES.request:
        return this.#asked(linkId, link, frame, now);
      case FRAME_TYPES.cancel:
        if (link.cancelled(frame)) this.#blocks.unask(frame);
        if (link.late > link.mostLate) this.#broken('requests that may still be answered are bounded');
        return;
      case FRAME_TYPES.reject:
        // Of what was shown and is not wanted nothing waits ([PK6]).
        if (link.waiting > 0) link.waiting--;
        return;
      case FRAME_TYPES.have:
        for (let nth = 0; nth < frame.indexes; nth++) this.#named(frame.index(nth));
        return;
      case FRAME_TYPES.bitfield: {
        const own = this.#stored.toBytes();
        const right = frame.body().every((byte, at) => (byte & ~(own[at] ?? 0)) === 0);
        if (!right) this.#broken('a bitfield names nothing but what is stored');
        return;
      }
      default:
    }
  }

  #named(piece: number): void {
    if (!this.#stored.has(piece)) this.#broken(`piece ${piece} is stored before a have names it`);
  }

  /** [PK5] A seed is who has everything, whatever it wants. */
  #announced({ event, left }: Output & { kind: 'announce' }): void {
    const missing = this.#share.totalBytes - this.#storedBytes;
    if (left !== null && left !== missing)
      this.#broken(`${left} bytes are announced where ${missing} are missing`);
    if (event === 'completed' && missing > 0) this.#broken('only who has everything says that it completed');
  }

  #asked(linkId: LinkId, link: LinkBook, frame: WireFrame, now: number): void {
    if (this.#wanted?.has(frame.piece) === false)
      this.#broken(`piece ${frame.piece}, which is asked for, is wanted`);
    if (link.isAsked(frame))
      this.#broken(`a request of piece ${frame.piece} at ${frame.offset} is not repeated on link ${linkId}`);
    if (!link.ask(frame)) this.#broken(`the requests that stand on link ${linkId} are bounded`);
    // A part of a block of what is here is looked at a second time ([WS22]).
    if (this.#web && this.#stored.has(frame.piece)) return;
    const owner = this.#blocks.ask(frame, now, link.has);
    if (owner === 'here' && !this.#web)
      this.#broken(`piece ${frame.piece} at ${frame.offset} is asked for once it is here`);
    if (owner === 'somebody' && !this.#web)
      this.#broken(
        `piece ${frame.piece} at ${frame.offset} is asked of two peers while others of its blocks are free`,
      );
    if (this.#begun.has(frame.piece)) return;
    this.#begun.add(frame.piece);
    this.#heldBytes += this.#share.sizeOf(frame.piece);
    const most = Math.max(MAX_HELD_BYTES, 2 * this.#share.sizeOf(frame.piece)) + this.#blocks.suspectBytes;
    if (this.#heldBytes > most)
      this.#broken(`${this.#heldBytes} bytes of pieces under way are at most ${most}`);
  }

  #served(block: Output & { kind: 'serve-block' }): void {
    const { piece, offset, length } = block;
    const link = this.#links.get(block.link);
    if (link === undefined) return;
    if (!this.#stored.has(piece)) this.#broken(`piece ${piece} is served once it is verified and stored`);
    if (length <= 0 || offset + length > this.#share.sizeOf(piece))
      this.#broken('a served block lies in its piece');
    if (link.unsent >= SEND_WINDOW_BYTES) this.#broken('a block is served while the send window has room');
    link.serve(length);
    if (link.waiting > MAX_QUEUED_REQUESTS) this.#broken('the requests that wait for us are bounded');
  }

  #hashed(piece: number, sha256: string): void {
    if (sha256 === this.#share.manifest.pieces[piece]?.sha256) {
      this.#verified.add(piece);
      return;
    }
    this.#blocks.corrupt(piece);
    this.#settled(piece);
  }

  #settled(piece: number): void {
    if (this.#begun.delete(piece)) this.#heldBytes -= this.#share.sizeOf(piece);
  }

  #closed(linkId: LinkId): void {
    const link = this.#links.get(linkId);
    if (link === undefined) return;
    this.#links.delete(linkId);
    for (const range of link.cancelAll()) this.#blocks.unask(range);
  }

  /** `what` should hold. */
  #broken(what: string): never {
    throw new BrokenInvariant(`${this.#name}: ${what}`);
  }
}
