import { describe, expect, it } from 'vitest';
import { NotLoaded, whenReached } from './reaching.ts';
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
