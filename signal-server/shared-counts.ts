/**
 * The counts of swarms that several instances share: asked for a few at a time, and remembered. Knows swarms, counts
 * and whom to ask, no Redis.
 *
 * Owner of the bounds: at most `MAX_ASKED` questions are under way, so that an announce never stands in line behind
 * more than those; what waits and what is remembered has an end as well.
 */
import type { SwarmId } from '../shared/ids.ts';
import type { SwarmCounts } from '../shared/tracker/messages.ts';
import type { Clock } from './swarms.ts';

/** Questions under way at once. */
export const MAX_ASKED = 32;
/** Questions that wait; of more, what was last heard is told. */
export const MAX_WAITING = 20_000;
/** Milliseconds for which an answer is as good as a new one. */
export const FRESH_MS = 1_000;
/** Swarms whose counts are remembered; of more, those heard of longest ago are forgotten. */
export const MAX_KNOWN = 60_000;

interface Known {
  readonly counts: SwarmCounts;
  readonly heardAt: number;
}

export class SharedCounts {
  readonly #ask: (swarm: SwarmId) => Promise<SwarmCounts | null>;
  readonly #clock: Clock;
  /** Heard of longest ago first. */
  readonly #known = new Map<SwarmId, Known>();
  /** Under way or waiting: who asks for the same gets the same answer. */
  readonly #asked = new Map<SwarmId, Promise<SwarmCounts | null>>();
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;

  /** `ask` never rejects; null: nobody says. */
  constructor(ask: (swarm: SwarmId) => Promise<SwarmCounts | null>, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** Somebody else was told: that is as good as asking. */
  heard(swarm: SwarmId, counts: SwarmCounts): void {
    this.#known.delete(swarm);
    this.#known.set(swarm, { counts, heardAt: this.#clock() });
    if (this.#known.size <= MAX_KNOWN) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      break;
    }
  }

  /** What was last heard, however long ago. */
  last(swarm: SwarmId): SwarmCounts | null {
    return this.#known.get(swarm)?.counts ?? null;
  }

  async of(swarm: SwarmId): Promise<SwarmCounts | null> {
    const known = this.#known.get(swarm);
    if (known && this.#clock() - known.heardAt < FRESH_MS) return known.counts;
    const asked = this.#asked.get(swarm);
    if (asked) return asked;
    if (this.#waiting.length >= MAX_WAITING) return known?.counts ?? null;
    const answer = this.#askInTurn(swarm);
    this.#asked.set(swarm, answer);
    return answer;
  }

  async #askInTurn(swarm: SwarmId): Promise<SwarmCounts | null> {
    if (this.#underWay < MAX_ASKED) this.#underWay += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const counts = await this.#ask(swarm);
    this.#asked.delete(swarm);
    if (counts) this.heard(swarm, counts);
    // The next one takes the place of this one.
    const next = this.#waiting.shift();
    if (next) next();
    else this.#underWay -= 1;
    return counts;
  }
}
