/** The screen's lock against a browser that gives, takes back and refuses when the test says so. */
import { expect, test } from 'vitest';
import { ScreenLock } from './wake-lock.ts';

class Sentinel extends EventTarget {
  readonly type = 'screen';
  onrelease = null;
  released = false;

  /** By the page, or by the browser. */
  async release(): Promise<void> {
    if (this.released) return;
    this.released = true;
    this.dispatchEvent(new Event('release'));
  }
}

class FakeScreen {
  readonly given: Sentinel[] = [];
  asked = 0;
  refuses = false;
  readonly document = Object.assign(new EventTarget(), {
    visibilityState: 'visible' as DocumentVisibilityState,
  });
  readonly navigator = {
    wakeLock: {
      request: async (): Promise<WakeLockSentinel> => {
        this.asked += 1;
        if (this.refuses || this.document.visibilityState !== 'visible') {
          throw new DOMException('not now', 'NotAllowedError');
        }
        this.given.push(new Sentinel());
        return this.given.at(-1)!;
      },
    },
  };

  /** As browsers do: who is hidden has no lock any more. */
  async shows(visibilityState: DocumentVisibilityState): Promise<void> {
    this.document.visibilityState = visibilityState;
    if (visibilityState === 'hidden') await Promise.all(this.given.map((sentinel) => sentinel.release()));
    this.document.dispatchEvent(new Event('visibilitychange'));
    await settled();
  }

  get held(): number {
    return this.given.filter(({ released }) => !released).length;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function moving(screen = new FakeScreen()): Promise<{ screen: FakeScreen; lock: ScreenLock }> {
  const lock = new ScreenLock(screen);
  lock.set(true);
  await settled();
  return { screen, lock };
}

test('[PN12] the screen stays on while bytes move, and no longer', async () => {
  const { screen, lock } = await moving();
  lock.set(true);
  await settled();
  expect([screen.asked, screen.held]).toEqual([1, 1]);
  lock.set(false);
  await settled();
  expect([screen.asked, screen.held]).toEqual([1, 0]);
  await screen.shows('hidden');
  await screen.shows('visible');
  expect(screen.asked).toBe(1);
});

test('[PN12] a page that is hidden has none, and has it again when it is seen', async () => {
  const { screen } = await moving();
  await screen.shows('hidden');
  expect([screen.asked, screen.held]).toEqual([1, 0]);
  await screen.shows('visible');
  expect([screen.asked, screen.held]).toEqual([2, 1]);
});

test('[PN12] begins when a page in which bytes move is seen', async () => {
  const screen = new FakeScreen();
  await screen.shows('hidden');
  await moving(screen);
  expect(screen.asked).toBe(0);
  await screen.shows('visible');
  expect([screen.asked, screen.held]).toEqual([1, 1]);
});

test('[PN12] what stops and begins while the browser thinks is held once', async () => {
  const screen = new FakeScreen();
  const lock = new ScreenLock(screen);
  for (const is of [true, false, true]) lock.set(is);
  await settled();
  expect([screen.asked, screen.held]).toEqual([1, 1]);
  for (const is of [false, true, false]) lock.set(is);
  await settled();
  expect(screen.held).toBe(0);
});

test('[PN12] a browser that takes it back for reasons of its own is asked again when the page is seen again', async () => {
  const { screen } = await moving();
  await screen.given[0]!.release();
  await settled();
  expect([screen.asked, screen.held]).toEqual([1, 0]);
  await screen.shows('visible');
  expect([screen.asked, screen.held]).toEqual([2, 1]);
});

test('[PN12] where it is refused nothing happens, and it is asked for again when the page is seen again', async () => {
  const screen = new FakeScreen();
  screen.refuses = true;
  const { lock } = await moving(screen);
  expect([screen.asked, screen.held]).toEqual([1, 0]);
  screen.refuses = false;
  await screen.shows('hidden');
  await screen.shows('visible');
  expect(screen.held).toBe(1);
  lock.set(false);
});

test('[PN12] a browser that knows none is let be', async () => {
  const { document } = new FakeScreen();
  const lock = new ScreenLock({ document, navigator: {} });
  lock.set(true);
  lock.set(false);
  await settled();
});
