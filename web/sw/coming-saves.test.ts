import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../../shared/ids.ts';
import { delivered } from '../net/simple-peer.fixture.ts';
import { FakeLocks } from '../testing/fake-locks.ts';
import { ComingSaves, StoredFront } from './coming-saves.ts';

const TARGET = { infoHash: 'ab'.repeat(32) as InfoHash, file: 0 };
const LOCK = `shoal/drop/-coming-${TARGET.infoHash}`;

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const set = (): void => void (settled = true);
  promise.then(set, set);
  await delivered();
  return settled;
}

describe('[SA16] how much of a file that comes is stored', () => {
  test('is all before one piece, and never less than it was', () => {
    const front = new StoredFront();
    expect(front.has(0)).toBe(false);
    for (const soFar of [3, 1]) front.stored(soFar);
    expect([front.has(2), front.has(3), front.isWhole]).toEqual([true, false, false]);
    for (const soFar of ['all', 4] as const) front.stored(soFar);
    expect([front.has(9_999), front.isWhole]).toEqual([true, true]);
  });

  test('is waited for until it reaches a piece, by whoever waits', async () => {
    const front = new StoredFront();
    const waits = [front.reaches(2), front.reaches(4)] as const;
    front.stored(2);
    expect(await isSettled(waits[0])).toBe(false);
    front.stored(3);
    expect([await isSettled(waits[0]), await isSettled(waits[1])]).toEqual([true, false]);
    front.stored('all');
    await Promise.all(waits);
  });

  test('[SA18] that nobody tells of any more fails who waits for a piece, and nobody who has it', async () => {
    const front = new StoredFront();
    front.stored(1);
    const wait = front.reaches(1);
    front.end();
    await expect(wait).rejects.toThrow('nobody tells of piece 1');
    await expect(front.reaches(5)).rejects.toThrow();
    await front.reaches(0);
  });

  test('is told once when it is whole, also to who asks later', () => {
    const front = new StoredFront();
    let told = 0;
    front.onWhole(() => (told += 1));
    front.stored(7);
    expect(told).toBe(0);
    for (let time = 0; time < 2; time++) front.stored('all');
    expect(told).toBe(1);
    front.onWhole(() => (told += 1));
    expect(told).toBe(2);
  });
});

describe('[SA17] the page that a file comes to', () => {
  function pageWithLock(isAllStored = false) {
    const locks = new FakeLocks();
    let leave = (): void => undefined;
    void locks.request(LOCK, {}, () => new Promise<void>((resolve) => (leave = resolve)));
    const coming = new ComingSaves(locks as unknown as LockManager, '/drop/', async (target) => {
      expect(target).toBe(TARGET);
      return isAllStored;
    });
    coming.begin('id', TARGET);
    return { coming, front: coming.frontOf('id'), leave: () => leave(), locks };
  }

  test('tells by the id of its save; any other is of what is stored already', () => {
    const { coming, front } = pageWithLock();
    expect([front instanceof StoredFront, coming.frontOf('other')]).toEqual([true, null]);
  });

  test('and is gone ends it, however it went', async () => {
    const { front, leave } = pageWithLock();
    const wait = front?.reaches(0) ?? Promise.resolve();
    expect(await isSettled(wait)).toBe(false);
    leave();
    await expect(wait).rejects.toThrow();
  });

  test('is not needed where all is stored, although its last word did not come', async () => {
    const { front, leave } = pageWithLock(true);
    const wait = front?.reaches(5) ?? Promise.resolve();
    expect(await isSettled(wait)).toBe(false);
    leave();
    await wait;
    expect(front?.isWhole).toBe(true);
  });

  test('may begin another when it is over: nobody waits for the lock any more', async () => {
    const { coming, front, leave, locks } = pageWithLock();
    await delivered();
    coming.over('id');
    await expect(front?.reaches(0)).rejects.toThrow();
    expect(coming.frontOf('id')).toBeNull();
    leave();
    await delivered();
    expect(locks.held).toEqual([]);
    coming.over('id');
  });
});
