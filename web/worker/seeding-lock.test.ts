import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { delivered } from '../net/simple-peer.fixture.ts';
import { SeedingLock } from './seeding-lock.ts';

/** Web Locks as browsers have them: one holder for each name, the others wait in line. */
class FakeLocks {
  /** Names that are held now, one for each holder. */
  readonly held: string[] = [];
  /** Names that were ever asked for. */
  readonly asked: string[] = [];
  refuses = false;
  readonly #lines = new Map<string, Promise<unknown>>();

  async request(name: string, work: () => Promise<void>): Promise<void> {
    this.asked.push(name);
    if (this.refuses) throw new DOMException('the document is not active', 'InvalidStateError');
    const turn = (this.#lines.get(name) ?? Promise.resolve()).then(async () => {
      this.held.push(name);
      await work();
      this.held.splice(this.held.indexOf(name), 1);
    });
    this.#lines.set(name, turn);
    return turn;
  }
}

let locks: FakeLocks;

beforeEach(() => {
  locks = new FakeLocks();
  vi.stubGlobal('navigator', { locks });
});
afterEach(() => vi.unstubAllGlobals());

async function held(lock: SeedingLock, ...wanted: boolean[]): Promise<number> {
  for (const wants of wanted) lock.hold(wants);
  await delivered();
  return locks.held.length;
}

describe('[WK4] the lock that keeps a hidden tab awake', () => {
  test('is held while there is something to do, and no longer', async () => {
    const lock = new SeedingLock('/');
    expect(await held(lock)).toBe(0);
    expect(await held(lock, true)).toBe(1);
    expect(await held(lock, false)).toBe(0);
    expect(await held(lock, true)).toBe(1);
  });

  test('is held once, however often it is asked for, and let go with one word', async () => {
    const lock = new SeedingLock('/');
    expect(await held(lock, true, true, true)).toBe(1);
    expect(await held(lock, false)).toBe(0);
    expect(await held(lock, false)).toBe(0);
    expect(locks.asked).toHaveLength(1);
  });

  test('is what was wanted last, also where it was not yet given', async () => {
    expect(await held(new SeedingLock('/'), true, false)).toBe(0);
    expect(await held(new SeedingLock('/'), true, false, true)).toBe(1);
  });

  test('[ST8] has a name of its own, which carries the base path: no tab waits for another', async () => {
    for (const basePath of ['/', '/', '/drop/']) await held(new SeedingLock(basePath), true);
    expect(locks.held).toHaveLength(3);
    expect(new Set(locks.held).size).toBe(3);
    expect(locks.held.map((name) => name.slice(0, -36))).toEqual([
      ...['shoal-seeding-', 'shoal-seeding-', 'shoal/drop/-seeding-'],
    ]);
  });

  test('is asked for again where the browser refused it', async () => {
    const lock = new SeedingLock('/');
    locks.refuses = true;
    expect(await held(lock, true)).toBe(0);
    locks.refuses = false;
    expect(await held(lock, true)).toBe(1);
    expect(await held(lock, false)).toBe(0);
  });

  test('is let go also where an earlier one was refused late', async () => {
    const lock = new SeedingLock('/');
    locks.refuses = true;
    lock.hold(true);
    lock.hold(false);
    locks.refuses = false;
    expect(await held(lock, true)).toBe(1);
    expect(await held(lock, false)).toBe(0);
  });

  test('is nothing where the browser has no locks', () => {
    vi.stubGlobal('navigator', {});
    const lock = new SeedingLock('/');
    for (const wanted of [true, false, true]) expect(() => lock.hold(wanted)).not.toThrow();
  });
});
