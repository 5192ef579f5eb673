/**
 * All that we fetch: which sources have room for more requests, and when they are asked ([RQ1] [RL1]). Joins the
 * request book and the counts of copies. Whether anything may be asked at all is the person's intent, which the caller
 * knows.
 */
import type { Bitfield } from '../../bitfield.ts';
import type { Random } from '../../random.ts';
import type { Output } from '../io.ts';
import type { TokenBucket } from '../meters/token-bucket.ts';
import type { PieceLedger } from '../pieces/ledger.ts';
import { Adoption } from './adoption.ts';
import { PiecePicker } from './picker.ts';
import { RequestBook } from './request-book.ts';
import type { Selection } from './selection.ts';
import type { Source } from './source.ts';

export interface DownloadOptions {
  readonly ledger: PieceLedger;
  readonly selection: Selection;
  /** Everybody who can be asked. */
  readonly sources: ReadonlySet<Source>;
  readonly random: Random;
  /** [LB7] Whether there is anywhere to look for pieces. */
  readonly findsContent: boolean;
  /** Of what comes from all of them together. */
  readonly limit: TokenBucket;
  /** [RQ7] Of whole pieces that wait to be stored. */
  readonly mostUnstoredBytes: number;
  /** [PK8] Nobody else in the swarm lacks anything. */
  readonly isOnlyReceiver: () => boolean;
}

export class Download {
  readonly requests: RequestBook;
  readonly picker: PiecePicker;
  readonly adoption: Adoption;
  readonly #ledger: PieceLedger;
  readonly #selection: Selection;
  readonly #sources: ReadonlySet<Source>;
  /** Those of them that let us ask ([CH1]): few of a large swarm. */
  readonly #open = new Set<Source>();
  /** Sources whose pipelines may have room, some of them twice; `#all` where cells became free for everybody. */
  #withRoom: Source[] = [];
  #all = false;

  constructor(options: DownloadOptions) {
    const { ledger, selection, sources, random, findsContent } = options;
    this.#ledger = ledger;
    this.#selection = selection;
    this.#sources = sources;
    const mayWant = (piece: number): boolean => selection.wants(piece);
    this.picker = new PiecePicker(ledger.pieceCount, random, mayWant);
    for (let piece = 0; piece < ledger.pieceCount; piece++) {
      if (!ledger.owned.has(piece)) this.picker.want(piece);
    }
    this.adoption = new Adoption({ ledger, selection, picker: this.picker, findsContent });
    this.requests = new RequestBook({ ...options, picker: this.picker });
  }

  /** When a rate limit lets somebody be asked again; Infinity: none is in the way. */
  get opensAt(): number {
    return this.requests.opensAt;
  }

  /** When something came last, from a peer or from our own store, in ms. */
  get movedAt(): number {
    return Math.max(this.requests.blockAt, this.adoption.adoptedAt);
  }

  greeted(source: Source): void {
    if (!source.choked) this.#open.add(source);
  }

  /** [CH1] It lets us ask nothing more for now. */
  choked(source: Source, out: Output[]): void {
    this.#open.delete(source);
    this.requests.choked(source, out);
    this.mayAskAll();
  }

  unchoked(source: Source): void {
    this.#open.add(source);
    this.mayAskAll();
  }

  /** Something changed for this source: it may be asked for more. */
  mayAsk(source: Source): void {
    if (!source.choked) this.#withRoom.push(source);
  }

  mayAskAll(): void {
    this.#all = true;
  }

  closed(source: Source): void {
    this.#open.delete(source);
    this.#withRoom = this.#withRoom.filter((other) => other !== source);
    this.requests.gone(source);
  }

  /** [LB7] What is not here has to come from somebody. */
  lookedUp(found: readonly number[], absent: readonly number[]): void {
    this.adoption.lookedUp(found, absent);
    this.mayAskAll();
  }

  /** [PK4] Others are wanted now: what is under way of the rest is given up, and what it was asked for is cancelled. */
  filesChosen(out: Output[]): void {
    const [ledger, selection] = [this.#ledger, this.#selection];
    for (let piece = 0; piece < ledger.pieceCount; piece++) {
      if (!selection.wants(piece)) this.picker.unwant(piece);
      else if (ledger.isAbsent(piece) && !this.adoption.holds(piece)) this.picker.want(piece);
    }
    for (const assembly of [...ledger.assemblies()])
      if (!selection.wants(assembly.piece)) this.requests.abandon(assembly, out);
    this.mayAskAll();
  }

  /** Copies follow what a source has; null: nothing known, or it is gone. */
  recount(before: Bitfield | null, after: Bitfield | null, pieces: number): void {
    for (let piece = 0; piece < pieces; piece++) {
      const had = before?.has(piece) ?? false;
      const has = after?.has(piece) ?? false;
      if (has && !had) this.picker.peerHas(piece);
      if (had && !has) this.picker.peerLost(piece);
    }
  }

  /** Asks for more wherever something changed since the last time. While nothing is wanted it only forgets the changes. */
  run(wanted: boolean, now: number, out: Output[]): void {
    const { requests } = this;
    this.adoption.run(wanted, out);
    // A limit that opens is open to everybody; who asks for nothing waits for none.
    if (now >= requests.opensAt) this.#all = true;
    if (this.#all || !wanted) requests.forgetLimit();
    if (wanted) for (const source of this.#all ? this.#open : this.#withRoom) requests.fill(source, now, out);
    this.#all = false;
    this.#withRoom.length = 0;
  }

  cancelAll(out: Output[]): void {
    for (const source of this.#sources) this.requests.cancelAll(source, out);
  }
}
