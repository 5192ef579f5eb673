/**
 * A web seed ([WS1]–[WS4]): one mirror of the share as a source beside peers (BEP 19 has the idea). Owns what it was
 * asked for: blocks that wait are put together into ranges of one file, some ranges are out at a time, and what comes of
 * them is cut into blocks again. An address that fails is let be for a while, or for good. Knows no HTTP: the driver
 * fetches. Whether a block is right is found out as with a peer's ([PL2]).
 */
import { assert } from '../../assert.ts';
import { Bitfield } from '../../bitfield.ts';
import type { LinkId, PeerId } from '../../ids.ts';
import type { BlockRange, Frame } from '../../protocol/frames.ts';
import { keyOf } from '../download/cells.ts';
import { Pipeline } from '../download/pipeline.ts';
import type { Source } from '../download/source.ts';
import type { Output, RangeTrouble } from '../io.ts';
import { TokenBucket } from '../meters/token-bucket.ts';
import type { FileSpan, Layout, Mirror } from './mirrors.ts';
import { RangeWindow } from './range-window.ts';

/** Bytes of one range at most: an answer that breaks off costs no more than this. */
const MOST_RANGE_BYTES = 4_194_304;
/** ms until an address that failed is asked again; twice as long after each time, up to the second. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;

/** What will not be otherwise when it is asked again. */
const FOR_GOOD: ReadonlySet<RangeTrouble> = new Set<RangeTrouble>([
  'no-ranges',
  'other-size',
  'changed',
  'refused',
  'needs-login',
  'forbidden-address',
  'too-many-redirects',
]);

/** A block that was asked for, until all of its bytes are here. */
interface Block {
  readonly range: BlockRange;
  readonly bytes: Uint8Array;
  missing: number;
  /** It is not wanted any more; what still comes of it is nobody's. */
  cancelled: boolean;
}

interface Part extends FileSpan {
  readonly block: Block;
}

/** One range that is out. */
interface Run {
  readonly file: number;
  readonly parts: readonly Part[];
  /** Which of them is being filled, and how many of its bytes are here. */
  part: number;
  filled: number;
}

export interface WebSeedOptions {
  readonly link: LinkId;
  readonly peer: PeerId;
  readonly mirror: Mirror;
  readonly layout: Layout;
  readonly sizes: readonly number[];
  /** Of the next range; never used twice. */
  readonly nextRange: () => number;
  readonly now: number;
}

/** What came of a range, or did not: the request book is told. */
export interface Came {
  readonly blocks: readonly (Frame & { kind: 'piece' })[];
  readonly rejected: readonly BlockRange[];
}

const NOTHING: Came = { blocks: [], rejected: [] };

export class WebSeed implements Source {
  readonly link: LinkId;
  readonly peer: PeerId;
  readonly limit = new TokenBucket();
  readonly pipeline: Pipeline;
  /** A range that is not wanted any more is given up. */
  readonly cancels = true;
  readonly #options: WebSeedOptions;
  /** The addresses that were not given up, by the files' indexes. */
  readonly #urls: Map<number, string>;
  readonly #blocks = new Map<number, Block>();
  #waiting: Part[] = [];
  readonly #runs = new Map<number, Run>();
  readonly #window = new RangeWindow();
  #has: Bitfield;
  /** [WS24] It may be asked for these alone; null: for all that it has. */
  #spared: Bitfield | null = null;
  #failures = 0;
  #retryAt = -Infinity;
  #trouble: RangeTrouble | null = null;

  constructor(options: WebSeedOptions) {
    this.#options = options;
    this.link = options.link;
    this.peer = options.peer;
    this.pipeline = new Pipeline(options.now, 'server');
    this.#urls = new Map(options.mirror);
    this.#has = this.#reachable();
  }

  get has(): Bitfield {
    return this.#has;
  }

  /** It failed a short time ago. */
  get choked(): boolean {
    return this.#retryAt !== -Infinity;
  }

  /** When it may be asked again, in ms; Infinity: it may be asked, or never. */
  get retryAt(): number {
    return this.choked ? this.#retryAt : Infinity;
  }

  /** No address of it is left. */
  get isGone(): boolean {
    return this.#urls.size === 0;
  }

  get isBusy(): boolean {
    return this.#runs.size > 0;
  }

  /** What was in the way last; null: nothing, or it answers again. */
  get trouble(): RangeTrouble | null {
    return this.#trouble;
  }

  /** Of its addresses one that is left, else one that it had. */
  get url(): string {
    const [url = ''] = [...this.#urls.values(), ...this.#options.mirror.values()];
    return url;
  }

  /** It is put together with others when everything is asked for: `flush`. */
  request(range: BlockRange): void {
    const block = { range, bytes: new Uint8Array(range.length), missing: range.length, cancelled: false };
    this.#blocks.set(idOf(range), block);
    for (const span of this.#options.layout.spansOf(range)) this.#waiting.push({ ...span, block });
  }

  /** What only waited is forgotten; a range of which nothing is wanted any more is given up. */
  cancel(range: BlockRange, out: Output[]): void {
    const block = this.#blocks.get(idOf(range));
    if (block === undefined || block.cancelled) return;
    block.cancelled = true;
    this.#waiting = this.#waiting.filter((part) => part.block !== block);
    for (const [id, run] of this.#runs) {
      if (run.parts.slice(run.part).some((part) => !part.block.cancelled)) continue;
      this.#runs.delete(id);
      out.push({ kind: 'abort-range', range: id });
    }
    const isOut = [...this.#runs.values()].some((run) => run.parts.some((part) => part.block === block));
    if (isOut) return;
    this.#blocks.delete(idOf(range));
    const key = keyOf(range);
    assert(key !== null, 'what is cancelled was asked for');
    this.pipeline.settleLate(key);
  }

  /** Orders as many ranges as may be out at a time, each as far as what waits runs on in its file. */
  flush(out: Output[]): void {
    while (this.#runs.size < this.#window.most && this.#waiting.length > 0) {
      const [first] = this.#waiting;
      assert(first !== undefined, 'something waits');
      let [count, length] = [1, first.length];
      for (; count < this.#waiting.length; count++) {
        const next = this.#waiting[count];
        const goesOn = next?.file === first.file && next.from === first.from + length;
        if (next === undefined || !goesOn || length + next.length > MOST_RANGE_BYTES) break;
        length += next.length;
      }
      this.#order(this.#waiting.splice(0, count), length, out);
    }
  }

  #order(parts: readonly Part[], length: number, out: Output[]): void {
    const [{ file, from } = { file: -1, from: 0 }] = parts;
    const [url, size] = [this.#urls.get(file), this.#options.sizes[file]];
    assert(url !== undefined && size !== undefined, 'only what it has is asked of it');
    const range = this.#options.nextRange();
    this.#runs.set(range, { file, parts, part: 0, filled: 0 });
    out.push({ kind: 'fetch-range', range, url, from, length, size });
  }

  /** Orders a part of one file that is nobody's block: what comes of it is whoever's who asked. Null: it is not of one alone. */
  order(block: BlockRange, out: Output[]): number | null {
    const { layout, sizes, nextRange } = this.#options;
    const [span, more] = layout.spansOf(block);
    const [url, size] = span === undefined ? [] : [this.#urls.get(span.file), sizes[span.file]];
    if (span === undefined || more !== undefined || url === undefined || size === undefined) return null;
    const range = nextRange();
    out.push({ kind: 'fetch-range', range, url, from: span.from, length: span.length, size });
    return range;
  }

  /** Is that a range that was ordered for this seed, and neither over nor given up? */
  isOut(id: number): boolean {
    return this.#runs.has(id);
  }

  /** Bytes of a range, in their order; what is whole of them is a block. */
  came(id: number, bytes: Uint8Array): Came {
    const run = this.#runs.get(id);
    assert(run !== undefined, 'it is asked first whether it is out');
    const blocks: (Frame & { kind: 'piece' })[] = [];
    for (let read = 0; read < bytes.length;) {
      const part = run.parts[run.part];
      if (part === undefined) break; // more than was asked for
      const some = bytes.subarray(read, read + part.length - run.filled);
      part.block.bytes.set(some, part.at + run.filled);
      part.block.missing -= some.length;
      run.filled += some.length;
      read += some.length;
      if (run.filled < part.length) continue;
      [run.part, run.filled] = [run.part + 1, 0];
      if (part.block.missing > 0) continue;
      const { piece, offset } = part.block.range;
      this.#blocks.delete(idOf(part.block.range));
      blocks.push({ kind: 'piece', piece, offset, data: part.block.bytes });
    }
    this.pipeline.partCame(run.filled); // [RQ5] a sign of life
    if (blocks.length > 0) [this.#failures, this.#trouble] = [0, null];
    return { blocks, rejected: [] };
  }

  /** Nothing more comes of the range: all of it came, or something is in the way, which is said. */
  ended(id: number, why: RangeTrouble | null, retryMs: number, now: number): Came {
    const run = this.#runs.get(id);
    assert(run !== undefined, 'it is asked first whether it is out');
    this.#runs.delete(id);
    const rest = run.parts.slice(run.part);
    if (why === null && rest.length === 0) {
      this.#window.cameWhole();
      return NOTHING;
    }
    const lost = rest.map(({ block }) => block);
    if (why !== null && this.#window.refused(why, this.#runs.size)) {
      if (retryMs > 0) this.#rest(retryMs, now);
      return { blocks: [], rejected: this.#giveUp(lost) };
    }
    const waiting = this.#waiting.map(({ block }) => block);
    this.#waiting = [];
    this.#failed(run.file, why ?? 'cut-short', retryMs, now);
    // The other addresses rest, too: they are of one server as a rule.
    return { blocks: [], rejected: this.#giveUp([...lost, ...waiting]) };
  }

  /** These will not come, nor what of them waits or is still out. */
  #giveUp(blocks: readonly Block[]): BlockRange[] {
    const lost = new Set(blocks);
    this.#waiting = this.#waiting.filter(({ block }) => !lost.has(block));
    for (const block of lost) {
      this.#blocks.delete(idOf(block.range));
      block.cancelled = true;
    }
    return [...lost].map(({ range }) => range);
  }

  #failed(file: number, why: RangeTrouble, retryMs: number, now: number): void {
    this.#trouble = why;
    if (FOR_GOOD.has(why)) {
      this.#urls.delete(file);
      this.#has = this.#reachable();
      return;
    }
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#failures, LONGEST_WAIT_MS);
    this.#failures++;
    this.#rest(Math.max(wait, retryMs), now);
  }

  #rest(ms: number, now: number): void {
    this.#retryAt = now + Math.min(ms, LONGEST_WAIT_MS);
  }

  /** [RQ5] It was silent for too long. */
  timedOut(now: number): void {
    this.#failed(-1, 'silent', 0, now);
  }

  /** It may be asked again. */
  retry(): void {
    this.#retryAt = -Infinity;
  }

  /** [PL5] What it sent is not what the share has: nothing of it is asked for any more. */
  giveUpAll(why: RangeTrouble): void {
    this.#urls.clear();
    this.#has = this.#reachable();
    this.#trouble = why;
  }

  /** [WS24] True: what it may be asked for is something else now. */
  spare(pieces: Bitfield | null): boolean {
    if (isSame(pieces, this.#spared)) return false;
    this.#spared = pieces;
    this.#has = this.#reachable();
    return true;
  }

  #reachable(): Bitfield {
    const reachable = this.#options.layout.piecesWithin((file) => this.#urls.has(file));
    const spared = this.#spared;
    if (spared === null) return reachable;
    return Bitfield.of(
      reachable.pieces,
      [...reachable.members()].filter((piece) => spared.has(piece)),
    );
  }
}

function isSame(one: Bitfield | null, other: Bitfield | null): boolean {
  if (one === null || other === null) return one === other;
  return one.count === other.count && !one.hasMoreThan(other);
}

/** One number for each block of a share: a piece has at most 2^26 bytes. */
function idOf({ piece, offset }: BlockRange): number {
  return piece * 67_108_864 + offset;
}
