/**
 * For tests: a browser that dies in the middle. From a certain request to the database on nothing works any more, and the
 * transaction that was open is undone, as the browser's own log does it at the next start.
 */
import { IDBIndex, IDBObjectStore } from 'fake-indexeddb';
import { vi } from 'vitest';

const REQUESTS = ['get', 'getKey', 'getAll', 'getAllKeys', 'put', 'add', 'delete'] as const;

export interface Death {
  /** So many requests came through. */
  readonly requests: number;
  /** The browser is started again. */
  over(): void;
}

/** Before its `step`-th request, or right behind it; Infinity: never, the requests are counted. */
export function dieAt(step: number, when: 'before' | 'behind' = 'before'): Death {
  let requests = 0;
  let dead = false;
  const die = (transaction: IDBTransaction): void => {
    dead = true;
    transaction.abort();
  };
  const spies = [IDBObjectStore, IDBIndex].flatMap(({ prototype }) =>
    REQUESTS.filter((name) => name in prototype).map((name) => {
      const whole = prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
      const original = whole[name] as (...args: unknown[]) => unknown;
      return vi.spyOn(whole, name).mockImplementation(function (this: unknown, ...args: unknown[]) {
        const transaction = transactionOf(this);
        if (dead) throw new DOMException('the browser is gone', 'InvalidStateError');
        if (requests === step && when === 'before') {
          die(transaction);
          throw new DOMException('the browser dies', 'AbortError');
        }
        const request = original.apply(this, args);
        if (requests === step) die(transaction);
        requests += 1;
        return request;
      });
    }),
  );
  return {
    get requests() {
      return requests;
    },
    over: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}

function transactionOf(subject: unknown): IDBTransaction {
  return subject instanceof IDBIndex
    ? (subject.objectStore as unknown as IDBObjectStore & { transaction: IDBTransaction }).transaction
    : (subject as { transaction: IDBTransaction }).transaction;
}
