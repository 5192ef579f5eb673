import { makeZip, predictLength } from 'client-zip';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../shared/manifest/resource.ts';
import { savedWhole, wantedFile } from './save-plan.ts';
import { storedEntries } from './stored-zip.fixture.ts';
import { downloadName, zipEntries } from './zip-entries.ts';

const CREATED = '2026-01-02T03:04:06+00:00';

function manifestOf(content: Partial<Manifest>): Manifest {
  return {
    trackerIp: 'localhost',
    trackerPort: '8000',
    comment: '',
    creationDate: CREATED,
    name: 'a share',
    pieces: [],
    files: [],
    folders: [],
    urls: [],
    totalBytes: 0,
    shoal: null,
    ...content,
  };
}

const emptyFile = (path: string, modified?: number) => ({
  path: path.split('/'),
  size: 0,
  ...(modified === undefined ? {} : { modified }),
});

/** What a reader finds in the zip, each file without bytes. */
async function zipped(manifest: Manifest) {
  const entries = zipEntries(manifest);
  const inputs = entries.map((entry) => (entry.kind === 'file' ? { ...entry, input: '' } : entry));
  const zip = new Uint8Array(await new Response(makeZip(inputs)).arrayBuffer());
  expect(Number(predictLength(entries))).toBe(zip.length);
  return storedEntries(zip);
}

async function dateIn(modified: number | undefined, creationDate = CREATED): Promise<Date | undefined> {
  const [entry] = await zipped(manifestOf({ files: [emptyFile('a', modified)], creationDate }));
  return entry?.modified;
}

describe('the entries of a zip', () => {
  test('[SA1] [SA8] are the files with their paths and dates, and then the empty folders', async () => {
    const manifest = manifestOf({
      files: [emptyFile('f/a.txt', Date.UTC(1999, 11, 31, 1, 2, 4)), emptyFile('f/g/π.jpg')],
      folders: [['f', 'none'], ['e']],
    });
    const created = new Date(CREATED);
    expect((await zipped(manifest)).map(({ path, modified }) => [path, modified])).toEqual([
      ['f/a.txt', new Date(Date.UTC(1999, 11, 31, 1, 2, 4))],
      ['f/g/π.jpg', created],
      ['f/none/', created],
      ['e/', created],
    ]);
  });

  test('[MF9] have no direction marks, and are as many as the files and folders', async () => {
    const manifest = manifestOf({
      files: [emptyFile('f\u200e/a'), emptyFile('f/a'), emptyFile('\u202e'), emptyFile('CO\u200eN')],
      folders: [['f', '\u2066none\u2069']],
    });
    expect((await zipped(manifest)).map(({ path }) => path)).toEqual([
      'f (2)/a',
      'f/a',
      '_',
      '_CON',
      'f/none/',
    ]);
  });

  test.each<[string, number, Date]>([
    ['1980', new Date(1980, 0, 1, 0, 0, 2).getTime(), new Date(1980, 0, 1, 0, 0, 2)],
    ['2107', new Date(2107, 11, 31, 23, 59, 58).getTime(), new Date(2107, 11, 31, 23, 59, 58)],
    ['before 1980', new Date(1979, 11, 31, 23, 59, 58).getTime(), new Date(1980, 0, 1)],
    ['1970', 0, new Date(1980, 0, 1)],
    ['before 1970', -1, new Date(1980, 0, 1)],
    ['the first that a Date holds', -8.64e15, new Date(1980, 0, 1)],
    ['2108', new Date(2108, 0, 1).getTime(), new Date(2107, 11, 31, 23, 59, 58)],
    ['the last that a Date holds', 8.64e15, new Date(2107, 11, 31, 23, 59, 58)],
  ])('[SA8] a date of %s', async (_, modified, told) => {
    expect(await dateIn(modified)).toEqual(told);
  });

  test('[SA8] a creation date that only Python reads is the first that a zip can tell', async () => {
    expect(await dateIn(undefined, '2026-01-02T03:04:06+01:02:03')).toEqual(new Date(1980, 0, 1));
    expect(await dateIn(undefined, '0001-01-01T00:00:00')).toEqual(new Date(1980, 0, 1));
    expect(await dateIn(Date.UTC(2026, 5, 1), '2026-01-02T03:04:06+01:02:03')).toEqual(
      new Date(Date.UTC(2026, 5, 1)),
    );
  });

  test('[SA8] any date is told to within two seconds, or is the nearest that can be', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.nat(4e12)),
        async (modified) => {
          const told = (await dateIn(modified))!;
          const year = new Date(modified).getFullYear();
          if (year >= 1980 && year <= 2107) expect(Math.abs(told.getTime() - modified)).toBeLessThan(2_000);
          else expect(told.getFullYear()).toBe(year < 1980 ? 1980 : 2107);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what a share is saved as', () => {
  test('[SA1] itself when it is one plain file, else a zip', () => {
    const whole = (files: string[], folders: string[][] = []) =>
      savedWhole({ files: files.map((path) => emptyFile(path)), folders });
    expect(whole(['a.txt'])).toBe(0);
    expect(whole(['f/a.txt'])).toBe('zip');
    expect(whole(['a.txt', 'b.txt'])).toBe('zip');
    expect(whole(['a.txt'], [['none']])).toBe('zip');
  });

  test('[SA12] of part of it: the only wanted file as itself, several as a zip', () => {
    const share = { files: ['f/a.txt', 'f/b.txt', 'f/c.txt'].map((path) => emptyFile(path)), folders: [] };
    expect(savedWhole(share, wantedFile([1]))).toBe(1);
    expect(savedWhole(share, wantedFile([0, 2]))).toBe('zip');
    expect(savedWhole(share, wantedFile(null))).toBe('zip');
  });

  test('[SA1] [MF9] under a name without marks', () => {
    const manifest = manifestOf({
      name: 'Fer\u202eien',
      files: [emptyFile('f/a\u200e.txt'), emptyFile('f/a.txt')],
    });
    expect(downloadName(manifest, 'zip')).toBe('Ferien.zip');
    expect(downloadName(manifest, 0)).toBe('a (2).txt');
    expect(downloadName(manifest, 1)).toBe('a.txt');
    expect(downloadName(manifestOf({ name: '\u202e' }), 'zip')).toBe('_.zip');
    expect(downloadName(manifestOf({ name: 'x'.repeat(255) }), 'zip')).toBe(`${'x'.repeat(251)}.zip`);
  });
});
