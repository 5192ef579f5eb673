/**
 * [SA16] [SA17] Files that are saved while they come, by the id of the save: how much of each is stored, as its page tells. The
 * page holds a lock as long as it does; who gets that lock knows that nobody tells any more, whatever became of the page.
 * Knows no streams and no storage.
 */
import { nameOnOrigin } from '../worker/base-path.ts';
import { comingLock } from '../worker/saving/save-messages.ts';
import type { SaveTarget, StoredSoFar } from '../worker/saving/save-messages.ts';
import type { PiecesComing } from '../worker/saving/share-reader.ts';

/** Its pieces come no more, as far as anybody here is told. */
class ComesNoMore extends Error {
  override name = 'ComesNoMore';
}

/** How much of one file is stored: all of its pieces before one of them. */
export class StoredFront implements PiecesComing {
  #before = 0;
  #isOver = false;
  readonly #waiting = new Set<() => void>();
  #over: () => void = () => undefined;
  /** Nobody tells any more. */
  readonly #isLeft = new Promise<void>((resolve) => (this.#over = resolve));
  readonly breaksOff = this.#isLeft.then(() =>
    this.isWhole ? new Promise<void>(() => undefined) : undefined,
  );
  #becameWhole: () => void = () => undefined;

  get isWhole(): boolean {
    return this.#before === Infinity;
  }

  has(piece: number): boolean {
    return piece < this.#before;
  }

  async reaches(piece: number): Promise<void> {
    while (!this.has(piece)) {
      if (this.#isOver) throw new ComesNoMore(`nobody tells of piece ${piece} any more`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** `becameWhole` is called once, when all of it is stored. */
  onWhole(becameWhole: () => void): void {
    if (this.isWhole) becameWhole();
    else this.#becameWhole = becameWhole;
  }

  /** It never goes back: what was stored and is gone is a missing piece ([SA3]). */
  stored(soFar: StoredSoFar): void {
    if (this.isWhole) return;
    this.#before = Math.max(this.#before, soFar === 'all' ? Infinity : soFar);
    if (this.isWhole) this.#becameWhole();
    this.#wake();
  }

  /** Whether nobody tells any more, or will not in so many ms. */
  isLeftWithin(ms: number): Promise<boolean> {
    const stays = new Promise<boolean>((resolve) => void setTimeout(resolve, ms, false));
    return Promise.race([this.#isLeft.then(() => true), stays]);
  }

  end(): void {
    this.#isOver = true;
    this.#over();
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

interface Coming {
  readonly front: StoredFront;
  readonly waiting: AbortController;
}

export class ComingSaves {
  readonly #coming = new Map<string, Coming>();
  readonly #locks: LockManager;
  readonly #basePath: string;
  readonly #isAllStored: (target: SaveTarget) => Promise<boolean>;

  constructor(locks: LockManager, basePath: string, isAllStored: (target: SaveTarget) => Promise<boolean>) {
    [this.#locks, this.#basePath, this.#isAllStored] = [locks, basePath, isAllStored];
  }

  /** The page has its lock. */
  begin(id: string, target: SaveTarget): void {
    const coming: Coming = { front: new StoredFront(), waiting: new AbortController() };
    this.#coming.set(id, coming);
    const name = nameOnOrigin(this.#basePath, comingLock(target));
    this.#locks
      .request(name, { signal: coming.waiting.signal }, () => void this.#pageLeft(target, coming))
      .catch(() => undefined); // it is over, and nobody waits any more
  }

  /** Null: it is saved from what is stored already. */
  frontOf(id: string): StoredFront | null {
    return this.#coming.get(id)?.front ?? null;
  }

  over(id: string): void {
    const coming = this.#coming.get(id);
    this.#coming.delete(id);
    coming?.waiting.abort();
    coming?.front.end();
  }

  /** Its last word may not have come; what is all there needs nobody. */
  async #pageLeft(target: SaveTarget, { front }: Coming): Promise<void> {
    if (!front.isWhole && (await this.#isAllStored(target))) front.stored('all');
    front.end();
  }
}
