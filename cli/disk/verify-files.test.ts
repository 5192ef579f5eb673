/** [HL38] Whether files on disk are a share's, and where the bytes of a share lie. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseManifest } from '../../shared/manifest/resource.ts';
import { seededRandom } from '../../shared/random.ts';
import { plainName, savedNames } from './file-names.ts';
import { Layout } from './layout.ts';
import { makeShare, someBytes } from './testing/made-share.ts';
import type { MadeShare } from './testing/made-share.ts';
import { randomShare } from './testing/random-share.ts';
import { tempFolders } from './testing/temp-folder.ts';
import { seemsThere, verifyFiles } from './verify-files.ts';

const newFolder = tempFolders();

const share = makeShare(
  [
    { path: 'Trip/a.bin', bytes: someBytes(50_000, 1) },
    { path: 'Trip/b', bytes: someBytes(100, 2) },
    { path: 'Trip/none', bytes: new Uint8Array(0) },
    { path: 'Trip/c.bin', bytes: someBytes(40_000, 3) },
  ],
  { name: 'Trip' },
);

async function written(
  { files }: MadeShare,
  change: (path: string, bytes: Uint8Array) => Uint8Array | null = (_, bytes) => bytes,
): Promise<string> {
  const folder = await newFolder();
  for (const { path, bytes } of files) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    const now = change(path, bytes.slice());
    if (now !== null) await writeFile(join(folder, path), now);
  }
  return folder;
}

async function verdicts(path: string, of = share): Promise<unknown> {
  const verified = await verifyFiles(of.manifest, path);
  return verified.kind === 'verified' ? [...verified.files, verified.pieces.count] : verified.kind;
}

describe('[HL38] files are verified', () => {
  test('by the folder they lie in, or the one around it, or the one file', async () => {
    const folder = await written(share);
    const right = ['right', 'right', 'right', 'right', 6];
    expect(await verdicts(folder)).toEqual(right);
    expect(await verdicts(join(folder, 'Trip'))).toEqual(right);
    expect(await seemsThere(share.manifest, folder)).toBe(true);
    const one = makeShare([{ path: 'film.mkv', bytes: someBytes(70_000) }]);
    const at = await written(one);
    expect(await verdicts(join(at, 'film.mkv'), one)).toEqual(['right', 5]);
    expect(await verdicts(at, one)).toEqual(['right', 5]);
  });

  test('and which is wrong, missing, or cannot be told for its neighbour is said', async () => {
    const changed = await written(share, (path, bytes) =>
      path.endsWith('a.bin') ? bytes.fill(0, 0, 10) : bytes,
    );
    expect(await verdicts(changed)).toEqual(['wrong', 'right', 'right', 'right', 5]);
    const without = await written(share, (path, bytes) => (path.endsWith('c.bin') ? null : bytes));
    expect(await verdicts(without)).toEqual(['unproved', 'unproved', 'right', 'missing', 3]);
    const short = await written(share, (path, bytes) =>
      path.endsWith('a.bin') ? bytes.subarray(0, 20_000) : bytes,
    );
    expect(await verdicts(short)).toEqual(['wrong', 'unproved', 'right', 'unproved', 3]);
    expect(await seemsThere(share.manifest, short)).toBe(false);
    expect(await verdicts(await newFolder())).toBe('nothing-there');
  });

  test('and progress comes to its end', async () => {
    const seen: number[] = [];
    await verifyFiles(share.manifest, await written(share), ({ verifiedBytes, totalBytes }) => {
      seen.push(verifiedBytes / totalBytes);
    });
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});

describe('[GM1] where bytes lie', () => {
  test.each(Array.from({ length: 30 }, (_, seed) => seed))('is as a naive count has it (seed %i)', (seed) => {
    const made = randomShare(seededRandom(seed));
    const layout = Layout.parse(made.record.manifest);
    const places = made.files.flatMap(({ bytes }, file) => Array.from(bytes, (_, at) => [file, at] as const));
    let start = 0;
    const piecesOf = new Map<number, number[]>();
    for (const { piece, bytes } of made.pieces) {
      const segments = layout?.segmentsOf(piece) ?? [];
      expect(segments.reduce((sum, { length }) => sum + length, 0)).toBe(bytes.length);
      for (const { file, at, from, length } of segments) {
        expect(places[start + from]).toEqual([file, at]);
        expect(places[start + from + length - 1]).toEqual([file, at + length - 1]);
        piecesOf.set(file, [...(piecesOf.get(file) ?? []), piece]);
      }
      expect([layout?.sha256(piece), layout?.pieceSize(piece)]).toEqual([
        made.pieces[piece]?.sha256,
        bytes.length,
      ]);
      start += bytes.length;
    }
    for (const file of made.files.keys()) {
      const { from = 0, to = 0 } = layout?.piecesOf(file) ?? {};
      const pieces = Array.from({ length: to - from }, (_, nth) => from + nth);
      expect(pieces).toEqual(piecesOf.get(file) ?? []);
    }
  });

  test('is nothing that is no manifest', () => {
    expect(Layout.parse(new Uint8Array([123, 125]))).toBeNull();
    expect(parseManifest(share.record.manifest).kind).toBe('parsed');
  });
});

describe('[HL31] names', () => {
  const namesOf = (paths: string[], platform = 'linux') =>
    savedNames(
      { name: 'Share', files: paths.map((path) => ({ path: path.split('/'), size: 1 })), folders: [] },
      platform,
    );

  test('lie in the folder that all have, or in one of the share’s name', () => {
    expect(namesOf(['T/a', 'T/b/c'])).toEqual({ top: 'T', files: [['a'], ['b', 'c']], folders: [] });
    expect(namesOf(['a', 'b/c'])).toEqual({ top: 'Share', files: [['a'], ['b', 'c']], folders: [] });
    expect(namesOf(['a'])).toEqual({ top: 'a', files: [[]], folders: [] });
    expect(namesOf(['T/a'])).toEqual({ top: 'T', files: [['a']], folders: [] });
  });

  test('have nothing in them that Windows takes for something else, and stay apart', () => {
    expect(namesOf(['T/a:b', 'T/a_b', 'T/a?b'], 'win32').files).toEqual([['a_b (2)'], ['a_b'], ['a_b (3)']]);
    expect(namesOf(['T/ab:c']).files).toEqual([['ab:c']]);
  });

  test('that a disk refuses become plain', () => {
    expect(plainName('grün*.tar.gz', 3)).toBe('gr_n_.tar [3].gz');
    expect(plainName('字'.repeat(80), 1)).toBe(`${'_'.repeat(80)} [1]`);
    expect(plainName(`${'a'.repeat(200)}.mkv`, 12)).toBe(`${'a'.repeat(80)} [12].mkv`);
  });
});
