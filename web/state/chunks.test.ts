import { afterEach, describe, expect, test } from 'vitest';
import { chunk, codeIsMissing, whenCodeIsMissing } from './chunks.ts';

afterEach(() => whenCodeIsMissing(() => undefined));

describe('[AP6] code that is loaded when it is used', () => {
  test('is what was imported, and nobody is told', async () => {
    let told = 0;
    whenCodeIsMissing(() => (told += 1));
    expect(await chunk(async () => 'code')).toBe('code');
    expect(told).toBe(0);
  });

  test('that does not come is told of, and is missing for whoever asked for it', async () => {
    let told = 0;
    whenCodeIsMissing(() => (told += 1));
    const gone = new TypeError('Failed to fetch dynamically imported module');
    await expect(chunk(() => Promise.reject(gone))).rejects.toBe(gone);
    expect(told).toBe(1);
    codeIsMissing();
    expect(told).toBe(2);
  });
});
