/**
 * Bytes of pieces that moved and are not written down yet: of each share for its history ([LB11]), and of each day
 * ([LB13]). Counts alone; called for every block.
 */
import type { InfoHash } from '../ids.ts';
import { dayOf } from './activity-store.ts';
import type { DayTraffic } from './activity-store.ts';
import type { MovedBytes } from './history-book.ts';
import { MOVING_GAP_MS } from './limits.ts';

interface Flow {
  bytes: number;
  ms: number;
  /** When it moved last, or was to begin, on the clock that never goes back. */
  at: number;
}

type Counted = { -readonly [Figure in keyof DayTraffic]: DayTraffic[Figure] };

interface ShareFlows {
  readonly down: Flow;
  readonly up: Flow;
}

type Direction = keyof ShareFlows;

export class Flows {
  readonly #shares = new Map<InfoHash, ShareFlows>();
  readonly #moved = new Set<InfoHash>();
  #days = new Map<number, Counted>();

  /** From now on it is waited for. */
  begun(infoHash: InfoHash, direction: Direction, now: number): void {
    this.#of(infoHash)[direction].at = now;
  }

  moved(infoHash: InfoHash, direction: Direction, bytes: number, today: number, now: number): void {
    const flow = this.#of(infoHash)[direction];
    if (now - flow.at <= MOVING_GAP_MS) flow.ms += now - flow.at;
    flow.at = now;
    flow.bytes += bytes;
    this.#moved.add(infoHash);
    const day = dayOf(today);
    const counted = this.#days.get(day) ?? { day, down: 0, up: 0 };
    counted[direction] += bytes;
    this.#days.set(day, counted);
  }

  /** All of it moved within so many ms. */
  took(infoHash: InfoHash, direction: Direction, ms: number): void {
    this.#of(infoHash)[direction].ms += ms;
  }

  /** What moved since it was taken last. */
  *takeShares(): Generator<readonly [InfoHash, MovedBytes]> {
    for (const infoHash of this.#moved) {
      const { down, up } = this.#of(infoHash);
      const ms = { receiving: down.ms, sharing: up.ms };
      yield [infoHash, { received: down.bytes, sent: up.bytes, ms }];
      for (const flow of [down, up]) Object.assign(flow, { bytes: 0, ms: 0 });
    }
    this.#moved.clear();
  }

  get hasDays(): boolean {
    return this.#days.size > 0;
  }

  /** The present day last. */
  takeDays(): DayTraffic[] {
    const days = [...this.#days.values()];
    this.#days = new Map();
    return days;
  }

  /** They could not be written. */
  putBack(days: readonly DayTraffic[]): void {
    const later = this.takeDays();
    for (const { day, down, up } of [...days, ...later]) {
      const before = this.#days.get(day) ?? { down: 0, up: 0 };
      this.#days.set(day, { day, down: before.down + down, up: before.up + up });
    }
  }

  gone(infoHash: InfoHash): void {
    this.#shares.delete(infoHash);
    this.#moved.delete(infoHash);
  }

  forget(): void {
    this.#shares.clear();
    this.#moved.clear();
    this.#days.clear();
  }

  #of(infoHash: InfoHash): ShareFlows {
    const known = this.#shares.get(infoHash);
    if (known !== undefined) return known;
    const flows = { down: { bytes: 0, ms: 0, at: -Infinity }, up: { bytes: 0, ms: 0, at: -Infinity } };
    this.#shares.set(infoHash, flows);
    return flows;
  }
}
