import { beforeEach, describe, expect, it } from 'vitest';
import { ServerConfig } from './server-config.ts';
import type { IceServer } from './server-config.ts';

const STUN = [{ urls: 'stun:shoal.example' }];
const TURN = [{ urls: ['turn:shoal.example?transport=udp'], username: '1790000000', credential: 'c2VjcmV0' }];

type Answer = { ok: boolean; json(): Promise<unknown> };
const said = (value: unknown): Answer => ({ ok: true, json: async () => value });

/** A server whose answers the test gives, one for each request. */
class Server {
  requests = 0;
  #answer: (answer: Answer) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;

  readonly fetch = (): Promise<Answer> => {
    this.requests += 1;
    return new Promise((resolve, reject) => {
      [this.#answer, this.#fail] = [resolve, reject];
    });
  };

  answers(answer: Answer): void {
    this.#answer(answer);
  }

  fails(name: string): void {
    this.#fail(new DOMException('', name));
  }
}

let now = 0;
let server: Server;
let ice: ServerConfig;

beforeEach(() => {
  now = 5_000;
  server = new Server();
  ice = new ServerConfig(server.fetch, () => now);
});

/** Asks, and has that answer given. */
async function asked(answer: Answer): Promise<IceServer[]> {
  const servers = ice.iceServers();
  server.answers(answer);
  return servers;
}

describe('[PN1] the ICE servers', () => {
  it('are those that the server names, for ten minutes', async () => {
    expect(await asked(said({ iceServers: TURN, more: 'is passed over' }))).toEqual(TURN);
    now += 10 * 60_000 - 1;
    expect(await ice.iceServers()).toEqual(TURN);
    expect(server.requests).toBe(1);
    now += 1;
    expect(await asked(said({ iceServers: STUN }))).toEqual(STUN);
    expect(server.requests).toBe(2);
  });

  it('are asked for once by all who connect at the same time', async () => {
    const askers = [ice.iceServers(), ice.iceServers(), ice.iceServers()];
    server.answers(said({ iceServers: STUN }));
    expect(await Promise.all(askers)).toEqual([STUN, STUN, STUN]);
    expect(server.requests).toBe(1);
  });

  it('may be none, which is an answer that is remembered', async () => {
    expect(await asked(said({ iceServers: [] }))).toEqual([]);
    expect(await ice.iceServers()).toEqual([]);
    expect(server.requests).toBe(1);
  });

  const unreadable: [string, Answer][] = [
    ['too many requests (429)', { ok: false, json: async () => ({ iceServers: STUN }) }],
    ['an error of the server’s (500)', { ok: false, json: async () => null }],
    ['text that is no JSON', { ok: true, json: () => Promise.reject(new SyntaxError('<!doctype html>')) }],
    ...[
      null,
      [],
      {},
      { iceServers: null },
      { iceServers: {} },
      { iceServers: ['stun:shoal.example'] },
      { iceServers: [{}] },
      { iceServers: [{ urls: 7 }] },
      { iceServers: [{ urls: [null] }] },
      { iceServers: [...TURN, { urls: 'turn:shoal.example', username: null }] },
      { iceServers: [{ urls: 'turn:shoal.example', credential: 7 }] },
    ].map((value): [string, Answer] => [JSON.stringify(value), said(value)]),
  ];

  it.each(unreadable)('an answer that is none is not remembered: %s', async (_, answer) => {
    expect(await asked(answer)).toEqual([]);
    expect(await asked(said({ iceServers: STUN }))).toEqual(STUN);
    expect(server.requests).toBe(2);
  });

  it.each(['TypeError', 'TimeoutError', 'AbortError'])(
    'no answer at all (%s) ends for all who wait, and holds up nobody who comes later',
    async (name) => {
      const waiting = [ice.iceServers(), ice.iceServers()];
      server.fails(name);
      expect(await Promise.all(waiting)).toEqual([[], []]);
      expect(await asked(said({ iceServers: STUN }))).toEqual(STUN);
    },
  );

  it('are those that were said last where the next answer is none, until there is one', async () => {
    await asked(said({ iceServers: TURN }));
    now += 20 * 60_000;
    expect(await asked({ ok: false, json: async () => null })).toEqual(TURN);
    // It is asked again at once, not ten minutes later.
    expect(await asked(said({ iceServers: STUN }))).toEqual(STUN);
  });

  it('are fresh from when the answer came, not from when it was asked for', async () => {
    const servers = ice.iceServers();
    now += 7_000;
    server.answers(said({ iceServers: STUN }));
    await servers;
    now += 10 * 60_000 - 1;
    expect(await ice.iceServers()).toEqual(STUN);
    expect(server.requests).toBe(1);
  });
});

describe('[WS6] whether pages may fetch from web addresses', () => {
  it.each([
    [{ iceServers: [], urlSources: true }, true],
    [{ iceServers: [] }, false],
  ])('is what the same answer says: %o', async (answer, says) => {
    const [urlSources, servers] = [ice.urlSources(), ice.iceServers()];
    server.answers(said(answer));
    expect([await urlSources, await servers]).toEqual([says, []]);
    expect(server.requests).toBe(1);
  });

  it('is not known while no answer came', async () => {
    const unknown = ice.urlSources();
    server.fails('TypeError');
    expect(await unknown).toBeNull();
  });
});
