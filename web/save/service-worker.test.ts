import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { activeServiceWorker, registerServiceWorker } from './service-worker.ts';

/** A service worker whose life the test lives. */
class FakeWorker extends EventTarget {
  state: ServiceWorkerState;
  /** Settles when somebody waits for it to change. */
  readonly watched: Promise<void>;
  #watch: () => void = () => undefined;

  constructor(state: ServiceWorkerState) {
    super();
    this.state = state;
    this.watched = new Promise((resolve) => (this.#watch = resolve));
  }

  override addEventListener(...listener: Parameters<EventTarget['addEventListener']>): void {
    super.addEventListener(...listener);
    this.#watch();
  }

  becomes(state: ServiceWorkerState): void {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

interface FakeRegistration {
  readonly scope: string;
  active?: FakeWorker | null;
  waiting?: FakeWorker | null;
  installing?: FakeWorker | null;
}

/** What the browser knows, and what it was asked to register. */
let registrations: FakeRegistration[];
let registered: unknown[];
let refuses: boolean;

function standAt(baseURI: string): void {
  vi.stubGlobal('document', { baseURI });
  vi.stubGlobal('navigator', {
    serviceWorker: {
      /** As browsers do: the one with the longest scope that the address begins with. */
      getRegistration: async (address: string) => {
        if (refuses) throw new DOMException('not in this window', 'SecurityError');
        const fitting = registrations.filter(({ scope }) => address.startsWith(scope));
        return fitting.sort((one, other) => other.scope.length - one.scope.length)[0];
      },
      register: async (...what: unknown[]) => {
        if (refuses) throw new DOMException('not in this window', 'SecurityError');
        registered.push(what);
      },
    },
  });
}

beforeEach(() => {
  vi.useFakeTimers(); // nothing here waits for a patience to end
  [registrations, registered, refuses] = [[], [], false];
  standAt('https://share.example/drop/');
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

const DROP = 'https://share.example/drop/';
const ROOT = 'https://share.example/';

describe('[SA2] [UI12] the service worker that a save goes through', () => {
  test('is the one of the page’s own folder', async () => {
    const [root, drop] = [new FakeWorker('activated'), new FakeWorker('activated')];
    registrations = [
      { scope: ROOT, active: root },
      { scope: DROP, active: drop },
    ];
    expect(await activeServiceWorker()).toBe(drop);
    standAt(ROOT);
    expect(await activeServiceWorker()).toBe(root);
  });

  test('is never another app’s that stands higher up', async () => {
    registrations = [{ scope: ROOT, active: new FakeWorker('activated') }];
    expect(await activeServiceWorker()).toBeNull();
  });

  test('is waited for while it is installed and activated', async () => {
    const worker = new FakeWorker('installing');
    registrations = [{ scope: DROP, active: null, waiting: null, installing: worker }];
    const found = activeServiceWorker();
    await worker.watched;
    for (const state of ['installed', 'activating', 'activated'] as const) worker.becomes(state);
    expect(await found).toBe(worker);
  });

  test('is the active one while a newer version waits', async () => {
    const [active, waiting] = [new FakeWorker('activated'), new FakeWorker('installed')];
    registrations = [{ scope: DROP, active, waiting }];
    expect(await activeServiceWorker()).toBe(active);
  });

  test('is none where its installation fails, nothing is registered, or the browser has none', async () => {
    const worker = new FakeWorker('installing');
    registrations = [{ scope: DROP, installing: worker }];
    const found = activeServiceWorker();
    await worker.watched;
    worker.becomes('redundant');
    expect(await found).toBeNull();
    registrations = [];
    expect(await activeServiceWorker()).toBeNull();
    refuses = true;
    expect(await activeServiceWorker()).toBeNull();
    vi.stubGlobal('navigator', {});
    expect(await activeServiceWorker()).toBeNull();
  });
});

describe('[SA7] [UI12] registering', () => {
  test('names the script beside the page, whose folder the browser makes its scope', async () => {
    vi.stubEnv('PROD', true);
    expect(await registerServiceWorker()).toBe('registered');
    expect(registered).toEqual([['sw.js', { updateViaCache: 'none' }]]);
  });

  test('is no error where the browser refuses or has none, nor in a development server', async () => {
    expect(await registerServiceWorker()).toBe('not-here');
    vi.stubEnv('PROD', true);
    refuses = true;
    expect(await registerServiceWorker()).toBe('not-here');
    vi.stubGlobal('navigator', {});
    expect(await registerServiceWorker()).toBe('not-here');
    expect(registered).toEqual([]);
  });
});
