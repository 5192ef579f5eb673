import { describe, expect, it } from 'vitest';
import { secondsLeft } from './reading-pace.ts';

describe('[UI7] how long files are still to be read', () => {
  it('follows from the pace so far', () => {
    expect(secondsLeft({ hashedBytes: 250, totalBytes: 1_000 }, 2_000)).toBe(6);
  });

  it.each([
    ['at first', 250, 1_499],
    ['where nothing was read', 0, 10_000],
    ['where everything was', 1_000, 10_000],
  ])('is not said %s', (_, hashedBytes, passed) => {
    expect(secondsLeft({ hashedBytes, totalBytes: 1_000 }, passed)).toBeNull();
  });
});
