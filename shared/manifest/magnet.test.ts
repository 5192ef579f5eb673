import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesToHex } from '../hex.ts';
import { infoHash } from '../ids.ts';
import { findLink } from './find-link.ts';
import { linkFragment } from './link.ts';
import { isMagnet, magnetText, readMagnet } from './magnet.ts';

const hash = infoHash('7e4f10f178009b25cca6370378242e2b74aeff82a187f151874d5bb57de06f04')!;
const other = infoHash('0e4f10f178009b25cca6370378242e2b74aeff82a187f151874d5bb57de06f04')!;
const link = `https://shoal.example/drop/#${linkFragment(hash)}`;
const topic = `xt=urn:torrentinno:${hash}`;
const bittorrent = 'xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a';

describe('[LK5] magnet text', () => {
  test('names the share, its name, its size and its link', () => {
    expect(magnetText({ infoHash: hash, name: 'Photos & more', bytes: 12_345, link })).toBe(
      `magnet:?${topic}&dn=Photos%20%26%20more&xl=12345&as=https%3A%2F%2Fshoal.example%2Fdrop%2F%23${linkFragment(hash)}`,
    );
  });

  test.each([
    'é'.repeat(127),
    '𝄞'.repeat(63),
    'gpj.\u202eexe',
    'two\nlines\r\n',
    'a&xt=urn:btih:0#?=%+%2B',
    `don't (please) * !~`,
    '   ',
    '',
  ])('keeps the name %j', (name) => {
    const text = magnetText({ infoHash: hash, name, bytes: 0, link });
    expect(text).toMatch(/^magnet:\?[\w.~%:=&-]+$/);
    expect(readMagnet(text)).toEqual({ kind: 'magnet', infoHash: hash, name: name || null, bytes: 0 });
  });

  test('reads back, whatever is in it, and is found in a text as a link is', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const name = fc.string({ minLength: 1, maxLength: 255 });
    fc.assert(
      fc.property(bytes, name, fc.maxSafeNat(), (raw, named, size) => {
        const id = infoHash(bytesToHex(raw))!;
        const own = `https://shoal.example/#${linkFragment(id)}`;
        const text = magnetText({ infoHash: id, name: named, bytes: size, link: own });
        expect(readMagnet(text)).toEqual({ kind: 'magnet', infoHash: id, name: named, bytes: size });
        expect(readMagnet(`<${text}> and so on`)).toMatchObject({ infoHash: id, bytes: size });
        expect(findLink(`See ${text}.`)).toEqual({ kind: 'link', infoHash: id });
      }),
    );
  });

  test('half a character in a name becomes U+FFFD', () => {
    const text = magnetText({ infoHash: hash, name: 'a\ud83d', bytes: 1, link });
    expect(readMagnet(text)).toMatchObject({ name: 'a\ufffd' });
  });
});

describe('[LK5] a magnet of Shoal is read', () => {
  test.each([
    [`magnet:?${topic}`, null, null],
    [`MAGNET:?XT=URN:TORRENTINNO:${hash.toUpperCase()}`, null, null],
    [`magnet:?xl=7&dn=a+b&${topic}`, 'a b', 7],
    [`magnet:?dn=first&dn=second&${topic}&${topic}&xl=x&xl=-1&xl=8&xl=9`, 'first', 8],
    [`magnet:?xt.1=urn:torrentinno:${hash}&xt.2=urn:btih:00&tr=https://x.example/`, null, null],
    [`magnet:?${bittorrent}&${topic}`, null, null],
    [`magnet:?&&=&dn&dn=&xt=&%&${topic}&garbage`, null, null],
    [`magnet:?dn=%E0%A4%A&${topic}&xl=99999999999999999`, '%E0%A4%A', null],
    [`magnet:?dn=Photos&amp;${topic}&amp;xl=5`, 'Photos', 5],
    [`  <magnet:?${topic}&dn=a> and other text`, 'a', null],
    [
      `magnet:?dn=a&xl=5&xt=urn:torrentinno:${hash.slice(0, 20)}\r\n> ${hash.slice(20)}`.replace('> ', ''),
      'a',
      5,
    ],
    [`magnet:?dn=a&as=${encodeURIComponent(link)}`, 'a', null],
    [`magnet:?dn=a&as=${link}`, 'a', null],
    [`magnet:?xt=urn:torrentinno:${hash.slice(1)}&as=${encodeURIComponent(link)}`, null, null],
    [`magnet:?xt=urn%3Atorrentinno%3A${hash}`, null, null],
  ])('%j', (text, name, bytes) => {
    expect(readMagnet(text)).toEqual({ kind: 'magnet', infoHash: hash, name, bytes });
  });

  test.each([
    ['bittorrent', `magnet:?${bittorrent}&dn=Film`],
    [
      'bittorrent',
      'Magnet:?dn=Film&xt=urn:BTMH:1220caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e',
    ],
    ['bittorrent', 'magnet:?xt.1=urn:btih:00&xt.2=urn:btmh:00'],
    ['unknown', 'magnet:?xt=urn:sha1:YNCKHTQCWBTRNJIV4WNAE52SJUQCZO5C'],
    ['unknown', `magnet:?xt=urn:torrentinno:${hash.slice(1)}`],
    ['unknown', `magnet:?xt=urn:torrentinno:${hash}0`],
    ['unknown', `magnet:?xt=urn:torrentinno:${hash.slice(1)}g&${bittorrent}`],
    ['unknown', 'magnet:?'],
    ['unknown', 'magnet:?dn=x'],
    ['several', `magnet:?${topic}&xt=urn:torrentinno:${other}`],
    ['several', `magnet:?xt=urn:torrentinno:${other}&as=${encodeURIComponent(link)}`],
    ['no-magnet', ''],
    ['no-magnet', link],
    ['no-magnet', `see magnet:?${topic}`],
    ['no-magnet', `magnet:${topic}`],
  ])('%s: %j', (kind, text) => {
    expect(readMagnet(text)).toEqual({ kind });
    expect(isMagnet(text)).toBe(kind !== 'no-magnet');
  });

  test('is total, and long ones hold nothing up', () => {
    const parts = fc.constantFrom(
      'magnet:?',
      'xt=',
      '&',
      'urn:torrentinno:',
      hash,
      '%',
      '\n',
      'as=',
      '=',
      '.1',
      'é',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 20 }), (some) => {
        expect(readMagnet(some.join('')).kind).toBeTypeOf('string');
      }),
    );
    for (const part of ['as=%23a&', '&', ' ', 'xt=urn:btih:0&', '%']) {
      expect(readMagnet(`magnet:?${topic}&${part.repeat(500_000)}`)).toMatchObject({ infoHash: hash });
    }
  });
});
