import { afterEach, describe, expect, test, vi } from 'vitest';
import { isServed } from './served-version.ts';

const OURS = 'https://share.example/drop/assets/index-D4N8WZWZ.js';

afterEach(() => vi.unstubAllGlobals());

/** What the server says. */
function says(answer: () => Response | Promise<Response>): unknown[] {
  const asked: unknown[] = [];
  vi.stubGlobal('fetch', async (...request: unknown[]) => {
    asked.push(request);
    return answer();
  });
  return asked;
}

describe('[AP6] the version that the server has', () => {
  test.each([
    ['assets/index-D4N8WZWZ.js\n', true],
    ['assets/index-Other_1.js\n', false],
    // The end of a name is not the name.
    ['assets/x-D4N8WZWZ.js', false],
  ])('is asked for beside the page, past every cache: %j', async (text, same) => {
    const asked = says(() => new Response(text));
    expect(await isServed(OURS)).toBe(same);
    expect(asked).toEqual([['version.txt', { cache: 'no-store', signal: expect.any(AbortSignal) }]]);
  });

  test.each([
    [
      'an older server, which has no such file',
      () => new Response('There is nothing here.\n', { status: 404 }),
    ],
    ['a proxy that is alone', () => new Response('assets/index-Other_1.js', { status: 502 })],
    ['a server that answers everything with its page', () => new Response('<!doctype html>')],
    ['nothing', () => new Response('')],
    ['something else', () => new Response('assets/../index.js')],
    ['a way to somewhere else', () => new Response('https://evil.example/assets/a.js')],
    ['no network', () => Promise.reject<Response>(new TypeError('Failed to fetch'))],
  ])('is not known from %s', async (_, answer) => {
    says(answer);
    expect(await isServed(OURS)).toBeNull();
  });
});
