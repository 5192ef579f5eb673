/**
 * A share of the processor that is given out turn by turn: in one turn no more is begun than its points (and the one
 * that exceeds them), one address after the other; what is more waits ([SV4] [SV5]). Knows addresses and points, not
 * what is done with them.
 */

interface Waiting {
  readonly points: number;
  readonly begin: () => void;
}

export class Turns {
  readonly #pointsPerTurn: number;
  readonly #nextTurn: (task: () => void) => void;
  /** Who waits, by address, in the order in which their turns come. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #freePerAddress: number;
  /** What was begun at once in this turn, by address. */
  readonly #begun = new Map<string, number>();
  #left: number;
  #turning = false;

  /**
   * `nextTurn` runs a task when the next turn comes: by the server's timers, or when a test says so. `freePerAddress`:
   * points that each address has in a turn whatever the others do.
   */
  constructor(pointsPerTurn: number, nextTurn: (task: () => void) => void, freePerAddress = 0) {
    this.#pointsPerTurn = pointsPerTurn;
    this.#freePerAddress = freePerAddress;
    this.#left = pointsPerTurn;
    this.#nextTurn = nextTurn;
  }

  /** Whether something may begin at once: then it is to be charged. */
  isFree(addressKey: string): boolean {
    if (this.#waiting.size === 0 && this.#left > 0) return true;
    return (this.#begun.get(addressKey) ?? 0) < this.#freePerAddress && !this.#waiting.has(addressKey);
  }

  charge(addressKey: string, points: number): void {
    this.#renewLater();
    this.#left -= points;
    if (this.#freePerAddress > 0) this.#begun.set(addressKey, (this.#begun.get(addressKey) ?? 0) + points);
  }

  /** Settles when it may begin; nothing: at once. */
  of(addressKey: string, points: number): Promise<void> | void {
    if (this.isFree(addressKey)) return this.charge(addressKey, points);
    this.#renewLater();
    return new Promise((begin) => {
      const queue = this.#waiting.get(addressKey);
      if (queue) queue.push({ points, begin });
      else this.#waiting.set(addressKey, [{ points, begin }]);
    });
  }

  #renewLater(): void {
    if (this.#turning) return;
    this.#turning = true;
    this.#nextTurn(() => this.#turn());
  }

  #turn(): void {
    this.#turning = false;
    this.#left = this.#pointsPerTurn;
    this.#begun.clear();
    while (this.#left > 0 && this.#waiting.size > 0) {
      for (const [addressKey, queue] of this.#waiting) {
        this.#beginOne(addressKey, queue);
        break;
      }
    }
    if (this.#left < this.#pointsPerTurn) this.#renewLater();
  }

  /** The address goes to the end of the line. */
  #beginOne(addressKey: string, queue: Waiting[]): void {
    const next = queue.shift();
    this.#waiting.delete(addressKey);
    if (queue.length > 0) this.#waiting.set(addressKey, queue);
    if (!next) return;
    this.#left -= next.points;
    next.begin();
  }
}
