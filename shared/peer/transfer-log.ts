/**
 * [LB12] Pieces that came and went and are not written down yet: what came from one peer of one piece is one row, and so
 * are the blocks of one piece that one peer was sent. Bounded: of more than the log keeps the oldest are forgotten.
 * Knows no store.
 */
import type { InfoHash, PeerId } from '../ids.ts';
import type { TransferRow } from './activity-store.ts';
import { MOST_LOGGED_ROWS, SHORT_ID_DIGITS } from './limits.ts';

interface Noted {
  row: TransferRow;
  /** When its last byte moved, on the clock that never goes back. */
  movedAt: number;
  /** Since rows were taken last. */
  moved: boolean;
}

export interface Moved {
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly peer: PeerId;
  readonly piece: number;
  readonly bytes: number;
}

export class TransferLog {
  #done: Noted[] = [];
  /** Of which another block may follow. */
  readonly #sending = new Map<string, Noted>();

  get isEmpty(): boolean {
    return this.#done.length + this.#sending.size === 0;
  }

  /** `at`: ms since 1970; `now`: on the clock that never goes back. */
  came({ peer, ...moved }: Moved, isRight: boolean, at: number, now: number): void {
    const row = { ...moved, at, direction: 'down', peer: shortId(peer), isRight } as const;
    this.#end({ row, movedAt: now, moved: true });
  }

  sent({ infoHash, name, peer, piece, bytes }: Moved, at: number, now: number): void {
    const key = `${infoHash}/${peer}/${piece}`;
    const before = this.#sending.get(key);
    if (before !== undefined) {
      before.row = { ...before.row, at, bytes: before.row.bytes + bytes };
      before.movedAt = now;
      before.moved = true;
      return;
    }
    const up = { at, direction: 'up', peer: shortId(peer), isRight: true } as const;
    const row = { ...up, infoHash, name, piece, bytes };
    this.#sending.set(key, { row, movedAt: now, moved: true });
    if (this.#sending.size > MOST_LOGGED_ROWS) this.#endOldest();
  }

  /** What is to be written now, the earliest first. Unless it is the `last` time, what is just being sent waits. */
  take(last: boolean): TransferRow[] {
    for (const [key, noted] of this.#sending) {
      if (last || !noted.moved) {
        this.#sending.delete(key);
        this.#end(noted);
      }
      noted.moved = false;
    }
    const taken = this.#done.sort((one, other) => one.movedAt - other.movedAt).slice(-MOST_LOGGED_ROWS);
    this.#done = [];
    return taken.map(({ row }) => row);
  }

  forget(): void {
    this.#done = [];
    this.#sending.clear();
  }

  #end(noted: Noted): void {
    this.#done.push(noted);
    if (this.#done.length >= 2 * MOST_LOGGED_ROWS) this.#done.splice(0, MOST_LOGGED_ROWS);
  }

  #endOldest(): void {
    for (const [key, noted] of this.#sending) {
      this.#sending.delete(key);
      return this.#end(noted);
    }
  }
}

function shortId(peer: PeerId): string {
  return peer.slice(0, SHORT_ID_DIGITS);
}
