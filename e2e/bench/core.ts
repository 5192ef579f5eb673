/**
 * Measures the machine itself ([SM10]): the time both machines of a transfer spend in `handle` for one block, with
 * real frames, real buffers and real copies, the memory of a link that is open and silent, and what telling the page of
 * many shares costs. No network, no hash and no disk: what is measured is ours alone.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Bitfield } from '../../shared/bitfield.ts';
import { Engine } from '../../shared/engine/engine.ts';
import type { Input, Output } from '../../shared/engine/io.ts';
import { PieceMemory } from '../../shared/engine/pieces/memory.ts';
import { linkId } from '../../shared/ids.ts';
import type { LinkId, PeerId } from '../../shared/ids.ts';
import { BLOCK_BYTES, PIECE_HEADER_BYTES } from '../../shared/limits.ts';
import { encodeFrame, encodeHandshake, encodePiece } from '../../shared/protocol/codec.ts';
import { seededRandom } from '../../shared/random.ts';
import { hexId, SyntheticShare } from '../../shared/sim/share.ts';
import { measurePushes } from './pushes.ts';
import type { PushCost } from './pushes.ts';

const SHARE_BYTES = 256 * 2 ** 20;
const PIECE_BYTES = 2 ** 18;
const TURNS = 7;
/** Virtual ms a block takes: about 100 MB/s. */
const BLOCK_MS = 0.65;
const LINK = linkId(1);
const IDLE_ENGINES = 40;
const IDLE_LINKS = 50;
const IDLE_PIECES = 1_000;

export async function run(args: readonly string[]): Promise<void> {
  const bytesPerIdleLink = await idleLinkBytes();
  const turns = Array.from({ length: TURNS }, transferMicros);
  // Other programs can only add to a turn.
  const microsPerBlock = Math.min(...turns);
  const copyMicros = Math.min(...Array.from({ length: TURNS }, copyMicrosPerBlock));
  const push = { some: await measurePushes('some'), all: await measurePushes('all') };
  if (args.includes('--json')) {
    console.log(JSON.stringify({ microsPerBlock, copyMicros, bytesPerIdleLink, push, turns }));
    return;
  }
  console.log(`both machines of a transfer: ${microsPerBlock.toFixed(2)} µs a block (goal 15)`);
  console.log(`of that the memory and the copy alone: ${copyMicros.toFixed(2)} µs`);
  console.log(`an idle link: ${(bytesPerIdleLink / 1000).toFixed(1)} KB (goal 10)`);
  printPush('with a piece in a tenth of them', push.some);
  printPush('with a piece in each of them', push.all);
}

function printPush(what: string, { workerMs, pageMs }: PushCost): void {
  const cost = `worker ${workerMs.toFixed(2)} ms, page ${pageMs.toFixed(2)} ms (goal 2 each)`;
  console.log(`a push of 100 shares of 10,000 pieces ${what}: ${cost}`);
}

/** A machine whose `handle` is timed. */
class Timed {
  micros = 0;
  readonly engine: Engine;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  handle(input: Input, now: number): Output[] {
    const startedAt = performance.now();
    const outputs = this.engine.handle(input, now);
    this.micros += (performance.now() - startedAt) * 1000;
    return outputs;
  }
}

/** Carries one share from a seed to a leecher; answers µs a block. */
function transferMicros(): number {
  const random = seededRandom(1);
  const share = new SyntheticShare(SHARE_BYTES, PIECE_BYTES, random);
  const ids = [hexId(random), hexId(random)].sort() as [PeerId, PeerId];
  const common = { infoHash: share.infoHash, manifest: share.manifest, random };
  const memory = new PieceMemory();
  const leecher = new Timed(new Engine({ ...common, own: ids[0], owned: [], allocate: memory.allocate }));
  const seed = new Timed(new Engine({ ...common, own: ids[1], owned: 'all' }));
  const transfer = new Transfer(share, [leecher, seed], memory);
  transfer.tell(0, { kind: 'download-requested' });
  transfer.tell(1, { kind: 'link-opened', link: LINK, role: 'acceptor', expected: null });
  transfer.tell(0, { kind: 'link-opened', link: LINK, role: 'dialler', expected: ids[1] });
  transfer.run();
  if (!transfer.completed) throw new Error('the transfer did not complete');
  return (leecher.micros + seed.micros) / (SHARE_BYTES / BLOCK_BYTES);
}

/** What cannot be less on this machine now: memory for pieces, and one copy of each block into them. */
function copyMicrosPerBlock(): number {
  const blocks = PIECE_BYTES / BLOCK_BYTES;
  const pieces = 256;
  let micros = 0;
  for (let piece = 0; piece < pieces; piece++) {
    const frames = Array.from({ length: blocks }, () => new Uint8Array(BLOCK_BYTES).fill(piece));
    const startedAt = performance.now();
    const bytes = new Uint8Array(PIECE_BYTES);
    frames.forEach((frame, nth) => bytes.set(frame, nth * BLOCK_BYTES));
    micros += (performance.now() - startedAt) * 1000;
  }
  return micros / (pieces * blocks);
}

interface Told {
  readonly whom: 0 | 1;
  readonly input: Input;
}

/** Two machines joined by one link; every order is carried out at once, in order. */
class Transfer {
  completed = false;
  readonly #share: SyntheticShare;
  readonly #machines: readonly [Timed, Timed];
  readonly #memory: PieceMemory;
  readonly #storing = new Map<number, Uint8Array<ArrayBuffer>>();
  readonly #told: Told[] = [];
  readonly #block = new Uint8Array(BLOCK_BYTES);
  #now = 0;

  constructor(share: SyntheticShare, machines: readonly [Timed, Timed], memory: PieceMemory) {
    this.#share = share;
    this.#machines = machines;
    this.#memory = memory;
  }

  tell(whom: 0 | 1, input: Input): void {
    this.#told.push({ whom, input });
  }

  run(): void {
    for (let at = 0; at < this.#told.length || this.#wake(); at++) {
      const { whom, input } = this.#told[at] as Told;
      for (const output of this.#machines[whom].handle(input, this.#now)) this.#perform(whom, output);
      if (input.kind === 'piece-stored') this.#stored(input.piece);
      if (at < 1_000) continue;
      this.#told.splice(0, at + 1);
      at = -1;
    }
  }

  /** Nothing is under way: time passes, until there is nothing to wait for either. */
  #wake(): boolean {
    if (this.completed) return false;
    const due = this.#machines.map(({ engine }) => engine.nextWakeup() ?? Infinity);
    const first = Math.min(...due);
    if (first > this.#now + 60_000) return false;
    this.#now = Math.max(this.#now, first);
    this.tell(due[0] === first ? 0 : 1, { kind: 'time-passed' });
    return true;
  }

  #perform(whom: 0 | 1, output: Output): void {
    switch (output.kind) {
      case 'send':
        return this.#carry(whom, output.bytes, output.bytes.length);
      case 'serve-block': {
        this.#now += BLOCK_MS;
        const frame = encodePiece(output.piece, output.offset, this.#block.subarray(0, output.length));
        return this.#carry(whom, frame, PIECE_HEADER_BYTES + output.length);
      }
      case 'hash-piece': {
        const { piece } = output;
        return this.tell(whom, {
          kind: 'piece-hashed',
          piece,
          sha256: this.#share.manifest.pieces[piece]?.sha256 ?? '',
        });
      }
      case 'store-piece':
        this.#storing.set(output.piece, output.bytes);
        return this.tell(whom, { kind: 'piece-stored', piece: output.piece });
      case 'report':
        if (output.event.kind === 'completed') this.completed = true;
        return;
      default:
    }
  }

  #stored(piece: number): void {
    const bytes = this.#storing.get(piece);
    this.#storing.delete(piece);
    if (bytes !== undefined) this.#memory.reuse(bytes);
  }

  #carry(from: 0 | 1, bytes: Uint8Array, size: number): void {
    this.tell(from === 0 ? 1 : 0, { kind: 'bytes-received', link: LINK, bytes });
    this.tell(from, { kind: 'bytes-sent', link: LINK, bytes: size });
  }
}

/** Bytes of heap and buffers that one open, silent link costs a machine. */
async function idleLinkBytes(): Promise<number> {
  const random = seededRandom(2);
  const share = new SyntheticShare(IDLE_PIECES * PIECE_BYTES, PIECE_BYTES, random);
  const owned = [0, 1, 2];
  const bits = Bitfield.of(IDLE_PIECES, owned).toBytes();
  const makeEngine = (): Engine => {
    const own = `f${hexId(random).slice(1)}` as PeerId;
    return new Engine({ own, infoHash: share.infoHash, manifest: share.manifest, owned, random });
  };
  const openAll = (engine: Engine): void => {
    for (let link = 1; link <= IDLE_LINKS; link++) open(engine, share, linkId(link), bits, hexId(random));
  };
  // Once to compile what will run.
  openAll(makeEngine());
  const engines = Array.from({ length: IDLE_ENGINES }, makeEngine);
  const before = await usedBytes();
  engines.forEach(openAll);
  const after = await usedBytes();
  // Used once more, so that nothing of it is collected earlier.
  engines.forEach((engine) => engine.handle({ kind: 'time-passed' }, 0));
  return (after - before) / (IDLE_ENGINES * IDLE_LINKS);
}

/** What is in use after everything that nobody needs was collected. */
async function usedBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 3; round++) {
    collect();
    // Buffers are given back between two tasks.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function open(engine: Engine, share: SyntheticShare, link: LinkId, bits: Uint8Array, id: string): void {
  const peer = `0${id.slice(1)}` as PeerId;
  engine.handle({ kind: 'link-opened', link, role: 'acceptor', expected: null }, 0);
  const frames = [
    encodeHandshake(peer, share.infoHash),
    encodeFrame({ kind: 'capability' }),
    encodeFrame({ kind: 'bitfield', bits }),
  ];
  for (const bytes of frames) engine.handle({ kind: 'bytes-received', link, bytes }, 0);
}
