import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { firstUse, LOOKED_MS, SIGNS_OF_USE } from './first-use.ts';

/** As far as it is listened to. */
class FakeWindow extends EventTarget {
  readonly heard = new Set<string>();
  readonly setTimeout = setTimeout as unknown as Window['setTimeout'];
  readonly clearTimeout = clearTimeout as unknown as Window['clearTimeout'];

  override addEventListener(...listener: Parameters<EventTarget['addEventListener']>): void {
    super.addEventListener(...listener);
    this.heard.add(listener[0]);
  }

  override removeEventListener(...listener: Parameters<EventTarget['removeEventListener']>): void {
    super.removeEventListener(...listener);
    this.heard.delete(listener[0]);
  }
}

let window: FakeWindow;
let settled: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  [window, settled] = [new FakeWindow(), false];
  void firstUse(window).then(() => (settled = true));
});
afterEach(() => {
  vi.useRealTimers();
});

describe('[UI10] the first use of a page', () => {
  test.each(SIGNS_OF_USE)('is told by %s, and nothing is listened to any more', async (sign) => {
    await vi.advanceTimersByTimeAsync(LOOKED_MS - 1);
    expect(settled).toBe(false);
    window.dispatchEvent(new Event(sign));
    await vi.advanceTimersByTimeAsync(0);
    expect(settled).toBe(true);
    expect([...window.heard]).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is taken for granted after a while', async () => {
    await vi.advanceTimersByTimeAsync(LOOKED_MS);
    expect(settled).toBe(true);
    expect([...window.heard]).toEqual([]);
  });

  test('is nothing that passes by', async () => {
    for (const other of ['pointermove', 'scroll', 'visibilitychange']) window.dispatchEvent(new Event(other));
    await vi.advanceTimersByTimeAsync(0);
    expect(settled).toBe(false);
  });
});
