/** [WS3] [WS6] Ranges as a page may fetch them. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RangeOrder } from '../../shared/peer/ports.ts';
import { webRanges } from './web-ranges.ts';

const ORDER: RangeOrder = { url: 'https://mirror.example/a', from: 2, length: 3, size: 10 };

/** What is told of an order, until it is over. */
function told(order: RangeOrder): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  return new Promise((resolve) => {
    const over = (what: unknown): void => resolve([...all, what]);
    webRanges.fetch(order, {
      came: (bytes) => void all.push([...bytes]),
      ended: () => over('ended'),
      failed: (why, retryMs) => over([why, retryMs]),
    });
  });
}

function answers(answer: () => Promise<Response>) {
  const fetched = vi.fn<typeof fetch>(answer);
  vi.stubGlobal('fetch', fetched);
  return fetched;
}

afterEach(() => vi.unstubAllGlobals());

describe('[WS3] a range that a page asks for', () => {
  it('[WS3] is asked for without anything that tells who asks, and comes', async () => {
    const fetched = answers(async () => new Response(Uint8Array.of(7, 8, 9), { status: 206 }));
    expect(await told(ORDER)).toEqual([[7, 8, 9], 'ended']);
    expect(fetched.mock.calls[0]?.[0]).toBe(ORDER.url);
    expect(fetched.mock.calls[0]?.[1]).toMatchObject({
      ...{ headers: { range: 'bytes=2-4' }, credentials: 'omit', referrerPolicy: 'no-referrer' },
      ...{ cache: 'no-store', mode: 'cors' },
    });
  });

  it.each<[string, Response, string]>([
    ['the whole of it', new Response(new Uint8Array(10), { status: 200 }), 'no-ranges'],
    ['a login', new Response(null, { status: 401 }), 'needs-login'],
    ['that it is gone', new Response(null, { status: 404 }), 'refused'],
    ['that it is busy', new Response(null, { status: 503 }), 'busy'],
  ])('[WS3] that is answered by %s says so', async (_, response, why) => {
    answers(async () => response);
    expect(await told(ORDER)).toEqual([[why, 0]]);
  });

  it('[WS3] that the browser keeps from the page looks like a server that is not there', async () => {
    answers(() => Promise.reject(new TypeError('Failed to fetch')));
    expect(await told(ORDER)).toEqual([['unreachable', 0]]);
  });

  it('[WS6] by http is not asked for at all', async () => {
    const fetched = answers(async () => new Response(null));
    expect(await told({ ...ORDER, url: 'http://mirror.example/a' })).toEqual([['forbidden-address', 0]]);
    expect(fetched).not.toHaveBeenCalled();
  });
});
