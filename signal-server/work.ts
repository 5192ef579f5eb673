/**
 * What costs more to answer than to ask: it is paid for by its cost, from one budget of the address it comes from
 * ([SV5]), and waits for its turn, so that nobody else's messages wait for it ([SV4]). Knows addresses and points, no
 * socket and no answer.
 *
 * Owner of the bounds: in one turn no more is begun than `POINTS_PER_TURN` (and the one that exceeds them), one address
 * after the other, and the next turn comes `TURN_MS` later: more than half of the processor is everybody else's.
 */
import type { ClientMessage } from '../shared/tracker/messages.ts';
import { MAX_LOOKS } from './name-index.ts';
import { Turns } from './turns.ts';

/** A point is about 20 microseconds of the processor. */
const POINTS_PER_TURN = 100;
const TURN_MS = 5;
/** A search looks at up to `MAX_LOOKS` names, whatever it finds; each result that it shows is counted and written. */
const SEARCH_POINTS = 50;
/** To show a page far behind, all before it are put in order. */
const OFFSETS_PER_POINT = 40;
const SCRAPE_POINTS = 2;
/** To refuse costs as well, and a thousand refusals in a row would be a standstill. */
const REFUSAL_POINTS = 5;

export function scrapePoints(swarms: number): number {
  return SCRAPE_POINTS + swarms;
}

/** 0: no more than any other message. */
export function pointsOf(message: ClientMessage): number {
  if (message.type === 'search') {
    return SEARCH_POINTS + message.limit + Math.ceil(Math.min(message.offset, MAX_LOOKS) / OFFSETS_PER_POINT);
  }
  return message.type === 'scrape' ? scrapePoints(message.swarms.length) : 0;
}

export interface Work {
  /** Settles when the work may begin, or be refused (false): this address has had its share. */
  pay(addressKey: string, points: number): Promise<boolean>;
}

export class PaidWork implements Work {
  readonly #spend: (addressKey: string, points: number) => Promise<boolean>;
  readonly #turns: Turns;

  /** `nextTurn` runs a task when the next turn comes: by the server's timers, or when a test says so. */
  constructor(
    spend: (addressKey: string, points: number) => Promise<boolean>,
    nextTurn: (task: () => void) => void = (task) => void setTimeout(task, TURN_MS),
  ) {
    this.#spend = spend;
    this.#turns = new Turns(POINTS_PER_TURN, nextTurn);
  }

  async pay(addressKey: string, points: number): Promise<boolean> {
    const paid = await this.#spend(addressKey, points);
    await this.#turns.of(addressKey, paid ? points : REFUSAL_POINTS);
    return paid;
  }
}
