/** The page's connections as they are put together: who is asked for ICE servers, for how long, and what that is for. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openLinks } from './connections.ts';
import type { LinksWorker, PageLinks } from './links.ts';
import { newOwnConfig } from './own-config.ts';
import { delivered, FakePeer } from './simple-peer.fixture.ts';
import type { FakePeerOptions } from './simple-peer.fixture.ts';

const browser = vi.hoisted(() => ({ refuses: false }));

vi.mock('simple-peer/simplepeer.min.js', async () => {
  const fixture = await import('./simple-peer.fixture.ts');
  return {
    default: class extends fixture.FakePeer {
      constructor(options: FakePeerOptions) {
        if (browser.refuses) throw new DOMException('Cannot create so many PeerConnections', 'UnknownError');
        super(options);
      }
    },
  };
});

const STUN = { urls: 'stun:shoal.example' };

let told: unknown[];
let links: PageLinks;
let requests: { address: string; limit: AbortController; answer(response: Response): void }[];
let limits: { ms: number; controller: AbortController }[];

beforeEach(() => {
  [told, requests, limits, browser.refuses] = [[], [], [], false];
  FakePeer.made.length = 0;
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const controller = new AbortController();
    limits.push({ ms, controller });
    return controller.signal;
  });
  vi.stubGlobal('fetch', (address: string, { signal }: RequestInit) => {
    const limit = limits.find(({ controller }) => controller.signal === signal)?.controller;
    if (limit === undefined) throw new Error('a request without a limit');
    return new Promise<Response>((answer, fail) => {
      limit.signal.addEventListener('abort', () => fail(limit.signal.reason));
      requests.push({ address, limit, answer });
    });
  });
  const worker: LinksWorker = {
    attemptSignalled: (attempt) => told.push([attempt, 'signalled']),
    attemptOpened: (attempt) => told.push([attempt, 'opened']),
    attemptInterrupted: (attempt) => told.push([attempt, 'interrupted']),
    attemptEnded: (attempt) => told.push([attempt, 'ended']),
  };
  links = openLinks(worker, newOwnConfig());
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('[PN1] the page’s connections', () => {
  it('[UI12] ask the server beside the page for ICE servers, once, and use them', async () => {
    links.connect(1, 'dialler', false);
    links.connect(2, 'acceptor', false);
    expect(requests.map(({ address }) => address)).toEqual(['config']);
    expect(FakePeer.made).toEqual([]);
    requests[0]!.answer(Response.json({ iceServers: [STUN] }));
    await delivered();
    expect(FakePeer.made.map(({ options }) => [options.initiator, options.config])).toEqual([
      [true, { iceServers: [STUN] }],
      [false, { iceServers: [STUN] }],
    ]);
  });

  it('are made without ICE servers where no answer comes in time, and the next one asks again', async () => {
    links.connect(1, 'dialler', false);
    expect(limits.map(({ ms }) => ms)).toEqual([8_000]);
    limits[0]!.controller.abort(new DOMException('', 'TimeoutError'));
    await delivered();
    expect(FakePeer.made[0]?.options.config).toEqual({ iceServers: [] });
    links.connect(2, 'dialler', false);
    requests[1]!.answer(Response.json({ iceServers: [STUN] }));
    await delivered();
    expect(FakePeer.made[1]?.options.config).toEqual({ iceServers: [STUN] });
  });

  it('[LB14] tell the browser to use relays alone where that is asked for', async () => {
    links.connect(1, 'dialler', true);
    links.connect(2, 'dialler', false);
    requests[0]!.answer(Response.json({ iceServers: [STUN] }));
    await delivered();
    expect(FakePeer.made.map(({ options }) => options.config)).toEqual([
      { iceServers: [STUN], iceTransportPolicy: 'relay' },
      { iceServers: [STUN] },
    ]);
  });

  it('that the browser refuses are attempts that failed, and the next one is tried', async () => {
    browser.refuses = true;
    links.connect(1, 'dialler', false);
    requests[0]!.answer(Response.json({ iceServers: [] }));
    await delivered();
    expect(told).toEqual([[1, 'ended']]);
    browser.refuses = false;
    links.connect(2, 'dialler', false);
    await delivered();
    expect([FakePeer.made.length, told.length]).toEqual([1, 1]);
  });
});
