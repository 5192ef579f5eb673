import { describe, expect, test } from 'vitest';
import { factsOf, refusalOf, refusedFor, seenByFirstByte, seenByWhole } from './probe-answer.ts';
import type { ProbeHead } from './probe-answer.ts';

const TODAY = Date.UTC(2026, 10, 27);

function head(status: number, headers: Readonly<Record<string, string>> = {}): ProbeHead {
  return { status, header: (name) => headers[name] ?? null };
}

describe('[WS11] an answer that is no file', () => {
  test.each([
    [204, 'not-a-file'],
    [205, 'not-a-file'],
    [302, 'not-a-file'],
    [304, 'not-a-file'],
    [401, 'needs-login'],
    [403, 'refused'],
    [404, 'refused'],
    [407, 'proxy'],
    [408, 'busy'],
    [416, 'refused'],
    [425, 'busy'],
    [429, 'busy'],
    [451, 'refused'],
    [500, 'broken-server'],
    [502, 'broken-server'],
    [503, 'busy'],
    [999, 'broken-server'],
  ])('[WS11] %i: %s', (status, why) => {
    expect(refusalOf(head(status), TODAY)).toEqual({ kind: 'refused', why, status, retryMs: 0 });
  });

  test('[WS11] says when it wants to be asked again', () => {
    expect(refusalOf(head(503, { 'retry-after': '7' }), TODAY)).toMatchObject({ retryMs: 7_000 });
    expect(refusedFor('silent')).toEqual({ kind: 'refused', why: 'silent', status: null, retryMs: 0 });
  });

  test('[WS11] is not that of an empty file', () => {
    expect(refusalOf(head(416, { 'content-range': 'bytes */0' }), TODAY)).toBeNull();
    expect(refusalOf(head(416, { 'content-range': 'bytes */5' }), TODAY)).toMatchObject({ why: 'refused' });
  });
});

describe('[WS11] the first byte', () => {
  test.each<[number, Record<string, string>, number | null, boolean]>([
    [206, { 'content-range': 'bytes 0-0/300000', 'content-length': '1' }, 300_000, true],
    [206, { 'content-range': 'bytes 0-0/*', 'content-length': '1' }, null, true],
    [206, { 'content-range': 'bytes 0-9/300000' }, 300_000, true],
    [206, { 'content-range': 'bytes 5-5/300000' }, null, false],
    [206, { 'content-range': 'bytes 0-0/9007199254740993' }, null, false],
    [206, { 'content-length': '1' }, null, false],
    [206, { 'content-range': 'bytes 0-0/300000', 'content-encoding': 'gzip' }, null, false],
    [200, { 'content-length': '300000', 'accept-ranges': 'bytes' }, 300_000, false],
    [200, { 'content-length': '300000', 'content-encoding': 'br' }, null, false],
    [200, { 'content-length': '-5' }, null, false],
    [200, {}, null, false],
    [200, { 'content-length': '0' }, 0, false],
    [416, { 'content-range': 'bytes */0' }, 0, false],
  ])('[WS11] %i %j shows %j, ranges: %j', (status, headers, size, ranges) => {
    expect(seenByFirstByte(head(status, headers))).toEqual({ size, ranges });
  });
});

describe('[WS11] all from the first byte on', () => {
  test.each<[number, Record<string, string>, number | null]>([
    [206, { 'content-length': '300000' }, 300_000],
    [206, { 'content-length': '300000', 'content-range': 'bytes 0-299999/300000' }, 300_000],
    [200, { 'content-length': '300000' }, 300_000],
    [200, { 'content-length': '300000', 'content-encoding': 'gzip' }, null],
    [200, {}, null],
  ])('[WS11] %i %j shows %j', (status, headers, size) => {
    expect(seenByWhole(head(status, headers))).toEqual({ size, ranges: false });
  });
});

test('[WS11] the facts are those of the last answer', () => {
  const asked = { url: 'https://mirror.example/latest', finalUrl: 'https://cdn.example/a-1.2.iso' };
  const headers = { etag: '"a"', 'last-modified': 'Mon, 23 Nov 2026 08:00:00 GMT' };
  expect(factsOf(asked, head(206, headers), { size: 5, ranges: true })).toEqual({
    ...asked,
    size: 5,
    ranges: true,
    name: 'a-1.2.iso',
    etag: '"a"',
    lastModified: 'Mon, 23 Nov 2026 08:00:00 GMT',
  });
});
