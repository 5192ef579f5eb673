import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('[SV4] each address has its part of a turn whatever another one does', () => {
  const tasks: (() => void)[] = [];
  const turns = new Turns(64, (task) => void tasks.push(task), 32);
  let loud = 0;
  for (let nth = 0; nth < 500; nth++) {
    if (turns.isFree('loud')) {
      turns.charge('loud', 31);
      loud++;
    } else {
      void turns.of('loud', 32);
    }
  }
  expect(loud).toBe(3);
  expect(turns.isFree('quiet')).toBe(true);
  turns.charge('quiet', 32);
  expect(turns.isFree('quiet')).toBe(false);
  for (const task of tasks.splice(0)) task();
  expect([turns.isFree('quiet'), turns.isFree('loud')]).toEqual([true, false]);
});
