/**
 * [LB7] Gives a share the pieces whose content the store has already, whatever share it came with. Content is read and
 * hashed before it counts: its bytes may have changed since they were stored, and then nobody has them any more. Pieces
 * that are verified while a transaction is under way go into the next one together. Knows no peers.
 */
import type { InfoHash } from '../ids.ts';
import { sha256Hex } from './digests.ts';
import { MAX_BATCH_PIECES } from './limits.ts';
import type { PieceContent, PieceStore } from './piece-store.ts';
import type { Digest } from './ports.ts';

export interface LookedUp {
  readonly found: number[];
  readonly absent: number[];
}

/** Content that is to be given to pieces; `bytes` is how many it has. */
export interface Content {
  readonly sha256: string;
  readonly bytes: number;
  readonly pieces: readonly number[];
}

/** `refused`: the content is intact, but the store has no room even for what says whose it is. */
export type Adopting = { kind: 'adopted'; pieces: number[] } | { kind: 'refused' };

interface Waiting {
  readonly content: Content;
  readonly answer: (outcome: Adopting) => void;
  readonly fail: (fault: unknown) => void;
}

export class Adopter {
  readonly #store: PieceStore;
  readonly #digest: Digest;
  readonly #infoHash: InfoHash;
  #waiting: Waiting[] = [];
  #writing = false;
  #closed = false;

  constructor(store: PieceStore, digest: Digest, infoHash: InfoHash) {
    this.#store = store;
    this.#digest = digest;
    this.#infoHash = infoHash;
  }

  async lookUp(pieces: readonly PieceContent[]): Promise<LookedUp> {
    const isFound = await this.#store.found(pieces.map(({ sha256 }) => sha256));
    const [found, absent]: [number[], number[]] = [[], []];
    pieces.forEach(({ piece }, at) => (isFound[at] === true ? found : absent).push(piece));
    return { found, absent };
  }

  /** Answers the pieces that the share has now. Rejects only by a fault of ours. */
  async adopt(content: Content): Promise<Adopting> {
    if (!(await this.#isIntact(content)) || this.#closed) return { kind: 'adopted', pieces: [] };
    return new Promise((answer, fail) => {
      this.#waiting.push({ content, answer, fail });
      if (!this.#writing) void this.#writeAll();
    });
  }

  /** Nothing of the share is written any more; what waits is not answered. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
  }

  async #isIntact({ sha256, bytes }: Content): Promise<boolean> {
    const read = await this.#store.pieceBySha256(sha256);
    if (read === null) return false;
    if ((await sha256Hex(this.#digest, read)) === sha256) return read.length === bytes;
    await this.#store.dropContent([sha256]);
    return false;
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH_PIECES);
      try {
        const adopted = await this.#write(batch.map(({ content }) => content));
        for (const { content, answer } of batch) answer(outcomeOf(content, adopted));
      } catch (fault) {
        for (const { fail } of batch) fail(fault);
      }
    }
    this.#writing = false;
  }

  /**
   * Null: there is no room. A store that fails otherwise has adopted nothing: it says what is wrong when what peers send
   * instead is to be stored.
   */
  async #write(contents: readonly Content[]): Promise<ReadonlySet<number> | null> {
    const pieces = contents.flatMap(({ sha256, pieces: all }) => all.map((piece) => ({ piece, sha256 })));
    const outcome = await this.#store.adopt(this.#infoHash, pieces);
    if (outcome.kind === 'failed' && outcome.why === 'quota') return null;
    return new Set(outcome.kind === 'adopted' ? outcome.adopted : []);
  }
}

function outcomeOf({ pieces }: Content, adopted: ReadonlySet<number> | null): Adopting {
  if (adopted === null) return { kind: 'refused' };
  return { kind: 'adopted', pieces: pieces.filter((piece) => adopted.has(piece)) };
}
