/**
 * How the manifest comes ([MX1]–[MX4]): who lacks it asks one extended peer, and others as well while nothing comes or
 * what comes is slow. The copies race; the first whose hashes are the link's is the manifest. A peer whose manifest is
 * another is dropped. Knows no pieces.
 */
import type { InfoHash, LinkId } from '../../ids.ts';
import type { Manifest } from '../../manifest/resource.ts';
import { violation } from '../../protocol/frames.ts';
import type { Frame, Violation } from '../../protocol/frames.ts';
import type { Output } from '../io.ts';
import type { Connection } from './connection.ts';
import { ManifestCopy } from './manifest-copy.ts';

/** Chunks that the fastest copy is asked for at a time; the others' are one by one. */
const CHUNKS_AHEAD = 4;
/** ms after which others are asked, too, where nobody has given anything … */
const MUTE_MS = 400;
/** … and where what is given takes long. */
const GIVING_MS = 1_000;
/** A copy that will be whole within so many ms is waited for. */
const SOON_MS = 3_000;
/** So many peers that give nothing are asked one after another, then as many again each time. */
const ONE_BY_ONE = 4;
/** Copies that are under way at a time: each may come to 4 MiB. */
const MOST_COPIES = 3;
/** ms until a peer that had no manifest for us is asked again, unless it shows that it has one. */
const WITHOUT_MS = 1_000;
/** ms until one that was passed over is asked again; doubles each time, so often at most. */
const SLOW_MS = 8_000;
const MOST_DOUBLINGS = 3;

interface PassedOver {
  readonly times: number;
  readonly until: number;
}

export class ManifestFetch {
  readonly #infoHash: InfoHash;
  readonly #copies = new Map<LinkId, ManifestCopy>();
  /** When others are asked, too, in ms. */
  #nextAt = -Infinity;
  #dueAt = Infinity;
  /** Peers that said they have none for us, and when to ask them again, in ms. */
  readonly #without = new Map<LinkId, number>();
  /** Peers whose copy made way for faster ones. */
  readonly #slow = new Map<LinkId, PassedOver>();
  /** Peers that have shown that they have it. */
  readonly #shown = new Set<LinkId>();
  /** How many chunks a peer still owes to a copy that was given up: they come first, and nobody needs them. */
  readonly #owed = new Map<LinkId, number>();

  constructor(infoHash: InfoHash) {
    this.#infoHash = infoHash;
  }

  /** When to look again, in ms; Infinity: nobody is left to be asked now. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** [MX4] Asks a peer, or more of them, unless those who are asked give it quickly enough. */
  begin(all: Iterable<Connection>, now: number, out: Output[]): void {
    this.#dueAt = Infinity;
    const copies = [...this.#copies.values()];
    if (copies.some(({ unproved }) => unproved !== null)) return;
    const askable = this.#askable(all, now);
    if (askable.length === 0) return;
    const giving = copies.filter(({ gives }) => gives);
    if (giving.some((copy) => copy.msLeft(now) <= SOON_MS)) {
      this.#nextAt = Math.max(this.#nextAt, now + MUTE_MS);
    }
    if (now >= this.#nextAt) {
      const mute = copies.length - giving.length;
      const more = giving.length === 0 && mute >= ONE_BY_ONE ? mute : 1;
      for (const connection of askable.splice(0, more)) {
        const copy = new ManifestCopy(connection, now);
        this.#copies.set(connection.link, copy);
        copy.ask(1, out);
      }
      this.#nextAt = now + (giving.length === 0 ? MUTE_MS : GIVING_MS);
    }
    if (askable.length > 0) this.#dueAt = this.#nextAt;
  }

  /** [MX2] What was asked for, in order; nobody else's chunks are welcome. */
  chunkArrived(
    from: Connection,
    frame: Frame & { kind: 'metadata' },
    now: number,
    out: Output[],
  ): Violation | null {
    if (this.#settleOwed(from)) return null;
    const copy = this.#copies.get(from.link);
    if (copy === undefined) return violation('unasked-metadata', 'metadata nobody asked for');
    if (frame.total === 0) {
      this.#without.set(from.link, now + WITHOUT_MS);
      this.#giveUp(copy, copy.owed - 1);
      return null;
    }
    const bad = copy.take(frame, out);
    if (bad !== null || copy.unproved !== null) return bad;
    const [fastest] = this.#race(now);
    if (this.#copies.has(from.link)) copy.ask(copy === fastest ? CHUNKS_AHEAD : 1, out);
    return null;
  }

  /** [MX3] The hashes of a copy. A violation where it is not the link's. */
  hashed(link: LinkId, infoHash: string, shoalDigest: string | null): Manifest | Violation | null {
    const unproved = this.#copies.get(link)?.unproved ?? null;
    if (unproved === null) return null;
    if (infoHash !== this.#infoHash)
      return violation('bad-manifest', 'the manifest is not the one of the link');
    if (unproved.shoalDigest !== shoalDigest) {
      return violation('bad-manifest', 'the shoal key is not the one its marker names');
    }
    const manifest = unproved.check();
    if ('kind' in manifest) return violation('bad-manifest', `${manifest.reason}: ${manifest.detail}`);
    for (const all of [this.#copies, this.#without, this.#slow, this.#shown, this.#owed]) all.clear();
    this.#dueAt = Infinity;
    return manifest;
  }

  /** A have or bitfield shows that the peer has the manifest now. */
  reconsider({ link }: Connection): void {
    this.#without.delete(link);
    this.#shown.add(link);
  }

  closed({ link }: Connection): void {
    if (this.#copies.delete(link)) this.#nextAt = this.#afterALoss();
    this.#without.delete(link);
    this.#slow.delete(link);
    this.#shown.delete(link);
    this.#owed.delete(link);
  }

  /** Who can be asked: those that have shown that they have it first, those that were slow last. */
  #askable(all: Iterable<Connection>, now: number): Connection[] {
    const askable: Connection[] = [];
    for (const connection of all) {
      const { wire, link } = connection;
      if (!wire.extended || this.#copies.has(link)) continue;
      if (now < (this.#without.get(link) ?? 0) || now < (this.#slow.get(link)?.until ?? 0)) continue;
      askable.push(connection);
    }
    const rank = ({ link }: Connection): number =>
      2 * (this.#slow.get(link)?.times ?? 0) + (this.#shown.has(link) ? 0 : 1);
    return askable.sort((a, b) => rank(a) - rank(b));
  }

  /** Those that give, the fastest first. Where they are too many the slowest makes way. */
  #race(now: number): ManifestCopy[] {
    const giving = [...this.#copies.values()].filter(({ gives }) => gives);
    giving.sort((a, b) => a.msLeft(now) - b.msLeft(now));
    const slowest = giving.at(-1);
    if (giving.length <= MOST_COPIES || slowest === undefined) return giving;
    const { link } = slowest.from;
    const times = (this.#slow.get(link)?.times ?? 0) + 1;
    this.#slow.set(link, { times, until: now + SLOW_MS * 2 ** Math.min(times - 1, MOST_DOUBLINGS) });
    this.#giveUp(slowest, slowest.owed);
    return giving.slice(0, -1);
  }

  #giveUp({ from: { link } }: ManifestCopy, owed: number): void {
    this.#copies.delete(link);
    if (owed > 0) this.#owed.set(link, (this.#owed.get(link) ?? 0) + owed);
    this.#nextAt = this.#afterALoss();
  }

  /** The next one is asked at once where nobody gives anything. */
  #afterALoss(): number {
    for (const { gives } of this.#copies.values()) if (gives) return this.#nextAt;
    return -Infinity;
  }

  /** A chunk that a copy which was given up is still owed has come. False: it is none. */
  #settleOwed({ link }: Connection): boolean {
    const owed = this.#owed.get(link);
    if (owed === undefined) return false;
    if (owed > 1) this.#owed.set(link, owed - 1);
    else this.#owed.delete(link);
    return true;
  }
}
