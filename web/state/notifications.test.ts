import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Notifications, showBySystem } from './notifications.ts';
import { idOf, manifestOf, transferOf } from './transfer.fixture.ts';

/** A system whose person answers what the test says. */
class FakeSystem {
  permission: NotificationPermission = 'granted';
  asked = 0;
  answer: () => Promise<NotificationPermission> = async () => (this.permission = 'granted');
  readonly document = { visibilityState: 'hidden' as DocumentVisibilityState };
  readonly shown: unknown[] = [];
  refuses = false;

  get Notification() {
    return {
      permission: this.permission,
      requestPermission: () => {
        this.asked += 1;
        return this.answer();
      },
    };
  }

  readonly show = async (title: string, options: NotificationOptions): Promise<void> => {
    if (this.refuses) throw new TypeError('Illegal constructor');
    this.shown.push([title, options]);
  };
}

const id = idOf('a');
const running = transferOf({ infoHash: id, phase: 'downloading', manifest: manifestOf([1_000]) });
const whole = { ...running, phase: 'complete' as const };
let system: FakeSystem;
let notifications: Notifications;

beforeEach(() => {
  system = new FakeSystem();
  notifications = new Notifications(system);
});

describe('[AP8] a download that has come to its end', () => {
  test('is told once, to somebody who does not look', () => {
    for (const all of [[running], [whole], [whole]]) notifications.follow(all, true);
    expect(system.shown).toEqual([['Shoal', { body: '“Photos” has arrived.', tag: id }]]);
  });

  test.each<[string, () => void]>([
    ['where the page is looked at', () => (system.document.visibilityState = 'visible')],
    ['where that was not allowed', () => (system.permission = 'denied')],
    ['where nobody was asked', () => (system.permission = 'default')],
  ])('is not told %s', (_, arrange) => {
    arrange();
    notifications.follow([running], true);
    notifications.follow([whole], true);
    expect([system.shown, system.asked]).toEqual([[], 0]);
  });

  test('is not told where it is not wanted, then or later', () => {
    notifications.follow([running], false);
    notifications.follow([whole], false);
    notifications.follow([whole], true);
    expect(system.shown).toEqual([]);
  });

  test.each([
    ['was here already', [whole]],
    [
      'is one’s own',
      [
        { ...running, role: 'sharing' as const },
        { ...whole, role: 'sharing' as const },
      ],
    ],
    ['was paused', [running, { ...running, phase: 'paused' as const }, whole]],
    ['failed', [running, { ...running, phase: 'failed' as const }]],
  ])('is not told of what %s', (_, steps) => {
    for (const step of steps) notifications.follow([step], true);
    expect(system.shown).toEqual([]);
  });

  test('is not told of a share that was removed and came again whole', () => {
    notifications.follow([running], true);
    notifications.follow([], true);
    notifications.follow([whole], true);
    expect(system.shown).toEqual([]);
  });

  test('changes nothing where the system shows none', async () => {
    system.refuses = true;
    notifications.follow([running], true);
    notifications.follow([whole], true);
    await new Promise((resolve) => setImmediate(resolve)); // a rejection that nobody takes would fail the test
    expect(system.shown).toEqual([]);
  });
});

describe('[AP8] permission', () => {
  test('is asked for when somebody asks to, and only while nobody has answered', async () => {
    system.permission = 'default';
    expect(notifications.permission).toBe('not-asked');
    expect(await notifications.ask()).toBe('given');
    expect(await notifications.ask()).toBe('given');
    system.permission = 'denied';
    expect(await notifications.ask()).toBe('refused');
    expect(system.asked).toBe(1);
  });

  test('stays open where the browser does not let ask', async () => {
    system.permission = 'default';
    system.answer = () => Promise.reject(new TypeError('no'));
    expect(await notifications.ask()).toBe('not-asked');
  });

  test('is none where the browser has no notifications', async () => {
    const none = new Notifications({ document: system.document, show: system.show });
    expect([none.permission, await none.ask()]).toEqual(['missing', 'missing']);
  });
});

describe('[AP8] what shows it', () => {
  test('is the service worker where one is active, else the page', async () => {
    const shown: unknown[] = [];
    const made: { title: string; onclick?: () => void }[] = [];
    vi.stubGlobal(
      'Notification',
      class {
        readonly title: string;
        onclick?: () => void;
        constructor(title: string) {
          this.title = title;
          made.push(this);
        }
      },
    );
    const focused = vi.fn();
    vi.stubGlobal('window', { focus: focused });
    const registration = (active: object | null) =>
      ({ active, showNotification: async (...what: unknown[]) => void shown.push(what) }) as never;
    await showBySystem(async () => registration({}), 'Shoal', { body: 'b' });
    expect([shown, made.length]).toEqual([[['Shoal', { body: 'b' }]], 0]);
    for (const found of [
      async () => undefined,
      async () => registration(null),
      () => Promise.reject<undefined>(new DOMException('no', 'SecurityError')),
    ])
      await showBySystem(found, 'Shoal', {});
    expect([shown.length, made.length]).toEqual([1, 3]);
    made[0]?.onclick?.();
    expect(focused).toHaveBeenCalledOnce();
    vi.unstubAllGlobals();
  });
});
