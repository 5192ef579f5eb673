import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { segmentFlaw } from '../manifest/paths.ts';
import { encodeUtf8 } from '../utf8.ts';
import { fileNameOf } from './file-name.ts';

const URL_OF_IT = 'https://mirror.example/pub/plain.iso';

/** As a header brings it: each byte as a character. */
function raw(text: string): string {
  return String.fromCharCode(...encodeUtf8(text));
}

describe('[WS11] the name that a server gives', () => {
  test.each([
    ['attachment; filename=a.iso', 'a.iso'],
    ['attachment; filename="a b; c.iso"', 'a b; c.iso'],
    [String.raw`attachment; filename="a \"b\".iso"`, 'a "b".iso'],
    ['ATTACHMENT;FileName = "a.iso" ; size=5', 'a.iso'],
    ['filename="a.iso"', 'a.iso'],
    ['attachment; filename=a b.iso', 'a b.iso'],
    ['attachment; filename="cut.iso', 'cut.iso'],
    ['attachment; filename="b.iso"; filename*=UTF-8\'\'b%C3%BCcher.iso', 'bücher.iso'],
    ["attachment; filename*=utf-8'de'b%C3%BCcher.iso; filename=b.iso", 'bücher.iso'],
    ["attachment; filename*=ISO-8859-1''b%FCcher.iso", 'bücher.iso'],
    ["attachment; filename*=UTF-8''b%FCcher.iso; filename=b.iso", 'b.iso'],
    ["attachment; filename*=KOI8-R''%C1; filename=b.iso", 'b.iso'],
    ['attachment; filename*=a%C3; filename=b.iso', 'b.iso'],
    [`attachment; filename="${raw('bücher.iso')}"`, 'bücher.iso'],
    ['attachment; filename="b\u00fccher.iso"', 'bücher.iso'],
    ['attachment; filename=a.iso; filename=b.iso', 'a.iso'],
    ['attachment; filename="../../etc/passwd"', 'passwd'],
    [String.raw`attachment; filename="C:\\Windows\\a.dll"`, 'a.dll'],
    ["attachment; filename*=UTF-8''..%2F..%2Fa.iso", 'a.iso'],
    ['attachment; filename="CON"', '_CON'],
    ['attachment; filename="a\u0001b\u007f.iso"', 'a_b_.iso'],
    ["attachment; filename*=UTF-8''a%E2%80%AEosi.exe", 'aosi.exe'],
    ["attachment; filename*=UTF-8''a%00.iso", 'a_.iso'],
  ])('[WS11] %j is %j', (disposition, name) => {
    expect(fileNameOf(disposition, URL_OF_IT)).toBe(name);
  });

  test.each([
    ...[
      '',
      'attachment',
      'inline; filename=',
      'attachment; filename=""',
      'attachment; filename=".."',
      'attachment; filename="/"',
    ],
    ...[
      'attachment; name=a.iso',
      "attachment; filename*=UTF-8''%E2%80%AE",
      `attachment; filename="${'a'.repeat(20_000)}"`,
    ],
  ])('[WS11] of %j is that of the address', (disposition) => {
    expect(fileNameOf(disposition, URL_OF_IT)).toBe('plain.iso');
  });

  test('[WS11] is cut to what a file can be called, and keeps its ending', () => {
    const name = fileNameOf(`attachment; filename="${'a'.repeat(10_000)}.iso"`, URL_OF_IT);
    expect([name.length, name.endsWith('a.iso')]).toEqual([255, true]);
  });
});

describe('[WS11] the name in an address', () => {
  test.each([
    ['https://mirror.example/pub/b%C3%BCcher.iso?key=1/2', 'bücher.iso'],
    ['https://mirror.example/pub/b%FCcher.iso', 'b%FCcher.iso'],
    ['https://mirror.example/pub/a%2F..%2Fb.iso', 'b.iso'],
    ['https://mirror.example/pub/', 'pub'],
    ['https://mirror.example/', 'mirror.example'],
    ['https://mirror.example/%E2%80%AE', 'mirror.example'],
    ['https://93.184.216.34/', '93.184.216.34'],
  ])('[WS11] %s is %j', (url, name) => expect(fileNameOf(null, url)).toBe(name));
});

test('[WS11] whatever comes, a file can be called so', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('filename', '*=', '"', ';', "UTF-8''", '%', '\\', '/', '..'),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      expect(segmentFlaw(fileNameOf(pieces.join(''), URL_OF_IT))).toBeNull();
      expect(segmentFlaw(fileNameOf(null, `https://mirror.example/${pieces.join('')}`))).toBeNull();
    }),
  );
});
