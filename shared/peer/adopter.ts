/**
 * [LB7] Gives a share the pieces whose content the store has already, whatever share it came with. Content is read and
 * hashed before it counts: its bytes may have changed since they were stored, and then nobody has them any more. What is
 * asked for while others are read or written goes together next. Knows no peers.
 */
import type { InfoHash } from '../ids.ts';
import { sha256Hex } from './digests.ts';
import { MAX_BATCH_PIECES, READ_AT_ONCE, READ_TOGETHER_BYTES } from './limits.ts';
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
  /** Content that nobody has read yet. */
  #unread: Waiting[] = [];
  #reads = 0;
  /** Intact content that is not the share's yet. */
  #waiting: Waiting[] = [];
  #writing = false;
  #written: Promise<void> = Promise.resolve();
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
  adopt(content: Content): Promise<Adopting> {
    return new Promise((answer, fail) => {
      this.#unread.push({ content, answer, fail });
      // Who asks for one asks for others in the same turn.
      void Promise.resolve().then(() => this.#readMore());
    });
  }

  /** Nothing more of the share is written; what waits is not answered. Settles when nothing is under way. */
  close(): Promise<void> {
    this.#closed = true;
    this.#unread = [];
    this.#waiting = [];
    return this.#written;
  }

  #readMore(): void {
    while (this.#reads < READ_AT_ONCE && this.#unread.length > 0) {
      this.#reads += 1;
      const batch = this.#unread.splice(0, readTogether(this.#unread));
      this.#readAll(batch)
        .catch((fault: unknown) => {
          for (const { fail } of batch) fail(fault);
        })
        .finally(() => {
          this.#reads -= 1;
          this.#readMore();
        });
    }
  }

  async #readAll(batch: readonly Waiting[]): Promise<void> {
    const contents = await this.#store.contents(batch.map(({ content }) => content));
    await Promise.all(
      batch.map(async (one, at) => {
        const isIntact = await this.#isIntact(one.content, contents[at] ?? null);
        if (isIntact && !this.#closed) this.#waiting.push(one);
        else one.answer({ kind: 'adopted', pieces: [] });
      }),
    );
    if (this.#writing) return;
    this.#writing = true;
    this.#written = this.#writeAll();
  }

  async #isIntact({ sha256, bytes }: Content, read: Uint8Array<ArrayBuffer> | null): Promise<boolean> {
    if (read === null) return false;
    if ((await sha256Hex(this.#digest, read)) === sha256) return read.length === bytes;
    await this.#store.dropContent([sha256]);
    return false;
  }

  async #writeAll(): Promise<void> {
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

/** How many of the first ones are read in one go: at least one. */
function readTogether(waiting: readonly Waiting[]): number {
  let bytes = 0;
  let count = 0;
  for (const { content } of waiting) {
    bytes += content.bytes;
    if (count > 0 && (bytes > READ_TOGETHER_BYTES || count >= MAX_BATCH_PIECES)) break;
    count += 1;
  }
  return count;
}

function outcomeOf({ pieces }: Content, adopted: ReadonlySet<number> | null): Adopting {
  if (adopted === null) return { kind: 'refused' };
  return { kind: 'adopted', pieces: pieces.filter((piece) => adopted.has(piece)) };
}
