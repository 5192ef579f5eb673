import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SaveQuestion, TakeOver } from '../worker/saving/save-messages.ts';
import {
  activeServiceWorker,
  answerVersionQuestions,
  presentServiceWorker,
  registerServiceWorker,
} from './service-worker.ts';

const NOBODY = { newerWaits: () => undefined, olderClosed: () => undefined };

/** A service worker whose life the test lives. */
class FakeWorker extends EventTarget {
  state: ServiceWorkerState;
  /** Settles when somebody waits for it to change. */
  readonly watched: Promise<void>;
  #watch: () => void = () => undefined;
  readonly questions: SaveQuestion['kind'][] = [];
  /** What it says when it is asked to take over. */
  answer: TakeOver = { kind: 'older-pages' };

  postMessage({ kind }: SaveQuestion, [port]: [MessagePort]): void {
    this.questions.push(kind);
    port.postMessage(this.answer);
    port.close();
  }

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

class FakeRegistration extends EventTarget {
  readonly scope: string;
  active: FakeWorker | null = null;
  waiting: FakeWorker | null = null;
  installing: FakeWorker | null = null;

  constructor(
    scope: string,
    workers: Partial<Record<'active' | 'waiting' | 'installing', FakeWorker | null>>,
  ) {
    super();
    this.scope = scope;
    Object.assign(this, workers);
  }
}

/** What is said to this page by a service worker. */
let said: EventTarget & { started: boolean };

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
        return registrations[0] ?? new FakeRegistration('https://share.example/drop/', {});
      },
      addEventListener: (...listener: Parameters<EventTarget['addEventListener']>) =>
        said.addEventListener(...listener),
      startMessages: () => (said.started = true),
    },
  });
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  said = Object.assign(new EventTarget(), { started: false });
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
      new FakeRegistration(ROOT, { active: root }),
      new FakeRegistration(DROP, { active: drop }),
    ];
    expect(await activeServiceWorker()).toBe(drop);
    standAt(ROOT);
    expect(await activeServiceWorker()).toBe(root);
  });

  test('is never another app’s that stands higher up', async () => {
    registrations = [new FakeRegistration(ROOT, { active: new FakeWorker('activated') })];
    expect(await activeServiceWorker()).toBeNull();
  });

  test('is waited for while it is installed and activated', async () => {
    const worker = new FakeWorker('installing');
    registrations = [new FakeRegistration(DROP, { installing: worker })];
    const found = activeServiceWorker();
    await worker.watched;
    for (const state of ['installed', 'activating', 'activated'] as const) worker.becomes(state);
    expect(await found).toBe(worker);
  });

  test('is waited for while it is still being registered', async () => {
    vi.stubEnv('PROD', true);
    const worker = new FakeWorker('activated');
    let register = (): void => undefined;
    const { serviceWorker } = navigator;
    vi.stubGlobal('navigator', {
      serviceWorker: {
        getRegistration: serviceWorker.getRegistration.bind(serviceWorker),
        register: () =>
          new Promise((resolve) => {
            register = () => {
              registrations = [new FakeRegistration(DROP, { active: worker })];
              resolve(registrations[0]);
            };
          }),
      },
    });
    const registering = registerServiceWorker();
    const found = activeServiceWorker();
    register();
    expect(await found).toBe(worker);
    expect(await registering).toBe('registered');
  });

  test('is the active one while a newer version has to wait for older pages', async () => {
    const [active, waiting] = [new FakeWorker('activated'), new FakeWorker('installed')];
    registrations = [new FakeRegistration(DROP, { active, waiting })];
    expect(await activeServiceWorker()).toBe(active);
  });

  test('is none where its installation fails, nothing is registered, or the browser has none', async () => {
    const worker = new FakeWorker('installing');
    registrations = [new FakeRegistration(DROP, { installing: worker })];
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

describe('[SA11] a newer version that waits', () => {
  const pair = (): [FakeWorker, FakeWorker] => [new FakeWorker('activated'), new FakeWorker('installed')];

  test('is asked to take over before a save, which goes through it when it has', async () => {
    const [active, waiting] = pair();
    waiting.answer = { kind: 'taking-over' };
    registrations = [new FakeRegistration(DROP, { active, waiting })];
    const found = activeServiceWorker();
    await waiting.watched;
    for (const state of ['activating', 'activated'] as const) waiting.becomes(state);
    expect(await found).toBe(waiting);
    expect([active.questions, waiting.questions]).toEqual([[], ['take-over']]);
    expect(await presentServiceWorker()).toBe(active); // as the browser says, whoever asks
  });

  test('is not waited for where a save of the older one runs', async () => {
    const [active, waiting] = pair();
    waiting.answer = { kind: 'taking-over' };
    registrations = [new FakeRegistration(DROP, { active, waiting })];
    const found = activeServiceWorker();
    await waiting.watched;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await found).toBe(active);
  });

  test('is asked when the page is loaded, and as soon as one is installed', async () => {
    vi.stubEnv('PROD', true);
    const [active, waiting] = pair();
    const registration = new FakeRegistration(DROP, { active, waiting });
    registrations = [registration];
    await registerServiceWorker();
    expect(waiting.questions).toEqual(['take-over']);
    const newest = new FakeWorker('installing');
    Object.assign(registration, { waiting: null, installing: newest });
    registration.dispatchEvent(new Event('updatefound'));
    expect(newest.questions).toEqual([]);
    Object.assign(registration, { waiting: newest, installing: null });
    newest.becomes('installed');
    newest.becomes('activated');
    expect(newest.questions).toEqual(['take-over']);
  });

  test('is asked when it is installed, also where that began before the page was loaded', async () => {
    vi.stubEnv('PROD', true);
    const [active, newer] = [new FakeWorker('activated'), new FakeWorker('installing')];
    const registration = new FakeRegistration(DROP, { active, installing: newer });
    registrations = [registration];
    let told = 0;
    await registerServiceWorker({ ...NOBODY, newerWaits: () => (told += 1) });
    Object.assign(registration, { waiting: newer, installing: null });
    newer.becomes('installed');
    expect([told, newer.questions]).toEqual([1, ['take-over']]);
  });

  test('is asked again while it waits, for an older page may be closed, ever less often', async () => {
    vi.stubEnv('PROD', true);
    const [active, waiting] = pair();
    const registration = new FakeRegistration(DROP, { active, waiting });
    registrations = [registration];
    await registerServiceWorker();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(waiting.questions).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(5_900);
    expect(waiting.questions).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(100);
    expect(waiting.questions).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(3_600_000);
    const asked = waiting.questions.length;
    expect(asked).toBeLessThan(70);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(waiting.questions).toHaveLength(asked + 1);
    waiting.answer = { kind: 'taking-over' };
    await vi.advanceTimersByTimeAsync(60_000);
    Object.assign(registration, { active: waiting, waiting: null });
    waiting.becomes('activated');
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(waiting.questions).toHaveLength(asked + 2);
  });

  test('is told of as soon as no older page is open, also where the browser forgets to let it take over', async () => {
    vi.stubEnv('PROD', true);
    const [active, waiting] = pair();
    registrations = [new FakeRegistration(DROP, { active, waiting })];
    let told = 0;
    await registerServiceWorker({ ...NOBODY, olderClosed: () => (told += 1) });
    await vi.advanceTimersByTimeAsync(2_900);
    expect(told).toBe(0);
    waiting.answer = { kind: 'taking-over' };
    await vi.advanceTimersByTimeAsync(100);
    expect(told).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(waiting.questions.length).toBeGreaterThan(4);
  });

  test('is told of where another page has asked it', async () => {
    vi.stubEnv('PROD', true);
    const [active, waiting] = pair();
    const registration = new FakeRegistration(DROP, { active, waiting });
    registrations = [registration];
    let told = 0;
    await registerServiceWorker({ ...NOBODY, olderClosed: () => (told += 1) });
    Object.assign(registration, { active: waiting, waiting: null });
    await vi.advanceTimersByTimeAsync(3_000);
    expect([told, waiting.questions.length]).toEqual([1, 1]);
  });

  test('that a still newer one has replaced is asked no more', async () => {
    vi.stubEnv('PROD', true);
    const [active, replaced] = pair();
    const registration = new FakeRegistration(DROP, { active, waiting: replaced });
    registrations = [registration];
    await registerServiceWorker();
    const newest = new FakeWorker('installing');
    Object.assign(registration, { installing: newest });
    registration.dispatchEvent(new Event('updatefound'));
    Object.assign(registration, { waiting: newest, installing: null });
    newest.becomes('installed');
    await vi.advanceTimersByTimeAsync(9_000);
    expect([replaced.questions.length, newest.questions.length]).toEqual([1, 3]);
  });

  test('[AP6] is told of when the page is loaded and when it is installed, and the very first one is none', async () => {
    vi.stubEnv('PROD', true);
    let told = 0;
    const registration = new FakeRegistration(DROP, { installing: new FakeWorker('installing') });
    registrations = [registration];
    await registerServiceWorker({ ...NOBODY, newerWaits: () => (told += 1) });
    const installed = (worker: FakeWorker, active: FakeWorker | null): void => {
      Object.assign(registration, { installing: worker });
      registration.dispatchEvent(new Event('updatefound'));
      Object.assign(registration, { active, waiting: worker, installing: null });
      worker.becomes('installed');
    };
    const first = new FakeWorker('installing');
    installed(first, null);
    expect(told).toBe(0);
    installed(new FakeWorker('installing'), first);
    expect(told).toBe(1);
    await registerServiceWorker({ ...NOBODY, newerWaits: () => (told += 1) });
    expect(told).toBe(2);
  });

  test('is told which script the page has, and nothing else is answered', () => {
    answerVersionQuestions('https://share.example/drop/assets/index-1.js');
    expect(said.started).toBe(true);
    const answers: unknown[] = [];
    const port = { postMessage: (answer: unknown) => answers.push(answer) };
    for (const data of [{ kind: 'which-script' }, { kind: 'else' }, null, 7])
      said.dispatchEvent(Object.assign(new Event('message'), { data, ports: [port] }));
    expect(answers).toEqual(['https://share.example/drop/assets/index-1.js']);
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
