import { beforeEach, describe, expect, test } from 'vitest';
import { Install, tabMemory } from './install.svelte.ts';

const KEY = 'shoal/drop/-not-installed';

/** A tab of a browser that offers to install, and what the person answers. */
class FakeTab extends EventTarget {
  readonly kept = new Map<string, string>();
  full = false;
  readonly memory = {
    getItem: (key: string) => this.kept.get(key) ?? null,
    setItem: (key: string, value: string) => {
      if (this.full) throw new DOMException('full', 'QuotaExceededError');
      this.kept.set(key, value);
    },
  };
  prompts = 0;
  answer: () => Promise<{ outcome: 'accepted' | 'dismissed' }> = async () => ({ outcome: 'accepted' });

  offers(): Event {
    const prompt = (): Promise<unknown> => {
      this.prompts += 1;
      return this.answer();
    };
    const event = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), { prompt });
    this.dispatchEvent(event);
    return event;
  }
}

let tab: FakeTab;
let install: Install;

beforeEach(() => {
  tab = new FakeTab();
  install = new Install(tab, tab.memory, KEY);
});

describe('[AP5] the offer to install', () => {
  test('is there where the browser makes it, in place of the browser’s own', () => {
    expect(install.offered).toBe(false);
    expect(tab.offers().defaultPrevented).toBe(true);
    expect(install.offered).toBe(true);
  });

  test('is taken by a press, once', async () => {
    tab.offers();
    await install.install();
    await install.install();
    expect([tab.prompts, install.offered, tab.kept.size]).toEqual([1, false, 0]);
  });

  test('is gone when the app was installed by another way', () => {
    tab.offers();
    tab.dispatchEvent(new Event('appinstalled'));
    expect(install.offered).toBe(false);
  });

  test.each<[string, (install: Install) => Promise<void> | void]>([
    ['here', (install) => install.turnDown()],
    [
      'when the browser asked',
      (install) => {
        tab.answer = async () => ({ outcome: 'dismissed' });
        return install.install();
      },
    ],
    [
      'because the browser failed at it',
      (install) => {
        tab.answer = () => Promise.reject(new DOMException('no', 'InvalidStateError'));
        return install.install();
      },
    ],
  ])('is not made again in this tab once it was turned down %s', async (_, turnDown) => {
    tab.offers();
    await turnDown(install);
    tab.offers();
    expect(install.offered).toBe(false);
    // The page is loaded anew; the browser's own offer stays off.
    const later = new Install(tab, tab.memory, KEY);
    expect(tab.offers().defaultPrevented).toBe(true);
    expect([later.offered, [...tab.kept.keys()]]).toEqual([false, [KEY]]);
  });

  test('is made again where nothing can be remembered', () => {
    tab.full = true;
    tab.offers();
    install.turnDown();
    expect(install.offered).toBe(false);
    const [full, none] = [new Install(tab, tab.memory, KEY), new Install(tab, null, KEY)];
    tab.offers();
    none.turnDown();
    expect([full.offered, none.offered]).toEqual([true, false]);
  });

  test('nothing is pressed where nothing is offered', async () => {
    await install.install();
    expect([tab.prompts, install.offered]).toEqual([0, false]);
  });
});

test('[AP5] a tab that the browser gives no storage has no memory', () => {
  const refused = {
    get sessionStorage(): Storage {
      throw new DOMException('no', 'SecurityError');
    },
  };
  expect(tabMemory(refused)).toBeNull();
  const memory = {} as Storage;
  expect(tabMemory({ sessionStorage: memory })).toBe(memory);
});
