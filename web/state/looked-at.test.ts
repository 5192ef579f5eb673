import { beforeEach, describe, expect, test } from 'vitest';
import { LookedAt } from './looked-at.ts';

/** One lock that many share. */
class SharedLock {
  held: string[] = [];
  refuses = false;

  readonly manager = {
    query: async () => {
      if (this.refuses) throw new DOMException('', 'SecurityError');
      return { held: this.held.map((name) => ({ name })), pending: [] };
    },
    request: async (name: string, options: LockOptions, until: () => Promise<void>) => {
      expect(options.mode).toBe('shared');
      if (this.refuses) throw new DOMException('', 'SecurityError');
      this.held.push(name);
      await until();
      this.held.splice(this.held.indexOf(name), 1);
    },
  } as unknown as LockManager;
}

class FakeDocument extends EventTarget {
  visibilityState: DocumentVisibilityState = 'hidden';

  turn(state: DocumentVisibilityState): Promise<void> {
    this.visibilityState = state;
    this.dispatchEvent(new Event('visibilitychange'));
    return new Promise((settled) => setImmediate(settled));
  }
}

let lock: SharedLock;
let mine: FakeDocument;
let others: FakeDocument;
const tab = (document: FakeDocument, name = 'seen', locks: LockManager | undefined = lock.manager) =>
  new LookedAt(locks, document as unknown as Document, name);

beforeEach(() => {
  lock = new SharedLock();
  [mine, others] = [new FakeDocument(), new FakeDocument()];
});

describe('[AP8] whether a tab of this browser is looked at', () => {
  test('is asked of all of them, and none holds what it no longer shows', async () => {
    const [here] = [tab(mine), tab(others)];
    expect(await here.isAny()).toBe(false);
    await others.turn('visible');
    expect(await here.isAny()).toBe(true);
    await others.turn('visible');
    await others.turn('hidden');
    expect([await here.isAny(), lock.held]).toEqual([false, []]);
    await mine.turn('visible');
    expect(await here.isAny()).toBe(true);
  });

  test('is nothing that another place of this origin, or a tab that is over, has to say in', async () => {
    const here = tab(mine);
    const over = tab(others);
    tab(others, 'seen-elsewhere');
    await others.turn('visible');
    over.end();
    await others.turn('hidden');
    await others.turn('visible');
    expect([await here.isAny(), lock.held]).toEqual([false, ['seen-elsewhere']]);
  });

  test('is this tab’s own matter where the browser has no locks, or refuses them', async () => {
    const alone = new LookedAt(undefined, mine as unknown as Document, 'seen');
    lock.refuses = true;
    const refused = tab(mine);
    expect([await alone.isAny(), await refused.isAny()]).toEqual([false, false]);
    await mine.turn('visible');
    expect([await alone.isAny(), await refused.isAny()]).toEqual([true, true]);
  });
});
