/**
 * For tests: a browser that dies in the middle. From a certain request to the database, or step with a file, on nothing
 * works any more, and the transaction that was open is undone, as the browser's own log does it at the next start.
 */
import { IDBIndex, IDBObjectStore } from 'fake-indexeddb';
import { vi } from 'vitest';
import type { PrivateFiles } from './private-files.fixture.ts';

const REQUESTS = ['get', 'getKey', 'getAll', 'getAllKeys', 'put', 'add', 'delete'] as const;

export interface Death {
  /** So many requests and steps came through. */
  readonly requests: number;
  /** The browser is started again. */
  over(): void;
}

/** Before its `step`-th request, or right behind it; Infinity: never, the requests are counted. */
export function dieAt(step: number, when: 'before' | 'behind' = 'before', files?: PrivateFiles): Death {
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
  const gone = (): DOMException => new DOMException('the browser is gone', 'InvalidStateError');
  const around: PrivateFiles['around'] = (_, work) => {
    dead ||= requests === step && when === 'before';
    if (dead) throw gone();
    const done = work();
    dead = requests === step;
    if (dead) throw gone();
    requests += 1;
    return done;
  };
  if (files !== undefined) files.around = around;
  return {
    get requests() {
      return requests;
    },
    over: () => {
      for (const spy of spies) spy.mockRestore();
      if (files !== undefined) files.around = (_, work) => work();
      files?.restart();
    },
  };
}

function transactionOf(subject: unknown): IDBTransaction {
  return subject instanceof IDBIndex
    ? (subject.objectStore as unknown as IDBObjectStore & { transaction: IDBTransaction }).transaction
    : (subject as { transaction: IDBTransaction }).transaction;
}
