/**
 * [ST6] The connection to the database, opened when it is needed and given up when the browser ends it (site data
 * cleared, storage restarted) or a newer version of the page asks for it; the next use tries to open again. An older
 * version that does not give way is not waited for long ([SA11]). Owns what is made of failures ([ST5]): none gets out
 * of here.
 */
import { openDB } from 'idb';
import type { PutOutcome } from '../../../shared/peer/piece-store.ts';
import { DATABASE_VERSION } from './schema.ts';
import type { Database, Schema } from './schema.ts';
import { isCalled } from './settled.ts';
import { upgrade } from './upgrade.ts';

export type Reachable = 'reachable' | 'newer' | 'older' | 'unavailable';

/** How long an older version may take to end what it writes, or its service worker to be replaced. */
const OLDER_PATIENCE_MS = 10_000;

/** Between two tries to reach a database that the browser has ended. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;

class OlderInTheWay extends Error {
  override name = 'OlderInTheWay';
}

export class Connection {
  readonly #name: string;
  #database: Promise<Database> | null = null;
  #closed = false;
  #interrupted: () => void = () => undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** The browser has ended it, and it can be used again. */
  onInterrupted(listener: () => void): void {
    this.#interrupted = listener;
  }

  /**
   * `newer`: a newer version of the page was here, whose database this one does not know. `older`: an older one is open
   * and keeps the database as it was.
   */
  async reach(): Promise<Reachable> {
    try {
      await this.#open();
      return 'reachable';
    } catch (error) {
      if (error instanceof OlderInTheWay) return 'older';
      return isCalled(error, 'VersionError') ? 'newer' : 'unavailable';
    }
  }

  async writing(write: (database: Database) => Promise<void>): Promise<PutOutcome> {
    try {
      await this.#use(write);
      return { kind: 'stored' };
    } catch (error) {
      return { kind: 'failed', why: isCalled(error, 'QuotaExceededError') ? 'quota' : 'unavailable' };
    }
  }

  async reading<T>(read: (database: Database) => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await this.#use(read);
    } catch {
      return otherwise; // [ST5] what cannot be read counts as not there
    }
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    this.#giveUp();
  }

  async #use<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const database = await this.#open();
    try {
      return await work(database);
    } catch (error) {
      // The connection is closing or closed without having said so: not to be used again.
      if (isCalled(error, 'InvalidStateError')) this.#database = null;
      throw error;
    }
  }

  async #open(): Promise<Database> {
    if (this.#closed) throw new DOMException('the store was closed', 'InvalidStateError');
    this.#database ??= this.#connect();
    try {
      return await this.#database;
    } catch (error) {
      this.#database = null;
      throw error;
    }
  }

  /** What opens after it was given up is closed: the next use opens it anew. */
  #connect(): Promise<Database> {
    return new Promise((resolve, reject) => {
      let givenUp = false;
      let patience: ReturnType<typeof setTimeout> | undefined;
      const blocked = (): void => {
        patience = setTimeout(() => {
          givenUp = true;
          reject(new OlderInTheWay());
        }, OLDER_PATIENCE_MS);
      };
      this.#request(blocked).then(
        (database) => {
          clearTimeout(patience);
          if (givenUp) database.close();
          else resolve(database);
        },
        (error: unknown) => {
          clearTimeout(patience);
          reject(error);
        },
      );
    });
  }

  #request(blocked: () => void): Promise<Database> {
    return openDB<Schema>(this.#name, DATABASE_VERSION, {
      upgrade: (database, from, _, transaction) => void upgrade(database, from, transaction),
      blocked,
      blocking: () => this.#giveUp(),
      terminated: () => {
        this.#database = null;
        void this.#reachAgain();
      },
    });
  }

  /** What cannot be reached yet is not gone. */
  async #reachAgain(): Promise<void> {
    for (let wait = FIRST_WAIT_MS; !this.#closed; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      const reached = await this.reach();
      if (reached === 'reachable') return this.#interrupted();
      if (reached !== 'unavailable') return;
      await new Promise((passed) => setTimeout(passed, wait));
    }
  }

  #giveUp(): void {
    const database = this.#database;
    this.#database = null;
    void database?.then(
      (open) => open.close(),
      () => undefined, // it never opened: nothing to close
    );
  }
}
