import { describe, expect, test } from 'vitest';
import { Told, settled } from './testing/fakes.ts';
import { whenReady } from './when-ready.ts';

describe('[SV4] what is ready is used at once', () => {
  test('a value that is here, before the call returns', () => {
    const used: number[] = [];
    expect(whenReady(3, (value) => used.push(value))).toBe(1);
    expect(used).toEqual([3]);
  });

  test('one that comes later, when it comes and not before', async () => {
    const told = new Told<number>();
    const used: number[] = [];
    const done = whenReady(told.promise, (value) => used.push(value));
    await settled();
    expect(used).toEqual([]);
    told.tell(4);
    expect(await done).toBe(1);
    expect(used).toEqual([4]);
  });

  test('what goes wrong goes wrong the way the value came', async () => {
    const wrong = () => {
      throw new Error('ours');
    };
    expect(() => whenReady(1, wrong)).toThrow('ours');
    await expect(whenReady(Promise.resolve(1), wrong)).rejects.toThrow('ours');
  });
});
