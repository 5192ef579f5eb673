/**
 * Blocks of a file that a server on the web has, read as others ask for them ([WS34]): reads that run on from each other are
 * one range, and what is going to be asked for next is fetched along with it. A server that is busy or away is let be for a
 * while, and the reads wait; where it cannot go on that is told once. Knows no peers, and not whether what comes is right.
 */
import type { RangeTrouble } from '../engine/io.ts';
import { Geometry } from '../geometry.ts';
import { SAMPLE_BYTES } from '../limits.ts';
import type { ManifestPiece } from '../manifest/manifest.ts';
import { CROWDED, RangeWindow } from '../engine/web/range-window.ts';
import type { BlockRange } from '../protocol/frames.ts';
import type { BlockRead, BlockSource } from './block-sources.ts';
import {
  MOST_FAILING_MS,
  MOST_ORIGIN_AHEAD_BYTES,
  MOST_ORIGIN_PARTS,
  MOST_ORIGIN_RANGE_BYTES,
  MOST_ORIGIN_WAIT_MS,
  ORIGIN_SILENCE_MS,
} from './limits.ts';
import type { Clock, WebRanges } from './ports.ts';

/** What may be otherwise when it is asked again. */
const PASSING: ReadonlySet<RangeTrouble> = new Set<RangeTrouble>([
  'busy',
  'unreachable',
  'cut-short',
  'silent',
]);
const FIRST_WAIT_MS = 1_000;

export interface OriginOptions {
  readonly url: string;
  readonly size: number;
  /** [WS12] */
  readonly validator: string | null;
  readonly pieces: readonly ManifestPiece[];
  readonly web: WebRanges;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** What others have asked for and is not read yet, in the order in which it will be, so many bytes of it. */
  readonly ahead: (mostBytes: number) => readonly BlockRange[];
  /** So many bytes came from the server. */
  readonly came: (bytes: number) => void;
  /** It cannot go on. */
  readonly ended: (why: RangeTrouble) => void;
}

/** A block that was read, or is going to be. */
interface Block {
  /** Of the file. */
  readonly from: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  filled: number;
  state: 'waits' | 'out' | 'here';
  readonly readers: ((read: BlockRead) => void)[];
}

/** A range that is out. */
interface Run {
  readonly blocks: Block[];
  readonly isPart: boolean;
  giveUp: () => void;
  heardAt: number;
}

export class OriginSource implements BlockSource {
  readonly isStored = false;
  readonly #options: OriginOptions;
  readonly #geometry: Geometry;
  /** By place and length, in the order of asking. */
  readonly #blocks = new Map<string, Block>();
  readonly #runs = new Set<Run>();
  readonly #window = new RangeWindow();
  #failures = 0;
  #failingSince = Infinity;
  #retryAt = -Infinity;
  /** Parts that are one too many for it wait until then. */
  #partsAt = -Infinity;
  #isDue = false;
  #closed = false;
  #cancelWatch: (() => void) | null = null;

  constructor(options: OriginOptions) {
    this.#options = options;
    this.#geometry = new Geometry(options.pieces);
  }

  read(piece: number, offset: number, length: number): Promise<BlockRead> {
    if (this.#closed) return Promise.resolve({ kind: 'unreadable', why: 'missing' });
    return new Promise((resolve) => {
      const block = this.#blockOf({ piece, offset, length });
      block.readers.push(resolve);
      if (block.state === 'here') this.#answer(block);
      this.#plan();
    });
  }

  /** What is asked for may have become less: what nobody wants any more is given up. */
  look(): void {
    this.#plan();
  }

  /** Nothing is fetched any more; reads that wait come to nothing. */
  close(): void {
    this.#closed = true;
    this.#cancelWatch?.();
    for (const { giveUp } of this.#runs) giveUp();
    this.#runs.clear();
    for (const { readers } of this.#blocks.values())
      for (const answer of readers) answer({ kind: 'unreadable', why: 'missing' });
    this.#blocks.clear();
  }

  #blockOf({ piece, offset, length }: BlockRange): Block {
    const from = this.#geometry.pieceOffset(piece) + offset;
    const key = keyOf(from, length);
    let block = this.#blocks.get(key);
    if (block === undefined) {
      block = { from, bytes: new Uint8Array(length), filled: 0, state: 'waits', readers: [] };
      this.#blocks.set(key, block);
    }
    return block;
  }

  /** What is asked for in one step goes together. */
  #plan(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    void Promise.resolve().then(() => {
      this.#isDue = false;
      this.#run();
    });
  }

  #run(): void {
    const { clock } = this.#options;
    if (this.#closed || clock.now() < this.#retryAt) return;
    this.#lookAhead();
    for (const isPart of [true, false])
      while (this.#mayOrder(isPart)) {
        const blocks = this.#nextRun(isPart);
        if (blocks.length === 0) break;
        this.#order(blocks);
      }
    this.#watch();
  }

  /** What nobody reads any more, though it was fetched ahead, goes, with ranges of nothing else; what will be read comes along. */
  #lookAhead(): void {
    const ahead = this.#options.ahead(MOST_ORIGIN_AHEAD_BYTES);
    const wanted = new Set(
      ahead.map(({ piece, offset, length }) => keyOf(this.#geometry.pieceOffset(piece) + offset, length)),
    );
    const isWanted = (block: Block): boolean => block.readers.length > 0 || wanted.has(keyOfBlock(block));
    for (const run of this.#runs) {
      if (run.blocks.some(isWanted)) continue;
      this.#runs.delete(run);
      run.giveUp();
      for (const block of run.blocks) block.state = 'waits';
    }
    for (const block of this.#blocks.values())
      if (block.state !== 'out' && !isWanted(block)) this.#blocks.delete(keyOfBlock(block));
    for (const range of ahead) this.#blockOf(range);
  }

  /** [WS22] Parts that are looked at a second time do not wait behind whole blocks, nor these behind many parts. */
  #mayOrder(isPart: boolean): boolean {
    const ofKind = [...this.#runs].filter((run) => run.isPart === isPart).length;
    const { most } = this.#window;
    if (isPart && this.#options.clock.now() < this.#partsAt) return false;
    return ofKind < most && this.#runs.size < most + MOST_ORIGIN_PARTS;
  }

  /** The first that waits, and what runs on from it. */
  #nextRun(isPart: boolean): Block[] {
    const waiting = new Map<number, Block>();
    for (const block of this.#blocks.values())
      if (block.state === 'waits' && isPartOfBlock(block) === isPart && !waiting.has(block.from))
        waiting.set(block.from, block);
    const [first] = waiting.values();
    if (first === undefined) return [];
    const run = [first];
    let end = first.from + first.bytes.length;
    for (let next = waiting.get(end); next !== undefined; next = waiting.get(end)) {
      if (end + next.bytes.length - first.from > MOST_ORIGIN_RANGE_BYTES) break;
      run.push(next);
      end += next.bytes.length;
    }
    return run;
  }

  #order(blocks: Block[]): void {
    const { url, size, validator, web, clock, came } = this.#options;
    for (const block of blocks) [block.state, block.filled] = ['out', 0];
    const isPart = blocks.every(isPartOfBlock);
    const run: Run = { blocks, isPart, giveUp: () => undefined, heardAt: clock.now() };
    this.#runs.add(run);
    const from = blocks[0]?.from ?? 0;
    const length = blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
    run.giveUp = web.fetch(
      { url, from, length, size, validator },
      {
        came: (bytes) => {
          if (!this.#runs.has(run)) return;
          run.heardAt = clock.now();
          this.#fill(run, bytes);
          came(bytes.length);
        },
        ended: () => this.#over(run, run.blocks.length > 0 ? 'cut-short' : null, 0),
        failed: (why, retryMs) => this.#over(run, why, retryMs),
      },
    );
  }

  /** Each block is handed on as soon as all of it is there. */
  #fill(run: Run, bytes: Uint8Array): void {
    for (let read = 0; read < bytes.length;) {
      const [block] = run.blocks;
      if (block === undefined) return;
      const some = bytes.subarray(read, read + block.bytes.length - block.filled);
      block.bytes.set(some, block.filled);
      block.filled += some.length;
      read += some.length;
      if (block.filled < block.bytes.length) return;
      run.blocks.shift();
      [this.#failures, this.#failingSince] = [0, Infinity];
      block.state = 'here';
      if (block.readers.length > 0) this.#answer(block);
    }
  }

  #answer(block: Block): void {
    this.#blocks.delete(keyOfBlock(block));
    for (const answer of block.readers.splice(0)) answer({ kind: 'block', bytes: block.bytes });
  }

  /** `why` null: all of it came. */
  #over(run: Run, why: RangeTrouble | null, retryMs: number): void {
    if (!this.#runs.delete(run) || this.#closed) return;
    for (const block of run.blocks) block.state = 'waits';
    if (why === null && !run.isPart) this.#window.cameWhole();
    if (why === null) return this.#plan();
    const now = this.#options.clock.now();
    const ranges = [...this.#runs].filter(({ isPart }) => !isPart).length;
    if (run.isPart && ranges > 0 && CROWDED.has(why)) {
      this.#partsAt = now + Math.max(FIRST_WAIT_MS, retryMs);
      return this.#watch();
    }
    if (!run.isPart && this.#window.refused(why, ranges)) {
      if (retryMs > 0) this.#rest(retryMs, now);
      return this.#plan();
    }
    this.#failingSince = Math.min(this.#failingSince, now);
    if (!PASSING.has(why) || now - this.#failingSince >= MOST_FAILING_MS) return this.#options.ended(why);
    const wait = Math.max(FIRST_WAIT_MS * 2 ** this.#failures, retryMs);
    // Of several that fail together the first alone makes the next wait longer.
    if (now >= this.#retryAt) this.#failures++;
    this.#rest(wait, now);
    this.#watch();
  }

  #rest(ms: number, now: number): void {
    this.#retryAt = Math.max(this.#retryAt, now + Math.min(ms, MOST_ORIGIN_WAIT_MS));
  }

  /** One wake-up for what is silent, and for what may be asked again. */
  #watch(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = null;
    const now = this.#options.clock.now();
    const heard = Math.min(...[...this.#runs].map(({ heardAt }) => heardAt + ORIGIN_SILENCE_MS));
    const due = Math.min(heard, ...[this.#retryAt, this.#partsAt].filter((at) => at > now));
    if (due === Infinity) return;
    this.#cancelWatch = this.#options.clock.after(Math.max(0, due - now), () => this.#look());
  }

  #look(): void {
    const now = this.#options.clock.now();
    for (const run of [...this.#runs]) {
      if (now - run.heardAt < ORIGIN_SILENCE_MS) continue;
      run.giveUp();
      this.#over(run, 'silent', 0);
    }
    if (!this.#closed) this.#run();
  }
}

function isPartOfBlock({ bytes }: Block): boolean {
  return bytes.length <= SAMPLE_BYTES;
}

function keyOfBlock({ from, bytes }: Block): string {
  return keyOf(from, bytes.length);
}

function keyOf(from: number, length: number): string {
  return `${from}/${length}`;
}
