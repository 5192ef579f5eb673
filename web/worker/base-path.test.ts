import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { basePathOf, nameOnOrigin, trackerAddress } from './base-path.ts';

const at = (address: string) => new URL(address);

describe('[UI12] the base path', () => {
  test.each([
    ['https://share.example/', '/'],
    ['https://share.example/#/share/new', '/'],
    ['https://share.example/?from=mail#x/y', '/'],
    ['https://share.example/drop/', '/drop/'],
    ['https://share.example/drop/sw.js', '/drop/'],
    ['https://share.example/a/b%20c/', '/a/b%20c/'],
    ['https://share.example/drop', '/'],
  ])('of %s is %s', (address, basePath) => {
    expect(basePathOf(at(address))).toBe(basePath);
  });

  test.each([
    ['http://localhost:8000/', 'ws://localhost:8000/tracker'],
    ['https://share.example/', 'wss://share.example/tracker'],
    ['https://share.example/drop/?x#/y', 'wss://share.example/drop/tracker'],
    ['http://[::1]:8000/a/b/', 'ws://[::1]:8000/a/b/tracker'],
  ])('the tracker of %s is %s', (page, tracker) => {
    expect(trackerAddress(at(page))).toBe(tracker);
  });
});

describe('[ST8] names that the whole origin sees', () => {
  test('the root keeps those that it had', () => {
    expect(nameOnOrigin('/')).toBe('shoal');
    expect(nameOnOrigin('/', '-tabs')).toBe('shoal-tabs');
  });

  test('elsewhere they carry the base path', () => {
    expect(nameOnOrigin('/drop/')).toBe('shoal/drop/');
    expect(nameOnOrigin('/drop/', '-probe')).toBe('shoal/drop/-probe');
  });

  test('no two of them are the same', () => {
    const segment = fc.string({ unit: fc.constantFrom(...'shoal-.%2Fprobe'), minLength: 1, maxLength: 8 });
    const basePath = fc.array(segment, { maxLength: 3 }).map((path) => ['', ...path, ''].join('/'));
    const part = fc.constantFrom('', '-tabs', '-probe', '-seeding-1');
    const place = fc.record({ basePath, part });
    fc.assert(
      fc.property(place, place, (one, other) => {
        fc.pre(one.basePath !== other.basePath || one.part !== other.part);
        expect(nameOnOrigin(one.basePath, one.part)).not.toBe(nameOnOrigin(other.basePath, other.part));
      }),
      { numRuns: 1_000 },
    );
  });
});
