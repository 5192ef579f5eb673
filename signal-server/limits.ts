/**
 * How much one socket and one address may ask of the server ([SV5]). Counts in fixed windows, in memory: messages, of
 * which ten thousands come in a second, by `spending.ts`, which answers at once; all else with rate-limiter-flexible
 * (imported here alone). The defaults let a class of forty behind one address share a file with each other; an operator
 * scales them with `RATE_LIMIT`.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ClientMessage } from '../shared/tracker/messages.ts';
import { Spending } from './spending.ts';
import type { Clock } from './swarms.ts';
import { tally } from './tally.ts';
import type { MaybePromise } from './when-ready.ts';

export type Kind = 'announces' | 'signals' | 'proofs' | 'others' | 'bytes';

/** Null: a frame that is no message. */
export function kindOf(message: Pick<ClientMessage, 'type'> | null): Kind {
  if (message?.type === 'announce') return 'announces';
  if (message?.type === 'prove') return 'proofs';
  return message?.type === 'signal' ? 'signals' : 'others';
}

export interface Budget {
  readonly announces: number;
  readonly signals: number;
  /** Each costs a verification: a page sends one for each of its sockets. */
  readonly proofs: number;
  /** Every other message, and every frame that is none. */
  readonly others: number;
  readonly bytes: number;
}

/** Seconds in which a budget may be spent. */
export const WINDOW_S = 30;
/** A socket announces 500 members every 25 to 30 s; one transfer between two pages takes 10 to 40 signals. */
export const SOCKET_BUDGET: Budget = {
  announces: 1_000,
  signals: 4_000,
  proofs: 8,
  others: 600,
  bytes: 16_777_216,
};
export const ADDRESS_BUDGET: Budget = {
  announces: 20_000,
  signals: 80_000,
  proofs: 1_000,
  others: 10_000,
  bytes: 268_435_456,
};
/** Sockets open at once from one address. */
export const SOCKETS_PER_ADDRESS = 500;
/** TCP connections beside them: pages being loaded, requests, refusals, handshakes. Not scaled. */
export const SPARE_CONNECTIONS = 100;
/**
 * New TCP connections from one address in a window, whatever comes of them, and the spare ones beside them: the first
 * page of a class of forty takes 300. To take one costs more than to refuse a request on it.
 */
export const NEW_CONNECTIONS_PER_ADDRESS = 1_900;
/** What sockets and answers of one address may hold in memory together (`held-bytes.ts`). */
export const HELD_BYTES_PER_ADDRESS = 33_554_432;
/** Bytes of an answer that one HTTP request pays for; a longer answer costs as many requests. */
export const ANSWER_BYTES_PER_REQUEST = 16_384;
/** New sockets, and HTTP requests, from one address in a window. */
export const HANDSHAKES_PER_ADDRESS = 1_000;
export const REQUESTS_PER_ADDRESS = 4_000;
/** Points of costly requests (work.ts) from one address in a window: two seconds of the processor. */
export const WORK_PER_ADDRESS = 100_000;
/** Refused messages of one socket in a window after which it is cut off as flooding. */
export const REFUSALS_BEFORE_CUT = 500;

export type Admission = 'admitted' | 'socket' | 'address';

export interface Limits {
  /** Whether one more socket from this address may open; counts it if so. */
  connect(addressKey: string): Promise<boolean>;
  disconnect(addressKey: string): void;
  admit(socket: number, addressKey: string, kind: Kind, points: number): MaybePromise<Admission>;
  /** `points`: how many requests it costs like. */
  request(addressKey: string, points?: number): Promise<boolean>;
  /** Costly requests of an address, over its sockets and HTTP together. */
  work(addressKey: string, points: number): Promise<boolean>;
}

export class WindowLimits implements Limits {
  readonly #sockets: Record<Kind, Spending<number>>;
  readonly #addresses: Record<Kind, Spending<string>>;
  readonly #handshakes: RateLimiterMemory;
  readonly #requests: RateLimiterMemory;
  readonly #work: RateLimiterMemory;
  readonly #open = new Map<string, number>();
  readonly #openAtMost: number;

  /** `factor` scales every limit. */
  constructor(factor: number, clock: Clock = () => performance.now()) {
    this.#sockets = spendings(SOCKET_BUDGET, factor, clock);
    this.#addresses = spendings(ADDRESS_BUDGET, factor, clock);
    this.#handshakes = window(HANDSHAKES_PER_ADDRESS, factor);
    this.#requests = window(REQUESTS_PER_ADDRESS, factor);
    this.#work = window(WORK_PER_ADDRESS, factor);
    this.#openAtMost = scaled(SOCKETS_PER_ADDRESS, factor);
  }

  async connect(addressKey: string): Promise<boolean> {
    if ((this.#open.get(addressKey) ?? 0) >= this.#openAtMost) return false;
    tally(this.#open, addressKey, 1);
    if (await spend(this.#handshakes, addressKey, 1)) return true;
    this.disconnect(addressKey);
    return false;
  }

  disconnect(addressKey: string): void {
    tally(this.#open, addressKey, -1);
  }

  admit(socket: number, addressKey: string, kind: Kind, points: number): Admission {
    if (!this.#sockets[kind].spend(socket, points)) return 'socket';
    return this.#addresses[kind].spend(addressKey, points) ? 'admitted' : 'address';
  }

  request(addressKey: string, points = 1): Promise<boolean> {
    return spend(this.#requests, addressKey, points);
  }

  work(addressKey: string, points: number): Promise<boolean> {
    return spend(this.#work, addressKey, points);
  }
}

/** A bound by the operator's factor (`RATE_LIMIT`): at least one of everything. */
export function scaled(bound: number, factor: number): number {
  return Math.max(1, Math.round(bound * factor));
}

function spendings<Key>(budget: Budget, factor: number, clock: Clock): Record<Kind, Spending<Key>> {
  const of = (points: number) => new Spending<Key>(scaled(points, factor), WINDOW_S * 1_000, clock);
  return {
    announces: of(budget.announces),
    signals: of(budget.signals),
    proofs: of(budget.proofs),
    others: of(budget.others),
    bytes: of(budget.bytes),
  };
}

function window(points: number, factor: number): RateLimiterMemory {
  return new RateLimiterMemory({ points: scaled(points, factor), duration: WINDOW_S });
}

async function spend(limiter: RateLimiterMemory, key: string, points: number): Promise<boolean> {
  try {
    await limiter.consume(key, points);
    return true;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return false;
    throw refusal;
  }
}
