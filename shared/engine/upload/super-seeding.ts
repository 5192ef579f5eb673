/**
 * A lone seed with a fresh swarm shows each peer other pieces than the next one, so that what leaves its uplink is
 * new to the swarm until two other peers hold every piece (BEP 16, [SS1]–[SS3]). A peer is shown a piece when its
 * turn comes, and the next one when it asks for that: a piece that was promised to somebody who waits would reach
 * nobody. Owns who was shown what; the pieces themselves are the ledger's.
 */
import { Bitfield } from '../../bitfield.ts';
import { MAX_HAVE_INDEXES } from '../../limits.ts';
import type { Random } from '../../random.ts';
import type { Output } from '../io.ts';
import { PiecePicker } from '../download/picker.ts';
import type { UploadSlot } from './slot.ts';

/** Copies at other peers that make a piece safe. */
const ENOUGH_COPIES = 2;
/** Pieces shown that were not asked for yet, in ms of the peer's rate; one at the least. */
const AHEAD_MS = 400;
/** What is on its way counts so many steps of the picker, what is there one more; what is in doubt counts less. */
const STEPS_ON_THE_WAY = 3;
const STEPS_OF_DOUBT = 2;
/** ms until a piece that was given away and is seen nowhere else is in doubt: that, and so many times what sending it takes. */
const DOUBT_MS = 3_000;
const DOUBT_PIECES = 8;

interface Shown {
  readonly slot: UploadSlot;
  /** What the peer was told of, or told us of. */
  readonly told: Bitfield;
  /** What counts as on its way to the swarm through this peer, or there; and what is there. */
  readonly counted: Bitfield;
  readonly arrived: Bitfield;
  /** Told, and neither asked for nor had. */
  readonly open: Set<number>;
  /** Asked for, and not had. */
  readonly asked: Set<number>;
  /** [PK6] It wants part of the share: it chooses by itself, and spreads nothing. */
  choosy: boolean;
  /** Pieces that it got of us and that others got of it, and those that nobody else was seen with for long. */
  passedOn: number;
  keptBack: number;
}

/** A piece given to one peer that no other has yet. */
interface Gift {
  readonly to: Shown;
  /** When it was shown; from when the peer has it, when it said so. */
  at: number;
  arrived: boolean;
  keptBack: boolean;
}

export class SuperSeeding {
  readonly #pieces: number;
  readonly #pieceBytes: number;
  /** Through how many peers each piece is on its way, or there, in steps. */
  readonly #counts: PiecePicker;
  readonly #shown = new Map<UploadSlot, Shown>();
  /** Pieces that nobody has but those we gave them to. */
  readonly #gifts = new Map<number, Gift[]>();
  readonly #doubtful = new Set<number>();

  constructor(pieces: number, pieceBytes: number, random: Random) {
    this.#pieces = pieces;
    this.#pieceBytes = pieceBytes;
    this.#counts = new PiecePicker(pieces, random);
    for (let piece = 0; piece < pieces; piece++) this.#counts.want(piece);
  }

  /**
   * The peer is shown nothing but what it has, what it asked for already, and what follows: a bitfield takes back
   * what it may have been told before the swarm was one.
   */
  welcome(slot: UploadSlot, now: number, out: Output[]): void {
    // It may have spoken of pieces before it showed that it is one of ours.
    this.left(slot);
    const shown = this.#watch(slot, Bitfield.empty(this.#pieces));
    for (const piece of slot.has?.members() ?? []) {
      shown.told.add(piece);
      if (this.#counts.availability(piece) > 0) this.#confirm(piece);
      else this.#gifts.set(piece, [{ to: shown, at: now, arrived: true, keptBack: false }]);
      this.#arrived(shown, piece);
    }
    for (const piece of slot.backlog.pieces) {
      if (shown.told.has(piece)) continue;
      this.#give(shown, piece, now);
      shown.open.delete(piece);
      shown.asked.add(piece);
    }
    slot.news.leaveTo(shown.told, out);
    if (slot.introduced && !slot.choked) this.#showMore(slot, shown, now, out);
  }

  #watch(slot: UploadSlot, told: Bitfield): Shown {
    const shown: Shown = {
      slot,
      told,
      counted: Bitfield.empty(this.#pieces),
      arrived: Bitfield.empty(this.#pieces),
      open: new Set(),
      asked: new Set(),
      choosy: false,
      passedOn: 0,
      keptBack: 0,
    };
    this.#shown.set(slot, shown);
    return shown;
  }

  /** The peer's turn to ask has come. */
  turnBegan(slot: UploadSlot, now: number, out: Output[]): void {
    const shown = this.#shown.get(slot);
    if (shown === undefined) return;
    this.#showMore(slot, shown, now, out);
  }

  /** Its turn is over: what it did not get to may reach the swarm through others, and is not promised any more. */
  turnEnded(slot: UploadSlot, rejected: Iterable<number>): void {
    const shown = this.#shown.get(slot);
    if (shown === undefined || shown.choosy) return;
    for (const piece of [...shown.open, ...rejected]) this.#takeBack(shown, piece);
  }

  /** Was the peer told of it? What was promised in an earlier turn may have gone to somebody else meanwhile. */
  isShown(slot: UploadSlot, piece: number): boolean {
    const shown = this.#shown.get(slot);
    return shown === undefined || shown.told.has(piece);
  }

  /**
   * It asks for what it was not told of, on the word of an older bitfield: where nobody else was given that it is
   * shown it now. False: the request is to be refused.
   */
  showAsked(slot: UploadSlot, piece: number, now: number, out: Output[]): boolean {
    const shown = this.#shown.get(slot);
    // Promised to somebody who waits it would reach nobody.
    if (shown === undefined || slot.choked) return false;
    if (this.#counts.availability(piece) > 0 || !this.#counts.isWanted(piece)) return false;
    this.#give(shown, piece, now);
    // It asks for the rest of the piece only if it stands in what it was told last.
    slot.wire.send({ kind: 'have', pieces: [piece] }, out);
    return true;
  }

  /** The peer has these now, from us or from others. */
  has(slot: UploadSlot, pieces: Iterable<number>, now: number, out: Output[]): void {
    // An unmodified peer, which was told of everything: what it has counts all the same.
    const shown = this.#shown.get(slot) ?? this.#watch(slot, Bitfield.full(this.#pieces));
    for (const piece of pieces) {
      const gift = this.#gifts.get(piece)?.find(({ to }) => to === shown);
      if (gift === undefined) this.#confirm(piece);
      else if (!gift.arrived) Object.assign(gift, { at: now, arrived: true });
      shown.open.delete(piece);
      shown.asked.delete(piece);
      shown.told.add(piece);
      this.#arrived(shown, piece);
    }
    if (!slot.choked) this.#showMore(slot, shown, now, out);
  }

  /** `over`: it may not ask for more in this turn. */
  asked(slot: UploadSlot, piece: number, over: boolean, now: number, out: Output[]): void {
    const shown = this.#shown.get(slot);
    if (shown === undefined) return;
    if (!shown.open.delete(piece)) return;
    shown.asked.add(piece);
    if (!slot.choked && !over) this.#showMore(slot, shown, now, out);
  }

  /**
   * [PK6] It does not want what it was shown: it is told of everything, as what it wants would come too late or never.
   * What it takes it may be the only one to want, and that nobody gets it of it is no fault of its own.
   */
  refused(slot: UploadSlot, out: Output[]): void {
    const shown = this.#shown.get(slot);
    if (shown === undefined || shown.choosy) return;
    shown.choosy = true;
    for (const piece of [...shown.open]) this.#takeBack(shown, piece);
    for (const piece of this.#tellHidden(shown, out)) shown.told.add(piece);
    slot.setKeepsBack(false);
  }

  /** Our own copy is gone: nobody is shown it any more. */
  lost(piece: number): void {
    this.#counts.unwant(piece);
  }

  left(slot: UploadSlot): void {
    const shown = this.#shown.get(slot);
    if (shown === undefined) return;
    this.#shown.delete(slot);
    for (const piece of shown.counted.members()) this.#uncount(shown, piece);
  }

  /**
   * [SS2] A piece that was given away and is seen nowhere else after a while is in doubt: it is shown to others before
   * second copies of the rest. Whoever keeps back more than others got of it waits behind all others. `rate`: the
   * bytes a second that our uplink takes.
   */
  look(rate: number, now: number): void {
    const patience = DOUBT_MS + (rate === 0 ? 0 : (DOUBT_PIECES * this.#pieceBytes * 1000) / rate);
    for (const [piece, gifts] of this.#gifts) {
      const late = gifts.filter((gift) => now - gift.at >= patience);
      for (const gift of late) {
        if (!gift.arrived || gift.keptBack) continue;
        gift.keptBack = true;
        gift.to.keptBack++;
      }
      if (late.length < gifts.length || this.#doubtful.has(piece)) continue;
      this.#doubtful.add(piece);
      for (let step = 0; step < STEPS_OF_DOUBT; step++) this.#counts.peerLost(piece);
    }
    for (const { slot, choosy, passedOn, keptBack } of this.#shown.values())
      slot.setKeepsBack(!choosy && keptBack > passedOn);
  }

  /** Shows everything to everybody. */
  end(out: Output[]): void {
    for (const shown of this.#shown.values()) {
      this.#tellHidden(shown, out);
      shown.slot.setKeepsBack(false);
    }
    this.#shown.clear();
  }

  /** Tells the peer of all that it was not told of, and answers what that is. */
  #tellHidden({ slot, told }: Shown, out: Output[]): readonly number[] {
    const hidden: number[] = [];
    for (let piece = 0; piece < this.#pieces; piece++) {
      if (!told.has(piece) && this.#counts.isWanted(piece)) hidden.push(piece);
    }
    for (let at = 0; at < hidden.length; at += MAX_HAVE_INDEXES) {
      slot.wire.send({ kind: 'have', pieces: hidden.slice(at, at + MAX_HAVE_INDEXES) }, out);
    }
    return hidden;
  }

  #showMore(slot: UploadSlot, shown: Shown, now: number, out: Output[]): void {
    const ahead = Math.max(1, (slot.backlog.rate(now) * AHEAD_MS) / 1000 / this.#pieceBytes);
    const fresh: number[] = [];
    while (shown.open.size < ahead) {
      const piece = this.#counts.rarestBut(shown.told);
      if (piece === null) break;
      this.#give(shown, piece, now);
      fresh.push(piece);
    }
    if (fresh.length > 0) slot.wire.send({ kind: 'have', pieces: fresh }, out);
  }

  #give(shown: Shown, piece: number, now: number): void {
    shown.told.add(piece);
    shown.open.add(piece);
    const isNew = this.#counts.availability(piece) === 0;
    const gifts = this.#gifts.get(piece) ?? [];
    if (isNew || gifts.length > 0) {
      gifts.push({ to: shown, at: now, arrived: false, keptBack: false });
      this.#gifts.set(piece, gifts);
    }
    this.#believe(piece);
    this.#count(shown, piece);
  }

  #takeBack(shown: Shown, piece: number): void {
    if (!shown.open.delete(piece) && !shown.asked.delete(piece)) return;
    shown.told.remove(piece);
    this.#uncount(shown, piece);
  }

  /** Somebody has it whom we did not give it. */
  #confirm(piece: number): void {
    for (const { to, keptBack } of this.#gifts.get(piece) ?? []) {
      to.passedOn++;
      if (keptBack) to.keptBack--;
    }
    this.#gifts.delete(piece);
    this.#believe(piece);
  }

  #believe(piece: number): void {
    if (!this.#doubtful.delete(piece)) return;
    for (let step = 0; step < STEPS_OF_DOUBT; step++) this.#counts.peerHas(piece);
  }

  #count(shown: Shown, piece: number): void {
    if (!shown.counted.add(piece)) return;
    for (let step = 0; step < STEPS_ON_THE_WAY; step++) this.#counts.peerHas(piece);
  }

  /** It is there: second copies are rather of what is still on its way, and may never come. */
  #arrived(shown: Shown, piece: number): void {
    this.#count(shown, piece);
    if (shown.arrived.add(piece)) this.#counts.peerHas(piece);
  }

  #uncount(shown: Shown, piece: number): void {
    if (!shown.counted.remove(piece)) return;
    const gifts = this.#gifts.get(piece)?.filter(({ to }) => to !== shown) ?? [];
    if (gifts.length > 0) this.#gifts.set(piece, gifts);
    else this.#gifts.delete(piece);
    // In doubt are pieces somebody was given: without one there is nothing to doubt.
    if (gifts.length === 0) this.#believe(piece);
    for (let step = 0; step < STEPS_ON_THE_WAY; step++) this.#counts.peerLost(piece);
    if (shown.arrived.remove(piece)) this.#counts.peerLost(piece);
  }
}

/** [SS3] Does the swarm hold every piece often enough without us? `copies`: how many other peers have it. */
export function isSpread(pieces: number, copies: (piece: number) => number): boolean {
  for (let piece = 0; piece < pieces; piece++) if (copies(piece) < ENOUGH_COPIES) return false;
  return true;
}
