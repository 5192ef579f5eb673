/**
 * A share without content ([SM3]): a real manifest whose digests are made up, and pieces whose bytes stand for
 * themselves by one mark a block. A right block begins with 0, a corrupt one does not; nothing else of a block is
 * ever written, so that a swarm of hundreds fits in memory. Buffers are used again once a piece is stored.
 */
import { Bitfield } from '../bitfield.ts';
import { pieceSizeFor, pieceSizes } from '../geometry.ts';
import { infoHash } from '../ids.ts';
import type { InfoHash } from '../ids.ts';
import { assert } from '../assert.ts';
import { BLOCK_GRID_BYTES, MAX_BLOCK_BYTES, PIECE_HEADER_BYTES } from '../limits.ts';
import { draftManifest } from '../manifest/draft.ts';
import { manifestPreimage } from '../manifest/resource.ts';
import { UNHASHED } from '../manifest/unhashed.ts';
import type { Manifest } from '../manifest/resource.ts';
import { encodePiece } from '../protocol/codec.ts';
import type { Random } from '../random.ts';
import type { SentBlock } from './traffic.ts';

/** 64 lowercase hex digits by chance: an id or a digest. */
export function hexId(random: Random): string {
  let text = '';
  for (let word = 0; word < 8; word++) text += random.uint32().toString(16).padStart(8, '0');
  return text;
}

/** A piece's buffer: of each write only the first byte is kept. */
class MarkedBytes extends Uint8Array<ArrayBuffer> {
  constructor(bytes: number) {
    super(new ArrayBuffer(bytes));
  }

  static get [Symbol.species](): Uint8ArrayConstructor {
    return Uint8Array;
  }

  override set(block: ArrayLike<number>, offset = 0): void {
    this[offset] = block[0] ?? 0;
  }
}

/** The buffer of every piece where nobody sends wrong bytes: nothing in it is ever anything but 0. */
class BlankBytes extends MarkedBytes {
  override set(block: ArrayLike<number>): void {
    assert(block[0] === 0, 'a share that cannot be corrupt is sent no wrong bytes');
  }
}

export class SyntheticShare {
  readonly manifest: Manifest;
  readonly infoHash: InfoHash;
  readonly #preimageBytes: number;
  readonly #corruptible: boolean;
  /** Buffers of stored pieces, by their length; where nothing can be corrupt, the one for all of them. */
  readonly #spare = new Map<number, Uint8Array<ArrayBuffer>[]>();
  readonly #right = new Uint8Array(MAX_BLOCK_BYTES);
  readonly #wrong = new Uint8Array(MAX_BLOCK_BYTES).fill(0xff);
  /** Frames that are written anew for every block, by the length of their data. */
  readonly #frames = new Map<number, readonly [right: Uint8Array, wrong: Uint8Array]>();

  /**
   * `pieceBytes` null: by the manifest's rule ([MF7]). Not `corruptible`: all pieces are one and the same buffer. Several
   * `files` are all of a size, but for the last.
   */
  constructor(
    totalBytes: number,
    pieceBytes: number | null,
    random: Random,
    { corruptible = true, files = 1 } = {},
  ) {
    this.#corruptible = corruptible;
    const size = pieceSizeFor(totalBytes, pieceBytes);
    assert(size !== null, 'a share of this size can be cut into pieces');
    this.manifest = {
      trackerIp: 'simulation.invalid',
      trackerPort: '0',
      comment: '',
      creationDate: '2026-01-01T00:00:00',
      name: 'simulated',
      pieces: pieceSizes(totalBytes, size).map((bytes) => ({ sha256: hexId(random), size: bytes })),
      files: [{ path: ['simulated'], size: totalBytes }],
      folders: [],
      urls: [],
      totalBytes,
      shoal: null,
    };
    if (files > 1) this.manifest = severalFiles(this.manifest, files);
    const id = infoHash(hexId(random));
    assert(id !== null, 'hexId makes ids');
    this.infoHash = id;
    this.#preimageBytes = manifestPreimage(this.manifest).length;
  }

  /** [WS20] As who knows nothing but a web address has it. */
  get unhashed(): Manifest {
    const pieces = this.manifest.pieces.map(({ size }) => ({ sha256: UNHASHED, size }));
    return { ...this.manifest, pieces, urls: [{ url: 'https://origin.invalid/simulated', file: 0 }] };
  }

  get pieceCount(): number {
    return this.manifest.pieces.length;
  }

  get totalBytes(): number {
    return this.manifest.totalBytes;
  }

  sizeOf(piece: number): number {
    return this.manifest.pieces[piece]?.size ?? 0;
  }

  /** Of the shoal key, where there is one: made up, as all digests are. */
  get shoalDigest(): string | null {
    return this.manifest.shoal?.digest ?? null;
  }

  /** Manifests of this simulation differ in length or not at all. */
  hashOfManifest(preimage: Uint8Array): string {
    return preimage.length === this.#preimageBytes ? this.infoHash : '0'.repeat(64);
  }

  allocate = (bytes: number): Uint8Array<ArrayBuffer> => {
    if (!this.#corruptible) return this.#blank(bytes);
    return this.#spare.get(bytes)?.pop() ?? new MarkedBytes(bytes);
  };

  /** The engine has let go of a stored piece's buffer. */
  recycle(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#corruptible) return;
    const spare = this.#spare.get(bytes.length);
    if (spare === undefined) this.#spare.set(bytes.length, [bytes]);
    else spare.push(bytes);
  }

  #blank(bytes: number): Uint8Array<ArrayBuffer> {
    let [blank] = this.#spare.get(bytes) ?? [];
    if (blank === undefined) {
      blank = new BlankBytes(bytes);
      this.#spare.set(bytes, [blank]);
    }
    return blank;
  }

  isRight(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; at += BLOCK_GRID_BYTES) if (bytes[at] !== 0) return false;
    return true;
  }

  hashOf(piece: number, bytes: Uint8Array): string {
    const right = this.manifest.pieces[piece]?.sha256 ?? '';
    return this.isRight(bytes) ? right : 'f'.repeat(64);
  }

  /** The block as a piece frame, good until the next call. */
  frameOf(block: SentBlock): Uint8Array {
    let frames = this.#frames.get(block.length);
    if (frames === undefined) {
      frames = [
        encodePiece(0, 0, this.#right.subarray(0, block.length)),
        encodePiece(0, 0, this.#wrong.subarray(0, block.length)),
      ];
      this.#frames.set(block.length, frames);
    }
    const frame = frames[block.corrupt ? 1 : 0];
    const view = new DataView(frame.buffer, frame.byteOffset, PIECE_HEADER_BYTES);
    view.setUint32(5, block.piece);
    view.setUint32(9, block.offset);
    return frame;
  }

  nothing(): Bitfield {
    return Bitfield.empty(this.pieceCount);
  }

  /** The bits of a bitfield that names every piece. */
  everything(): Uint8Array {
    return Bitfield.full(this.pieceCount).toBytes();
  }
}

/** The same with a list of files, which stands in the shoal key. */
function severalFiles(single: Manifest, count: number): Manifest {
  const { totalBytes, name } = single;
  const least = Math.floor(totalBytes / count);
  const files = Array.from({ length: count }, (_, nth) => ({
    path: [name, `${nth}`],
    size: nth === count - 1 ? totalBytes - least * (count - 1) : least,
  }));
  const draft = draftManifest({
    ...{ name, comment: '', trackerHost: single.trackerIp, trackerPort: single.trackerPort, createdAt: 0 },
    ...{ files, pieces: single.pieces, salt: null },
  });
  return draft.finish('A'.repeat(43));
}
