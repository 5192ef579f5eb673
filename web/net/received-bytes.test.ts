/** What comes is passed on when the test says that nothing waits any more. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../shared/random.ts';
import { delivered } from './simple-peer.fixture.ts';
import { ReceivedBytes } from './received-bytes.ts';

function scene() {
  const passed: Uint8Array[] = [];
  const due: (() => void)[] = [];
  const received = new ReceivedBytes(
    (bytes) => passed.push(new Uint8Array(bytes)),
    (work) => due.push(work),
  );
  return {
    received,
    passed,
    quiet: () => {
      for (const work of due.splice(0)) work();
    },
  };
}

function bytesOf(length: number, value: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).fill(value);
}

test('[PN8] small messages that came together go to the worker as one', () => {
  const { received, passed, quiet } = scene();
  for (let nth = 0; nth < 2_000; nth++) received.push(bytesOf(5, nth & 255));
  expect(passed).toEqual([]);
  quiet();
  expect(passed.map(({ length }) => length)).toEqual([10_000]);
});

test('[PN8] what waits is bounded', () => {
  const { received, passed } = scene();
  for (let nth = 0; nth < 1_000; nth++) received.push(bytesOf(1_000, 1));
  expect(passed.map(({ length }) => length)).toEqual(Array.from({ length: 15 }, () => 65_000));
});

test('[WK2] a large message is moved as it is, behind what waits', () => {
  const { received, passed, quiet } = scene();
  const large = bytesOf(70_000, 2);
  received.push(bytesOf(3, 1));
  received.push(large);
  received.push(bytesOf(4, 3));
  quiet();
  expect(passed.map(({ length }) => length)).toEqual([3, 70_000, 4]);
});

test.each([1, 2, 3])('[WK2] all that comes goes on, in its order (%i)', (seed) => {
  const random = seededRandom(seed);
  const { received, passed, quiet } = scene();
  const expected: number[] = [];
  for (let nth = 0; nth < 100; nth++) {
    const bytes = bytesOf(random.below(2) === 0 ? random.below(40) : random.below(20_000), nth & 255);
    expected.push(...bytes);
    received.push(bytes);
    if (random.below(5) === 0) quiet();
  }
  quiet();
  expect(Buffer.concat(passed).equals(Buffer.from(expected))).toBe(true);
});

test('[PN8] in a browser it goes on by itself, when what has come was handled', async () => {
  const passed: number[] = [];
  const received = new ReceivedBytes((bytes) => passed.push(bytes.byteLength));
  for (let nth = 0; nth < 10; nth++) received.push(bytesOf(5, nth));
  await delivered();
  received.push(bytesOf(7, 1));
  await delivered();
  expect(passed).toEqual([50, 7]);
});
