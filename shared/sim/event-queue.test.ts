import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue } from './event-queue.ts';

test('[SM1] what is due first happens first, and ties happen in the order of planning', () => {
  const delay = fc.integer({ min: 0, max: 20 });
  fc.assert(
    fc.property(fc.array(fc.tuple(delay, fc.array(delay, { maxLength: 3 })), { maxLength: 60 }), (plans) => {
      const queue = new EventQueue();
      const planned: { at: number; nth: number }[] = [];
      const happened: { at: number; nth: number }[] = [];
      const plan = (at: number, further: readonly number[]): void => {
        const entry = { at, nth: planned.length };
        planned.push(entry);
        queue.at(at, {
          happen: (now) => {
            expect(now).toBe(at);
            expect(queue.now).toBe(at);
            happened.push(entry);
            for (const more of further) plan(now + more, []);
          },
        });
      };
      for (const [at, further] of plans) plan(at, further);
      while (queue.step());
      expect(queue.happened).toBe(planned.length);
      expect(happened).toEqual([...planned].sort((a, b) => a.at - b.at || a.nth - b.nth));
    }),
  );
});

test('[SM1] the clock never goes back', () => {
  const queue = new EventQueue();
  queue.after(5, () => expect(() => queue.at(4.9, { happen: () => undefined })).toThrow('past'));
  expect(queue.nextAt).toBe(5);
  expect(queue.step()).toBe(true);
  expect(queue.step()).toBe(false);
  expect(queue.nextAt).toBe(Infinity);
});
