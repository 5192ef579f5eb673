import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, it } from 'vitest';
import { LeavingGuard } from './leaving.ts';
import { BrowserPlace } from './place.svelte.ts';
import { receivedPercent, receiveFacts } from './receiving.ts';
import { manifestOf, peersOf, transferOf } from './transfer.fixture.ts';
import { askToKeepStorage, databaseIsThere, obstacleIn, storageOpens } from './surroundings.ts';
import type { Need } from './surroundings.ts';

describe('what the browser lets the page do', () => {
  const whole = {
    isSecureContext: true,
    String: { prototype: { isWellFormed: {} } },
    crypto: { subtle: {} },
    Worker: {},
    RTCPeerConnection: { prototype: { createDataChannel: {} } },
  };

  it('[UI6] finds no obstacle where everything is there', () => {
    expect(obstacleIn(whole)).toBeNull();
  });

  it('[UI6] names what is missing, the address first', () => {
    const lacking = (...needs: Need[]) => ({ kind: 'lacking', needs });
    const old = { String: { prototype: {} } };
    expect(obstacleIn({ ...old, isSecureContext: false })).toEqual({ kind: 'insecure' });
    expect(obstacleIn({ ...whole, ...old })).toEqual(lacking('language'));
    expect(obstacleIn({ ...whole, crypto: {} })).toEqual(lacking('crypto'));
    expect(obstacleIn({ ...whole, crypto: undefined })).toEqual(lacking('crypto'));
    expect(obstacleIn({ ...whole, Worker: undefined })).toEqual(lacking('worker'));
    expect(obstacleIn({ ...whole, RTCPeerConnection: undefined })).toEqual(lacking('channels'));
    expect(obstacleIn({ ...whole, RTCPeerConnection: { prototype: {} } })).toEqual(lacking('channels'));
    expect(obstacleIn({ ...old, isSecureContext: true })).toEqual(
      lacking('language', 'crypto', 'worker', 'channels'),
    );
  });

  it('[UI6] tries the storage, and leaves nothing behind', async () => {
    const factory = new IDBFactory();
    expect(await storageOpens(factory, 'probe')).toBe(true);
    expect(await factory.databases()).toEqual([]);
  });

  it('[UI6] takes a missing, a refusing and a throwing storage for none', async () => {
    expect(await storageOpens(undefined, 'probe')).toBe(false);
    const throwing = {
      open: () => {
        throw new DOMException('insecure', 'SecurityError');
      },
    };
    expect(await storageOpens(throwing as unknown as globalThis.IDBFactory, 'probe')).toBe(false);
    const request: { onerror: () => void } = { onerror: () => undefined };
    const answer = storageOpens({ open: () => request } as unknown as globalThis.IDBFactory, 'probe');
    request.onerror();
    expect(await answer).toBe(false);
  });
});

describe('[UI10] a database', () => {
  it('is there when it was opened once, under its own name', async () => {
    const factory = new IDBFactory();
    expect(await databaseIsThere(factory, 'shoal')).toBe(false);
    await new Promise((resolve) => (factory.open('shoal').onsuccess = resolve));
    expect(await databaseIsThere(factory, 'shoal')).toBe(true);
    expect(await databaseIsThere(factory, 'shoal/drop/')).toBe(false);
  });

  it('is taken for absent where the browser does not say', async () => {
    expect(await databaseIsThere(undefined, 'shoal')).toBe(false);
    expect(await databaseIsThere({} as globalThis.IDBFactory, 'shoal')).toBe(false);
    const refusing = { databases: () => Promise.reject(new DOMException('no', 'SecurityError')) };
    expect(await databaseIsThere(refusing as unknown as globalThis.IDBFactory, 'shoal')).toBe(false);
  });
});

describe('leaving', () => {
  it('[UI5] listens only while something moves, and asks then', () => {
    const target = new EventTarget();
    const guard = new LeavingGuard(target as Window);
    const asks = (): boolean => !target.dispatchEvent(new Event('beforeunload', { cancelable: true }));
    expect(asks()).toBe(false);
    guard.set(true);
    guard.set(true);
    expect(asks()).toBe(true);
    guard.set(false);
    expect(asks()).toBe(false);
  });
});

describe('the place', () => {
  const windowAt = (address: string) => {
    const location = Object.assign(new URL(address), {
      replace(this: URL, to: string) {
        this.hash = to;
      },
    });
    return Object.assign(new EventTarget(), { location });
  };

  it('[UI1] follows the fragment', () => {
    const window = windowAt('http://localhost:8000/#/');
    const place = new BrowserPlace(window as unknown as Window);
    expect(place.route.page).toBe('home');
    place.go('#/share/new');
    expect(place.route.page).toBe('making');
    window.dispatchEvent(new Event('hashchange'));
    expect(place.route.page).toBe('making');
    place.replace('#abc');
    expect(place.route.page).toBe('damaged');
    window.dispatchEvent(new Event('hashchange'));
    expect(place.route.page).toBe('damaged');
  });

  it.each([
    ['http://localhost:8000/', 'localhost', '8000'],
    ['https://example.org/', 'example.org', '443'],
    ['http://example.org/', 'example.org', '80'],
  ])('[UI3] knows the host and port of %s', (address, host, port) => {
    const place = new BrowserPlace(windowAt(address) as unknown as Window);
    expect([place.host, place.port]).toEqual([host, port]);
  });
});

describe('the figures of receiving', () => {
  const manifest = manifestOf([1_000]);

  it('[UI7] reaches 100 only with everything stored, also of an empty share', () => {
    expect(receivedPercent(transferOf({}))).toBe(0);
    expect(receivedPercent(transferOf({ manifest, receivedBytes: 1_000, storedBytes: 900 }))).toBe(99);
    expect(receivedPercent(transferOf({ manifest, receivedBytes: 1_000, storedBytes: 1_000 }))).toBe(100);
    const empty = manifestOf([0]);
    expect(receivedPercent(transferOf({ manifest: empty, phase: 'complete' }))).toBe(100);
    expect(receivedPercent(transferOf({ manifest: empty, phase: 'ready' }))).toBe(0);
    expect(receivedPercent(transferOf({ manifest: empty, phase: 'stopped' }))).toBe(100);
  });

  it('[UI7] keeps its places while the phase changes', () => {
    const ready = receiveFacts(transferOf({ manifest, phase: 'ready', online: { seeds: 1, leechers: 2 } }));
    const running = receiveFacts(
      transferOf({ manifest, phase: 'downloading', peers: peersOf(2), online: null, eta: 5 }),
    );
    expect(ready.map(({ value }) => value)).toEqual(['1.00\u00a0kB', '1', '3', '0\u00a0bytes']);
    expect(running.map(({ name }) => name)).toEqual(['Speed', 'Time left', 'Others online', 'Uploaded']);
    expect(running.map(({ value }) => value)).toEqual(['0\u00a0bytes/s', '5 seconds', '2', '0\u00a0bytes']);
  });
});

describe('keeping what is stored', () => {
  const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0';
  const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0';

  it.each([
    ['Chromium, which decides by itself', CHROME, 'prompt', 1],
    ['Firefox, which would ask the person', FIREFOX, 'prompt', 0],
    ['Firefox, where the person refused', FIREFOX, 'denied', 0],
    ['Firefox, where the person agreed before', FIREFOX, 'granted', 1],
  ])('[UI5] in %s', async (_what, userAgent, state, times) => {
    let asked = 0;
    const storage = { persist: async () => ++asked > 0 };
    await askToKeepStorage({ userAgent, storage, permissions: { query: async () => ({ state }) } });
    expect(asked).toBe(times);
  });

  it('[UI5] takes every answer, and none, for one', async () => {
    const refuse = () => Promise.reject(new Error('no'));
    await askToKeepStorage({ userAgent: CHROME, storage: { persist: refuse } });
    await askToKeepStorage({ userAgent: CHROME });
    await askToKeepStorage({ userAgent: FIREFOX, storage: {}, permissions: { query: refuse } });
  });
});
