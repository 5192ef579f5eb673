import { describe, expect, test } from 'vitest';
import { MAX_WEB_FACTS_BYTES, MAX_WEB_JOB_BYTES } from '../limits.ts';
import { encodeUtf8 } from '../utf8.ts';
import { encodeWebJob, encodeWebWord, isSameFile, parseWebJob, parseWebWord } from './web-texts.ts';
import type { WebFacts } from './web-texts.ts';

const FACTS = { size: 12, etag: '"a"', lastModified: 'Tue, 01 Jan 2030 00:00:00 GMT' };

const wordOf = (facts: WebFacts, lends = false) => encodeWebWord({ facts, lends });

describe('[WF13] facts of a file at a web address', () => {
  test('come back as they were', () => {
    expect(parseWebWord(wordOf(FACTS))).toEqual({ facts: FACTS, lends: false });
    expect(parseWebWord(wordOf(FACTS, true))).toEqual({ facts: FACTS, lends: true });
    const none = { size: 0, etag: null, lastModified: null };
    expect(parseWebWord(wordOf(none))?.facts).toEqual(none);
  });

  test('fit their frames whatever a server says', () => {
    const long = '\u0001'.repeat(200);
    const facts = { size: Number.MAX_SAFE_INTEGER, etag: long, lastModified: long };
    expect(wordOf(facts, true).length).toBeLessThan(MAX_WEB_FACTS_BYTES);
    const job = encodeWebJob({ url: `https://a/${'x'.repeat(2_038)}`, facts });
    expect(job.length).toBeLessThan(MAX_WEB_JOB_BYTES);
    expect(parseWebJob(job)?.facts).toEqual(facts);
    expect(parseWebWord(wordOf({ ...facts, etag: `${long}x` }))?.facts.etag).toBeNull();
  });

  test.each([
    '',
    '{}',
    'null',
    '[]',
    '{"size":-1,"etag":null,"lastModified":null}',
    '{"size":1.5,"etag":null,"lastModified":null}',
    '{"size":9007199254740992,"etag":null,"lastModified":null}',
    '{"size":1,"etag":3,"lastModified":null}',
    '{"size":"1","etag":null,"lastModified":null}',
    `{"size":1,"etag":"${'x'.repeat(201)}","lastModified":null}`,
  ])('%s is none', (text) => {
    expect(parseWebWord(encodeUtf8(text))).toBeNull();
  });

  test('bytes that are no UTF-8 are none', () => {
    expect(parseWebWord(Uint8Array.of(0xff))).toBeNull();
    expect(parseWebJob(Uint8Array.of(0xff))).toBeNull();
  });
});

describe('[WF14] a job', () => {
  test('comes back as it was, and not without an address', () => {
    const job = { url: 'https://example.org/film.mkv', facts: FACTS };
    expect(parseWebJob(encodeWebJob(job))).toEqual(job);
    expect(parseWebJob(encodeUtf8(JSON.stringify({ facts: FACTS })))).toBeNull();
    expect(parseWebJob(encodeUtf8(JSON.stringify({ url: 'x'.repeat(2_049), facts: FACTS })))).toBeNull();
  });
});

describe('[WS21] the same file', () => {
  test.each([
    [true, {}],
    [true, { etag: null }],
    [true, { lastModified: null, etag: null }],
    [false, { size: 13 }],
    [false, { etag: '"b"' }],
    [false, { lastModified: 'Tue, 01 Jan 2030 00:00:01 GMT' }],
  ])('%s for %o', (same, others) => {
    expect(isSameFile(FACTS, { ...FACTS, ...others })).toBe(same);
    expect(isSameFile({ ...FACTS, ...others }, FACTS)).toBe(same);
  });
});
