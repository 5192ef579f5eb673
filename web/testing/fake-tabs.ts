/**
 * A browser with several tabs for the tests of what they are together: locks as the standard has them (a queue, and
 * stealing), a channel that carries what can be cloned, and a worker for each tab that opens one.
 */
import type { OpenOwnSession, OwnSession, SessionPage, TabPlace, WorkerPage } from '../state/session.ts';
import { OwnerLock } from '../tabs/owner-lock.ts';
import type { TabMessage } from '../tabs/messages.ts';
import { Tab } from '../tabs/tab.ts';
import { FakeWorker, settle } from './fake-worker.ts';

interface Request {
  readonly tab: string;
  readonly begin: () => void;
  readonly fail: (error: unknown) => void;
}

/** One lock. */
class FakeLocks {
  readonly #queue: Request[] = [];
  #held: Request | null = null;

  /** As one tab sees it. */
  of(tab: string): LockManager {
    return {
      query: async () => ({
        held: this.#held === null ? [] : [NAMED],
        pending: this.#queue.map(() => NAMED),
      }),
      request: (_: string, options: LockOptions, held: () => Promise<unknown>) =>
        new Promise((_resolve, fail) => {
          const request: Request = { tab, begin: () => void held(), fail };
          options.signal?.addEventListener('abort', () => this.#leave(request));
          if (options.steal === true) this.#take(request);
          else this.#queue.push(request);
          queueMicrotask(() => this.#next());
        }),
    } as unknown as LockManager;
  }

  /** A tab that is gone holds nothing and waits for nothing. */
  gone(tab: string): void {
    for (const request of this.#queue.filter((other) => other.tab === tab)) this.#leave(request);
    if (this.#held?.tab === tab) this.#held = null;
    this.#next();
  }

  #take(request: Request): void {
    const robbed = this.#held;
    this.#held = null;
    this.#queue.unshift(request);
    robbed?.fail(new DOMException('stolen', 'AbortError'));
  }

  #leave(request: Request): void {
    const at = this.#queue.indexOf(request);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    request.fail(new DOMException('given up', 'AbortError'));
  }

  #next(): void {
    if (this.#held !== null) return;
    this.#held = this.#queue.shift() ?? null;
    this.#held?.begin();
  }
}

const NAMED = { name: 'shoal-owner' };

/** One tab with its page. */
export class FakeTab {
  readonly name: string;
  readonly tab: Tab;
  /** Its workers, the last one last. */
  readonly workers: FakeWorker[] = [];
  ended = 0;
  readonly told: [what: string, ...news: unknown[]][] = [];
  place: TabPlace | null = null;
  /** What it cannot hear before it wakes. */
  #asleep: TabMessage[] | null = null;
  readonly #browser: FakeBrowser;

  constructor(name: string, browser: FakeBrowser, locks: FakeLocks) {
    this.name = name;
    this.#browser = browser;
    const lock = new OwnerLock(locks.of(name), '/', {
      gained: () => this.tab.gained(),
      lost: () => this.#whenAwake(() => this.tab.lost()),
    });
    this.tab = new Tab(this.#page(), this.#open, { say: (message) => browser.carry(this, message) }, lock);
    this.tab.greet();
    lock.wait();
  }

  get worker(): FakeWorker {
    const worker = this.workers.at(-1);
    if (worker === undefined) throw new Error(`${this.name} opened none`);
    return worker;
  }

  hears(message: TabMessage): void {
    if (this.#asleep !== null) this.#asleep.push(message);
    else this.tab.heard(message);
  }

  freeze(): void {
    this.#asleep = [];
  }

  #waiting: (() => void)[] = [];
  #whenAwake(act: () => void): void {
    if (this.#asleep === null) act();
    else this.#waiting.push(act);
  }

  async wake(): Promise<void> {
    const [heard, waiting] = [this.#asleep ?? [], this.#waiting];
    [this.#asleep, this.#waiting] = [null, []];
    // In no order that anybody promises: what was said first, then what the lock says.
    for (const message of heard) this.tab.heard(message);
    for (const act of waiting) act();
    await settle();
  }

  readonly #open: OpenOwnSession = async (page: WorkerPage): Promise<OwnSession> => {
    const worker = new FakeWorker();
    this.workers.push(worker);
    const session = await worker.open({ ...page, began: () => undefined, tabsKnown: () => undefined });
    return { ...session, end: () => void (this.ended += 1) };
  };

  #page(): SessionPage {
    const told =
      (what: string) =>
      (...news: unknown[]) =>
        void this.told.push([what, ...news]);
    return {
      snapshotsTaken: told('snapshots'),
      manifestKnown: told('manifest'),
      removed: told('removed'),
      becameShare: told('became'),
      fileChanged: told('changed'),
      keptInMemory: told('in memory'),
      workerBroke: told('broke'),
      serverAway: told('away'),
      began: told('began'),
      tabsKnown: (place) => (this.place = place),
    };
  }

  /** Closed, or killed. */
  async goes(): Promise<void> {
    this.#browser.goes(this);
    await settle();
  }
}

export class FakeBrowser {
  readonly #locks = new FakeLocks();
  #tabs: FakeTab[] = [];

  async open(name: string): Promise<FakeTab> {
    const tab = new FakeTab(name, this, this.#locks);
    this.#tabs.push(tab);
    await settle();
    return tab;
  }

  carry(from: FakeTab, message: TabMessage): void {
    const others = this.#tabs.filter((tab) => tab !== from);
    const copies = others.map((tab) => [tab, cloned(message)] as const);
    queueMicrotask(() => copies.forEach(([tab, copy]) => tab.hears(copy)));
  }

  goes(tab: FakeTab): void {
    this.#tabs = this.#tabs.filter((other) => other !== tab);
    this.#locks.gone(tab.name);
  }
}

/** As a channel does it; Node's own way knows no File. */
function cloned<T>(value: T): T {
  if (typeof value === 'function') throw new DOMException('a function', 'DataCloneError');
  if (typeof value !== 'object' || value === null || value instanceof Blob) return value;
  if (value instanceof Uint8Array) return value.slice() as T;
  if (Array.isArray(value)) return value.map(cloned) as T;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, cloned(inner as unknown)]),
  ) as T;
}
