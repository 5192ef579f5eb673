import 'fake-indexeddb/auto';
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ONE } from '../../../shared/peer/contracts/filled-piece.ts';
import { marksRules } from '../../../shared/peer/contracts/session-marks.ts';
import type { SessionMarks } from '../../../shared/peer/session-marks.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  return () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  };
});

async function opened(): Promise<SessionMarks> {
  const opening = await openIndexedDbStore('shoal');
  if (opening.kind !== 'opened') throw new Error(`IndexedDB is ${opening.why}`);
  return opening.marks;
}

describe('the marks of sessions in IndexedDB', () => {
  test.each(marksRules)('$name', ({ check }) => check(opened));

  test('[ST5] what finds no room is as if it had not been said', async () => {
    const marks = await opened();
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('the disk is full', 'QuotaExceededError');
    });
    await marks.begun([]);
    await marks.begun([ONE]);
    expect(await marks.isUnchecked(ONE)).toBe(false);
  });
});
