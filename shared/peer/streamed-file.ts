/**
 * [WS25] A file whose server sends only the whole of it, or does not say how much that is: loaded as one stream, one part
 * behind the other, and stored in pieces as it comes. Knows no swarm: who loads it this way has it alone until it is a share.
 */
import type { RangeTrouble } from '../engine/io.ts';
import { pieceSizeFor } from '../geometry.ts';
import type { InfoHash } from '../ids.ts';
import { TARGET_MAX_PIECES, TORRENTINNO_MAX_PIECE_BYTES } from '../limits.ts';
import type { ManifestPiece } from '../manifest/manifest.ts';
import { sha256Hex } from './digests.ts';
import type { PieceStore } from './piece-store.ts';
import type { Digest, UrlStream, WholeDigest } from './ports.ts';

export interface StreamProgress {
  readonly receivedBytes: number;
  /** Null: the server does not say. */
  readonly totalBytes: number | null;
}

export type StreamOutcome =
  | { kind: 'streamed'; pieces: ManifestPiece[] }
  | { kind: 'failed'; why: RangeTrouble | 'too-large' | 'no-room' | 'other-file' }
  | { kind: 'cancelled' };

export interface StreamRequest {
  readonly url: string;
  /** As which its pieces are stored. */
  readonly infoHash: InfoHash;
  /** Bytes; null: the server does not say. */
  readonly size: number | null;
  /** [WS26] What it must be as a whole, in lowercase hex; null: nobody knows. */
  readonly sha256: string | null;
  readonly progressed: (progress: StreamProgress) => void;
  readonly isCancelled: () => boolean;
}

interface StreamPorts {
  readonly store: PieceStore;
  readonly digest: Digest;
  readonly wholeDigest: () => WholeDigest;
  readonly urlStream: UrlStream;
}

/** Never rejects because of the world. */
export async function streamedFile(request: StreamRequest, ports: StreamPorts): Promise<StreamOutcome> {
  const pieceBytes = request.size === null ? TORRENTINNO_MAX_PIECE_BYTES : pieceSizeFor(request.size, null);
  if (pieceBytes === null) return { kind: 'failed', why: 'too-large' };
  const opened = await ports.urlStream.open(request.url);
  if (opened.kind === 'failed') return opened;
  const pieces = new StoredPieces(request, pieceBytes, ports);
  try {
    for (;;) {
      if (request.isCancelled()) return { kind: 'cancelled' };
      const part = await opened.stream.next();
      if (part.kind === 'failed') return part;
      const why = part.kind === 'end' ? await pieces.end() : await pieces.came(part.bytes);
      if (why !== null) return { kind: 'failed', why };
      if (part.kind === 'end') return { kind: 'streamed', pieces: pieces.all };
    }
  } finally {
    opened.stream.close();
  }
}

type Why = 'too-large' | 'no-room' | 'cut-short' | 'other-file' | null;

/** Pieces of one size, but for the last, put together of what comes. */
class StoredPieces {
  readonly all: ManifestPiece[] = [];
  readonly #request: StreamRequest;
  readonly #ports: StreamPorts;
  /** Null: there is nothing to compare it with. */
  readonly #whole: WholeDigest | null;
  #piece: Uint8Array<ArrayBuffer>;
  #filled = 0;
  #received = 0;

  constructor(request: StreamRequest, pieceBytes: number, ports: StreamPorts) {
    this.#request = request;
    this.#ports = ports;
    this.#whole = request.sha256 === null ? null : ports.wholeDigest();
    this.#piece = new Uint8Array(pieceBytes);
  }

  async came(bytes: Uint8Array): Promise<Why> {
    const { size, progressed } = this.#request;
    this.#received += bytes.length;
    if (size !== null && this.#received > size) return 'too-large';
    this.#whole?.update(bytes);
    for (let read = 0; read < bytes.length;) {
      const some = bytes.subarray(read, read + this.#piece.length - this.#filled);
      this.#piece.set(some, this.#filled);
      this.#filled += some.length;
      read += some.length;
      const why = this.#filled < this.#piece.length ? null : await this.#store();
      if (why !== null) return why;
    }
    progressed({ receivedBytes: this.#received, totalBytes: size });
    return null;
  }

  async end(): Promise<Why> {
    const { size, sha256 } = this.#request;
    if (size !== null && this.#received < size) return 'cut-short';
    if (this.#whole !== null && this.#whole.hex() !== sha256) return 'other-file';
    return this.#filled === 0 ? null : this.#store();
  }

  async #store(): Promise<Why> {
    if (this.all.length >= TARGET_MAX_PIECES) return 'too-large';
    const { store, digest } = this.#ports;
    const bytes = this.#piece.slice(0, this.#filled);
    const [sha256, piece] = [await sha256Hex(digest, bytes), this.all.length];
    this.#filled = 0;
    this.all.push({ sha256, size: bytes.length });
    const put = await store.putPieces(this.#request.infoHash, [{ piece, sha256, bytes }]);
    return put.kind === 'stored' ? null : 'no-room';
  }
}
