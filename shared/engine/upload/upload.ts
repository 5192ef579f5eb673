/**
 * All that we do for others, in one place: what a newcomer is told of our pieces ([UP1], [SS1]), whose turn it is
 * ([CH1]) and what is sent next ([UP5]). Joins the choker, super-seeding and the queues; decides when each of them
 * looks again. Knows nothing of what we want ourselves.
 */
import { MAX_BLOCK_BYTES, MAX_PIECE_BYTES, MAX_PIECES, SEND_WINDOW_BYTES } from '../../limits.ts';
import { violation } from '../../protocol/frames.ts';
import type { BlockRange, Violation } from '../../protocol/frames.ts';
import type { Random } from '../../random.ts';
import type { Output } from '../io.ts';
import type { TokenBucket } from '../meters/token-bucket.ts';
import type { PieceLedger } from '../pieces/ledger.ts';
import { Choker } from './choker.ts';
import { reject, UploadQueues } from './queues.ts';
import type { UploadSlot } from './slot.ts';
import { isSpread, SuperSeeding } from './super-seeding.ts';
import type { Uplink } from './uplink.ts';

/** Unmodified peers learn of new pieces by whole bitfields: not more often than this, in ms. */
const BITFIELD_PAUSE_MS = 500;
/** Who could not ask for a new piece now anyway learns of it with its turn, or after so many ms: fewer, fuller frames. */
const TELL_PAUSE_MS = 500;
/** A super-seed looks so often, in ms, whether the swarm can do without. */
const SUPER_LOOK_MS = 1_000;

export interface UploadOptions {
  readonly ledger: PieceLedger;
  readonly slots: ReadonlySet<UploadSlot>;
  readonly uplink: Uplink;
  readonly random: Random;
  readonly limit: TokenBucket;
  /** How many peers we are linked to have the piece. */
  readonly copies: (piece: number) => number;
  /** [WS22] It is a file without hashes. */
  readonly servesLooks: boolean;
  /** Are we the only seed, as far as anybody knows, of more than one leecher? */
  readonly isLoneSeed: () => boolean;
}

export class Upload {
  readonly #options: UploadOptions;
  readonly #queues: UploadQueues;
  readonly #choker: Choker;
  #superSeeding: SuperSeeding | null = null;
  #superLookAt = 0;
  #tellAt = 0;
  /** Something changed that may let somebody be served or have a turn. */
  #due = false;

  constructor(options: UploadOptions) {
    const { ledger, random, limit, uplink } = options;
    this.#options = options;
    this.#queues = new UploadQueues(ledger, uplink, limit);
    this.#choker = new Choker(ledger, this.#queues, random, {
      began: (slot, now, out) => {
        this.#superSeeding?.turnBegan(slot, now, out);
        slot.news.tellRest(out);
      },
      ended: (slot, rejected) => this.#superSeeding?.turnEnded(slot, rejected),
    });
  }

  /** Payload of the blocks ordered sent, less those that could not be read. */
  get sentBytes(): number {
    return this.#queues.sentBytes;
  }

  /** [WS34] For who reads slowly: what will be ordered next. */
  upcoming(mostBytes: number): readonly BlockRange[] {
    return this.#queues.upcoming(mostBytes);
  }

  /** The handshake is done. A super-seed waits for the capability, which tells a peer of ours from an unmodified one. */
  greeted(slot: UploadSlot, now: number, out: Output[]): void {
    this.#choker.met(slot);
    if (this.#superSeeds(now, out)) return;
    this.#tellAll(slot, out);
    this.#due = true;
    if (slot.wire.extended) this.extended(slot, now, out);
  }

  /** The peer speaks our frames: it can be choked, and shown pieces one by one. */
  extended(slot: UploadSlot, now: number, out: Output[]): void {
    // Saying it again changes nothing.
    if (slot.introduced) return;
    // It is shown nothing before it is known whether it has a turn.
    this.#superSeeding?.welcome(slot, now, out);
    slot.introduce();
    slot.news.wasTold();
    this.#choker.introduced(slot, now, out);
    if (!slot.choked) this.#superSeeding?.turnBegan(slot, now, out);
  }

  /** What the peer has changed: `fresh` are the pieces it did not have before. */
  saidPieces(slot: UploadSlot, fresh: Iterable<number>, now: number, out: Output[]): void {
    // It spoke of pieces without a capability: an unmodified peer, which needs the whole bitfield.
    if (!slot.wire.extended && !slot.news.told) this.#tellAll(slot, out);
    this.#queues.dropOwned(slot);
    this.#superSeeding?.has(slot, fresh, now, out);
  }

  asked(slot: UploadSlot, range: BlockRange, now: number, out: Output[]): Violation | null {
    const bad = this.#queues.judge(range);
    if (bad !== null) return slot.wire.extended ? bad : null;
    if (this.#options.servesLooks && this.#queues.serveLook(slot, range, now, out)) return null;
    const seeding = this.#superSeeding;
    if (seeding?.isShown(slot, range.piece) === false && !seeding.showAsked(slot, range.piece, now, out)) {
      reject(slot, range, out);
      return null;
    }
    const answer = this.#queues.asked(slot, range, now, out);
    if (answer !== 'queued') return answer;
    this.#choker.asked(slot, range.length, now);
    seeding?.asked(slot, range.piece, this.#choker.isOver(slot), now, out);
    this.#due = true;
    return null;
  }

  /** [PK6] It was shown a piece that it does not want. */
  refused(slot: UploadSlot, out: Output[]): void {
    this.#superSeeding?.refused(slot, out);
  }

  cancelled(slot: UploadSlot, range: BlockRange, out: Output[]): void {
    this.#queues.cancelled(slot, range, out);
    this.#due = true;
  }

  unreadable(slot: UploadSlot, range: BlockRange, out: Output[]): void {
    this.#queues.unreadable(slot, range, out);
    this.#due = true;
  }

  /** [RL2] What waited for a limit may go on. */
  limitsChanged(): void {
    this.#due = true;
  }

  /** [PL3] A piece was stored: everybody may know, at once who may ask for it, and of the last one whoever is here. */
  stored(piece: number, now: number, out: Output[]): void {
    const { complete } = this.#options.ledger;
    for (const slot of this.#options.slots) {
      const lacks = slot.has?.has(piece) !== true;
      if (slot.wire.extended) slot.news.add(piece, complete || (!slot.choked && lacks), out);
      else if (slot.wire.open) slot.news.bitfieldDue(now + BITFIELD_PAUSE_MS);
      if (lacks) slot.setInterested(true);
    }
    this.#due = true;
  }

  /** [UP3] A piece is not ours any more: nobody is told of it, and who asked for it hears so. */
  lost(piece: number, now: number, out: Output[]): void {
    for (const { wire, news } of this.#options.slots) {
      // Who knows no reject would ask for it again and again.
      if (wire.open && !wire.extended) news.bitfieldDue(now + BITFIELD_PAUSE_MS);
      news.forget(piece);
    }
    this.#superSeeding?.lost(piece);
    // Who lacks a piece is no seed, and has to be told of it like everybody.
    this.#endSuperSeeding(out);
    this.#queues.lost(this.#options.slots, piece, out);
  }

  /** Many pieces are ours no more: a bitfield says it in one. */
  tellAllAgain(now: number): void {
    for (const { wire, news } of this.#options.slots)
      if (wire.open) news.bitfieldDue(now + BITFIELD_PAUSE_MS);
  }

  closed(slot: UploadSlot): void {
    this.#queues.closed(slot);
    this.#choker.left(slot);
    this.#superSeeding?.left(slot);
    this.#due = true;
  }

  tick(now: number, out: Output[]): void {
    const { slots } = this.#options;
    const tells = now >= this.#tellAt;
    if (tells) this.#tellAt = now + TELL_PAUSE_MS;
    for (const slot of slots) {
      if (tells) slot.news.tellRest(out);
      // Who does not read what it was sent is not sent more of it.
      if (slot.news.isBitfieldDue(now) && slot.wire.unsent < SEND_WINDOW_BYTES) this.#tellAll(slot, out);
    }
    this.#choker.survey(slots);
    if (now >= this.#superLookAt) this.#lookAtSuperSeeding(now, out);
    this.#due = true;
  }

  /** Serves what can be served now, after the turns were given; `seeding`: we fetch nothing. Cheap where nothing changed. */
  run(seeding: boolean, now: number, out: Output[]): void {
    const changed = this.#options.uplink.takeChanged() || this.#due;
    if (!changed && now < this.#queues.opensAt && now < this.#choker.dueAt) return;
    this.#due = false;
    this.#queues.serve(now, out);
    this.#choker.balance(seeding, now, out);
  }

  /** When `run` has something to do although nothing happened. */
  get opensAt(): number {
    return Math.min(this.#queues.opensAt, this.#choker.dueAt);
  }

  #tellAll({ news }: UploadSlot, out: Output[]): void {
    news.tellAll(this.#options.ledger.owned, out);
  }

  /** [SS1] Begins with whoever is here: who came first and was told of everything is shown piece by piece, too. */
  #superSeeds(now: number, out: Output[]): boolean {
    const { ledger, random, slots } = this.#options;
    if (this.#superSeeding !== null) return true;
    if (ledger.pieceCount === 0 || !ledger.complete || !this.#isNeeded()) return false;
    this.#superSeeding = new SuperSeeding(ledger.pieceCount, ledger.pieceBytes, random);
    for (const slot of slots) {
      if (slot.introduced) this.#superSeeding.welcome(slot, now, out);
      else if (slot.news.told) this.#superSeeding.has(slot, slot.has?.members() ?? [], now, out);
    }
    return true;
  }

  #isNeeded(): boolean {
    const { ledger, isLoneSeed, copies } = this.#options;
    return isLoneSeed() && !isSpread(ledger.pieceCount, copies);
  }

  /** [SS3] Over when the swarm holds everything twice, or when there is no swarm to spread pieces in. */
  #lookAtSuperSeeding(now: number, out: Output[]): void {
    this.#superLookAt = now + SUPER_LOOK_MS;
    if (this.#superSeeding === null) return;
    this.#superSeeding.look(this.#queues.capacity(now), now);
    if (!this.#isNeeded()) this.#endSuperSeeding(out);
  }

  #endSuperSeeding(out: Output[]): void {
    if (this.#superSeeding === null) return;
    this.#superSeeding.end(out);
    this.#superSeeding = null;
    for (const slot of this.#options.slots) {
      if (slot.wire.open && !slot.news.told) this.#tellAll(slot, out);
    }
  }
}

/** Before the manifest is known a request is judged by what no share has; the rest is for nothing we have. */
export function refuseRequest(slot: UploadSlot, range: BlockRange, out: Output[]): Violation | null {
  const { piece, offset, length } = range;
  const possible =
    piece < MAX_PIECES && length > 0 && length <= MAX_BLOCK_BYTES && offset + length <= MAX_PIECE_BYTES;
  if (possible) reject(slot, range, out);
  else if (slot.wire.extended) return violation('bad-range', `a request for ${length} bytes at ${offset}`);
  return null;
}
