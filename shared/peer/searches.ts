/**
 * Searches of the directory of public shares ([PN13]): asks the tracker, and finds out which answer is whose. Owns every
 * search until it is settled, and those that were sent until their answer has come. Knows no share and no socket.
 */
import { DEFAULT_SEARCH_RESULTS, MAX_QUERY_LENGTH, MAX_SEARCH_RESULTS } from '../tracker/limits.ts';
import type { Search, ServerMessage } from '../tracker/messages.ts';
import { MOST_SEARCHES, SEARCH_PATIENCE_MS } from './limits.ts';
import type { Clock } from './ports.ts';
import type { DirectoryTracker } from './tracker-client.ts';
import type { SearchOutcome, SearchRequest, WhyNoSearch } from './verbs.ts';

interface Asked {
  readonly message: Search;
  sent: boolean;
  /** Null: it has been settled, and waits for the tracker's answer alone. */
  settle: ((outcome: SearchOutcome) => void) | null;
}

/** What is asked for when this was typed: one line, not longer than the tracker takes, not cut inside a character. */
export function queryOf(typed: string): string {
  const line = typed.replace(/[\t-\r\u2028\u2029]+/g, ' ').trim(); // no name has a second one
  return line.slice(0, MAX_QUERY_LENGTH).replace(/[\ud800-\udbff]$/, '');
}

export class Searches {
  readonly #clock: Clock;
  readonly #tracker: DirectoryTracker;
  /** In the order in which they were asked, which is that of the answers ([TR1]). */
  #asked: Asked[] = [];

  constructor(clock: Clock, tracker: DirectoryTracker) {
    this.#clock = clock;
    this.#tracker = tracker;
  }

  /** Always settles. */
  search({ query, offset = 0, limit = DEFAULT_SEARCH_RESULTS }: SearchRequest): Promise<SearchOutcome> {
    if (!isCount(offset) || !isCount(limit)) return Promise.resolve(failed('refused'));
    if (this.#tracker.isLost) return Promise.resolve(failed('away'));
    const message: Search = {
      type: 'search',
      query: queryOf(query),
      offset,
      limit: Math.min(limit, MAX_SEARCH_RESULTS),
    };
    return new Promise((resolve) => {
      const cancel = this.#clock.after(SEARCH_PATIENCE_MS, () =>
        this.#settle(asked, failed(asked.sent ? 'silent' : 'away')),
      );
      const asked: Asked = {
        message,
        sent: false,
        settle: (outcome) => {
          cancel();
          resolve(outcome);
        },
      };
      this.#asked.push(asked);
      this.#supersede();
      this.#send(asked);
    });
  }

  /** The tracker can be asked (again). */
  opened(): void {
    for (const asked of this.#asked) if (!asked.sent) this.#send(asked);
  }

  lost(): void {
    const all = this.#asked;
    this.#asked = [];
    for (const { settle } of all) settle?.(failed('away'));
  }

  answered({ query, total, results }: ServerMessage & { type: 'results' }): void {
    const at = this.#asked.findIndex(({ sent, message }) => sent && message.query === query);
    if (at < 0) return;
    const [answered, ...passedOver] = this.#asked.splice(0, at + 1).reverse();
    answered?.settle?.({ kind: 'found', total, results });
    // Answers come in order: theirs was something that is none.
    for (const { settle } of passedOver) settle?.(failed('silent'));
  }

  /** The oldest of those that were sent is. */
  refused(code: string): void {
    const [oldest] = this.#asked;
    if (oldest?.sent !== true) return;
    this.#asked.shift();
    oldest.settle?.(failed(whyOf(code)));
  }

  #send(asked: Asked): void {
    asked.sent = this.#tracker.ask(asked.message);
  }

  #settle(asked: Asked, outcome: SearchOutcome): void {
    asked.settle?.(outcome);
    asked.settle = null;
    // Of one that was sent the answer may still come, and is nobody else's; for ever nobody waits for it.
    const givenUp = this.#asked.filter((other) => other.sent && other.settle === null);
    const lost = new Set(givenUp.slice(0, -MOST_SEARCHES));
    this.#asked = this.#asked.filter((other) => !lost.has(other) && (other.sent || other !== asked));
  }

  #supersede(): void {
    const open = this.#asked.filter(({ settle }) => settle !== null);
    for (const oldest of open.slice(0, -MOST_SEARCHES)) this.#settle(oldest, failed('superseded'));
  }
}

function failed(why: WhyNoSearch): SearchOutcome {
  return { kind: 'not-searched', why };
}

function whyOf(code: string): WhyNoSearch {
  if (code === 'rate-limited') return 'too-often';
  return code === 'directory-off' ? 'off' : 'refused';
}

function isCount(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}
