/**
 * An engine with the driver of a test around it: stores in memory, hashes really, sends through pipes. It checks
 * what must hold at every order: nothing is stored unverified, nothing announced or served that is not stored.
 */
import { linkId } from '../../ids.ts';
import type { LinkId, PeerId } from '../../ids.ts';
import type { Manifest } from '../../manifest/resource.ts';
import { encodePiece, parseFrame } from '../../protocol/codec.ts';
import { FRAME_TYPES } from '../../protocol/frames.ts';
import { seededRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import type { SharedBuckets } from '../content.ts';
import type { ChosenFiles } from '../../manifest/file-pieces.ts';
import { Engine } from '../engine.ts';
import type { CloseReason, Input, LinkRole, Output, ReadTrouble, Report, StoreTrouble } from '../io.ts';
import type { LendingRole } from '../web/web-jobs.ts';
import { PieceMemory } from '../pieces/memory.ts';
import type { WebTerms } from '../web/web-swarm.ts';
import type { EngineSnapshot } from '../io.ts';
import type { Origin } from './origin.ts';
import type { Line, Party, PipeEnd } from './pipe.ts';
import { sha256, sha256Base64url } from './share.ts';
import type { TestShare } from './share.ts';

export interface MachineOptions {
  readonly id: PeerId;
  readonly share: TestShare;
  /** `seed`: has the manifest and everything; `knows`: the manifest and `owned`; `newcomer`: the link alone. */
  readonly as: 'seed' | 'knows' | 'newcomer';
  readonly owned?: readonly number[];
  /** [PK4] Left out: all. */
  readonly files?: ChosenFiles;
  /** [LB7] Its disk has the content of these pieces, too, of another share. Left out: it cannot look. */
  readonly elsewhere?: readonly number[];
  /** [WS20] The share has no hashes: what comes may be anything. */
  readonly web?: WebTerms;
  /** Rate limits shared with other machines. */
  readonly limits?: SharedBuckets;
  /** [WS30] */
  readonly lending?: LendingRole;
}

type Job = Output & {
  kind: 'hash-piece' | 'store-piece' | 'hash-manifest' | 'serve-block' | 'look-up-pieces' | 'adopt-pieces';
};
export type JobKind = Job['kind'];

export class LabMachine implements Party {
  readonly id: PeerId;
  readonly engine: Engine;
  readonly share: TestShare;
  /** What its disk holds. */
  readonly store = new Map<number, Uint8Array>();
  /** What the engine was told to be stored, and not yet to be gone. */
  readonly #confirmed = new Set<number>();
  /** Contents that came with another share. */
  readonly elsewhere = new Set<string>();
  /** Work that the test keeps back. */
  readonly held = new Set<JobKind>();
  readonly jobs: Job[] = [];
  readonly orders: Output[] = [];
  readonly closes: { link: LinkId; why: CloseReason }[] = [];
  readonly reports: Report[] = [];
  manifest: Manifest | null;
  /** Who answers for addresses on the web; null: nobody may be asked. */
  origin: Origin | null = null;
  /** What the world does to the next pieces stored, and blocks read. */
  storeTrouble: StoreTrouble | null = null;
  readTrouble: ReadTrouble | null = null;
  readonly #memory = new PieceMemory();
  readonly #lines = new Map<LinkId, Line>();
  readonly #random: Random;
  readonly #now: () => number;
  readonly #mayBeFalse: boolean;
  #links = 0;

  constructor(options: MachineOptions, random: Random, now: () => number) {
    const { id, share, as } = options;
    this.id = id;
    this.share = share;
    this.#random = random;
    this.#mayBeFalse = options.web !== undefined;
    this.#now = now;
    this.manifest = as === 'newcomer' ? null : share.manifest;
    const owned = as === 'seed' ? share.pieces.map((_, piece) => piece) : (options.owned ?? []);
    for (const piece of owned) {
      this.store.set(piece, this.#piece(piece));
      this.#confirmed.add(piece);
    }
    for (const piece of options.elsewhere ?? []) this.elsewhere.add(sha256(this.#piece(piece)));
    this.engine = new Engine({
      own: id,
      infoHash: share.infoHash,
      manifest: this.manifest,
      owned: as === 'seed' ? 'all' : owned,
      files: options.files ?? null,
      random: seededRandom(random.uint32()),
      allocate: this.#memory.allocate,
      findsContent: options.elsewhere !== undefined,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      ...(options.web === undefined ? {} : { web: options.web }),
      ...(options.lending === undefined ? {} : { lending: options.lending }),
    });
  }

  get snapshot(): EngineSnapshot {
    return this.engine.snapshot(this.#now());
  }

  get announces(): (Output & { kind: 'announce' })[] {
    return this.orders.filter((order) => order.kind === 'announce');
  }

  /** The bytes on its disk, all pieces in order; null while one is missing. */
  get content(): Uint8Array | null {
    const pieces = this.share.pieces.map((_, piece) => this.store.get(piece));
    return pieces.some((piece) => piece === undefined) ? null : Buffer.concat(pieces as Uint8Array[]);
  }

  get hasJob(): boolean {
    return this.jobs.some((job) => !this.held.has(job.kind));
  }

  attach(role: LinkRole, expected: PeerId | null, line: Line): PipeEnd {
    const link = linkId(++this.#links);
    this.#lines.set(link, line);
    this.tell({ kind: 'link-opened', link, role, expected });
    return {
      received: (bytes) => this.tell({ kind: 'bytes-received', link, bytes }),
      left: (bytes) => this.tell({ kind: 'bytes-sent', link, bytes }),
      closed: () => this.tell({ kind: 'link-closed', link }),
    };
  }

  tell(input: Input): Output[] {
    const outputs = this.engine.handle(input, this.#now());
    for (const output of outputs) this.#perform(output);
    return outputs;
  }

  /** Does one of the waiting jobs, by chance; blocks of one link go out in order. */
  work(): void {
    const ready = this.jobs.filter((job) => !this.held.has(job.kind));
    const drawn = ready[this.#random.below(ready.length)];
    if (drawn === undefined) return;
    const isSameLine = (job: Job) =>
      job.kind === 'serve-block' && drawn.kind === 'serve-block' && job.link === drawn.link;
    const job = ready.find(isSameLine) ?? drawn;
    this.jobs.splice(this.jobs.indexOf(job), 1);
    this.#finish(job);
  }

  #perform(output: Output): void {
    if (output.kind !== 'send') this.orders.push(output);
    switch (output.kind) {
      case 'send':
        this.#checkAnnounced(output.bytes);
        return this.#lines.get(output.link)?.write(output.bytes);
      case 'close-link':
        this.closes.push({ link: output.link, why: output.why });
        this.#lines.get(output.link)?.close();
        this.#lines.delete(output.link);
        return;
      case 'hash-piece':
      case 'hash-manifest':
      case 'serve-block':
      case 'store-piece':
      case 'look-up-pieces':
      case 'adopt-pieces':
        this.jobs.push(output);
        return;
      case 'keep-manifest':
        this.manifest = output.manifest;
        return;
      case 'report':
        this.reports.push(output.event);
        if (output.event.kind === 'pieces-doubted') this.#lose(output.event.pieces);
        return;
      case 'fetch-range':
        if (this.origin === null) throw new Error('[WS2] an address is asked without leave');
        return this.origin.asked(this, output);
      case 'abort-range':
        return this.origin?.aborted(output.range);
      case 'dial':
      case 'give-up-dial':
      case 'announce':
      case 'read-ahead':
        return;
    }
  }

  #finish(job: Job): void {
    switch (job.kind) {
      case 'hash-piece':
        this.tell({ kind: 'piece-hashed', piece: job.piece, sha256: sha256(job.bytes) });
        return;
      case 'hash-manifest': {
        const { link, preimage, shoalText } = job;
        const shoalDigest = shoalText === null ? null : sha256Base64url(shoalText);
        this.tell({ kind: 'manifest-hashed', link, infoHash: sha256(preimage), shoalDigest });
        return;
      }
      case 'look-up-pieces':
        return this.#lookUp(job);
      case 'adopt-pieces':
        return this.#adopt(job);
      case 'store-piece':
        return this.#keep(job.piece, job.bytes);
      case 'serve-block':
        return this.#serve(job);
    }
  }

  #keep(piece: number, bytes: Uint8Array<ArrayBuffer>): void {
    const good = this.#piece(piece);
    if (!this.#mayBeFalse && Buffer.compare(bytes, good) !== 0)
      throw new Error(`[PL2] piece ${piece} is stored unverified`);
    if (this.#confirmed.has(piece)) throw new Error(`[PL1] piece ${piece} is stored twice`);
    if (this.storeTrouble !== null) {
      this.tell({ kind: 'store-failed', piece, why: this.storeTrouble });
      return;
    }
    this.store.set(piece, bytes.slice());
    this.#confirmed.add(piece);
    this.tell({ kind: 'piece-stored', piece });
    // [PL6] Whoever still looks at it sees rubbish, and so does who takes it for the next piece's.
    bytes.fill(0xee);
    this.#memory.reuse(bytes);
  }

  #lose(pieces: readonly number[]): void {
    for (const piece of pieces) {
      this.#confirmed.delete(piece);
      this.store.delete(piece);
    }
  }

  #lookUp({ pieces }: Job & { kind: 'look-up-pieces' }): void {
    const [found, absent]: [number[], number[]] = [[], []];
    for (const { piece, sha256: content } of pieces) (this.#has(content) ? found : absent).push(piece);
    this.tell({ kind: 'pieces-looked-up', found, absent });
  }

  #adopt({ sha256: content, pieces }: Job & { kind: 'adopt-pieces' }): void {
    if (this.storeTrouble === 'quota') {
      this.tell({ kind: 'adoption-refused', asked: pieces });
      return;
    }
    const adopted = this.#has(content) ? pieces : [];
    for (const piece of adopted) {
      if (this.#confirmed.has(piece)) throw new Error(`[PL1] piece ${piece} is stored twice`);
      this.store.set(piece, this.#piece(piece));
      this.#confirmed.add(piece);
    }
    this.tell({ kind: 'pieces-adopted', asked: pieces, adopted });
  }

  #has(content: string): boolean {
    return this.elsewhere.has(content) || [...this.store.values()].some((bytes) => sha256(bytes) === content);
  }

  #serve(job: Job & { kind: 'serve-block' }): void {
    const { link, piece, offset, length } = job;
    const line = this.#lines.get(link);
    if (line === undefined) return;
    const bytes = this.store.get(piece);
    if (bytes === undefined || this.readTrouble !== null) {
      const why = this.readTrouble ?? 'missing';
      if (why === 'missing') this.#confirmed.delete(piece);
      this.tell({ kind: 'block-unreadable', link, piece, offset, length, why });
      return;
    }
    line.write(encodePiece(piece, offset, bytes.subarray(offset, offset + length)));
  }

  /** [PL3] Have frames and bitfields speak of stored pieces alone. */
  #checkAnnounced(bytes: Uint8Array): void {
    if (bytes[4] === FRAME_TYPES.have && bytes.length !== 75) {
      const have = parseFrame('have', bytes);
      if (have.kind !== 'have') throw new Error('a have frame that cannot be read');
      for (const piece of have.pieces) this.#checkStored(piece);
    }
    if (bytes[4] === FRAME_TYPES.bitfield) {
      this.share.pieces.forEach((_, piece) => {
        if (((bytes[5 + (piece >> 3)] ?? 0) & (0x80 >> (piece & 7))) !== 0) this.#checkStored(piece);
      });
    }
  }

  #checkStored(piece: number): void {
    if (!this.#confirmed.has(piece)) throw new Error(`[PL3] piece ${piece} is announced before it is stored`);
  }

  #piece(piece: number): Uint8Array {
    const bytes = this.share.pieces[piece];
    if (bytes === undefined) throw new Error(`there is no piece ${piece}`);
    return bytes;
  }
}
