import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NotLoaded, ownServer, whenReached } from './reaching.ts';
import type { Server } from './reaching.ts';

/** Answers what it is told, one after the other; the code comes only after the last of them. */
class FakeServer implements Server {
  readonly said: string[] = [];
  readonly #answers: boolean[];

  constructor(...answers: boolean[]) {
    this.#answers = answers;
  }

  async answers(): Promise<boolean> {
    const answer = this.#answers.shift() ?? true;
    this.said.push(answer ? 'answers' : 'silent');
    return answer;
  }

  async nextTry(unanswered: number): Promise<void> {
    this.said.push(`waits ${unanswered}`);
  }

  away = (): void => void this.said.push('away');

  load = async (): Promise<string> => {
    this.said.push('load');
    if (this.#answers.length > 0) throw new NotLoaded();
    return 'code';
  };
}

describe('[WK5] code that is loaded from a server', () => {
  it('is asked for once where it comes', async () => {
    const server = new FakeServer();
    expect(await whenReached(server.load, server, server.away)).toBe('code');
    expect(server.said).toEqual(['load']);
  });

  it('is asked for again when the server answers, and not before', async () => {
    const server = new FakeServer(false, false, true);
    expect(await whenReached(server.load, server, server.away)).toBe('code');
    expect(server.said).toEqual([
      ...['load', 'silent', 'away', 'waits 0', 'silent', 'away', 'waits 1', 'answers', 'load'],
    ]);
  });

  it('is given up where a server that answers has it no more, but not for having been away often', async () => {
    const gone = new FakeServer(true, true, true, true);
    await expect(whenReached(gone.load, gone, gone.away)).rejects.toThrow(NotLoaded);
    expect(gone.said.filter((what) => what === 'load')).toHaveLength(3);
    const shaky = new FakeServer(...Array.from({ length: 6 }, () => [false, true]).flat());
    expect(await whenReached(shaky.load, shaky, shaky.away)).toBe('code');
  });

  it('passes on what went wrong for another reason', async () => {
    const server = new FakeServer();
    const broken = whenReached(() => Promise.reject(new Error('ours')), server, server.away);
    await expect(broken).rejects.toThrow('ours');
    expect(server.said).toEqual([]);
  });
});

describe('[WK5] the server that the page came from', () => {
  const page = new EventTarget();

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it.each([
    [200, true],
    [404, true],
    [429, true],
    [500, false],
    [502, false],
    [503, false],
  ])('that says %i answers: %s', async (status, answers) => {
    const asked: unknown[] = [];
    vi.stubGlobal('fetch', async (...request: unknown[]) => {
      asked.push(request);
      return new Response(null, { status });
    });
    expect(await ownServer.answers()).toBe(answers);
    // What a cache says is no sign of life.
    expect(asked).toEqual([['config', { cache: 'no-store', signal: expect.any(AbortSignal) }]]);
  });

  it('that cannot be reached does not answer', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    expect(await ownServer.answers()).toBe(false);
  });

  /** Milliseconds until it is asked again. */
  async function wait(unanswered: number): Promise<number> {
    let isDue = false;
    void ownServer.nextTry(unanswered).then(() => (isDue = true));
    let waited = 0;
    for (; !isDue && waited < 60_000; waited += 250) await vi.advanceTimersByTimeAsync(250);
    return waited;
  }

  it('is asked again after a second, then twice as late each time, at most fifteen seconds', async () => {
    const waits = [];
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    for (const unanswered of [0, 1, 2, 3, 4, 100]) waits.push(await wait(unanswered));
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  it('is asked by those that lost it together at different times', async () => {
    const random = vi.spyOn(Math, 'random');
    const waits = [];
    for (const chance of [0, 0.5, 0.999]) {
      random.mockReturnValue(chance);
      waits.push(await wait(2));
    }
    expect(waits).toEqual([3_000, 4_000, 5_000]);
  });

  it('is asked as soon as the browser is online again, and nothing is left of the waiting', async () => {
    const waiting = ownServer.nextTry(100);
    page.dispatchEvent(new Event('online'));
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
  });
});
