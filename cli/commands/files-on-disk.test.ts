/** Where commands look for files and what they write: real folders. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { infoHash } from '../../shared/ids.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { commandLine, quoted } from './again.ts';
import { placedFiles } from './placed-files.ts';
import { foundResources } from './resource-scan.ts';
import { shareState, stateFolderIn } from './state-folders.ts';
import { systemSentence, writeWhole } from './system.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'shoal-files-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, content = 'x'): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

function manifestOf(...paths: string[]): Manifest {
  return {
    trackerIp: 'localhost',
    trackerPort: '8000',
    comment: '',
    creationDate: '2026-11-27T00:00:00+00:00',
    name: paths[0]?.split('/')[0] ?? '',
    pieces: [],
    files: paths.map((path) => ({ path: path.split('/'), size: 1 })),
    folders: [],
    urls: [],
    totalBytes: paths.length,
    shoal: null,
  };
}

describe('[HL11] [HL15] where content lies', () => {
  const below = async (manifest: Manifest, path: string) =>
    (await placedFiles(manifest, join(folder, path))).map((file) => [
      file.path.slice(folder.length + 1),
      file.size,
    ]);

  test('[HL11] in the folder, in the share’s own folder, or it is the file', async () => {
    put('Holiday/a.jpg');
    put('Holiday/sub/b.jpg');
    const manifest = manifestOf('Holiday/a.jpg', 'Holiday/sub/b.jpg');
    const both = [
      ['Holiday/a.jpg', 1],
      ['Holiday/sub/b.jpg', 1],
    ];
    expect(await below(manifest, '.')).toEqual(both);
    expect(await below(manifest, 'Holiday')).toEqual(both);
    put('film.mp4');
    expect(await below(manifestOf('film.mp4'), 'film.mp4')).toEqual([['film.mp4', 1]]);
    expect(await below(manifestOf('other name.mp4'), 'film.mp4')).toEqual([['film.mp4', 1]]);
    expect(await below(manifestOf('film.mp4'), '.')).toEqual([['film.mp4', 1]]);
    expect(await below(manifestOf('Holiday/a.jpg', 'Holiday/c.jpg'), '.')).toEqual([
      ['Holiday/a.jpg', 1],
      ['Holiday/c.jpg', null],
    ]);
  });

  test('[HL15] by the names that they are saved by', async () => {
    put('gpj.exe');
    expect(await below(manifestOf('\u202egpj.exe'), '.')).toEqual([['gpj.exe', 1]]);
  });

  test('[HL15] resource files are found below, but for hidden ones', async () => {
    for (const path of [
      'a.torrentinno',
      'one/two/B.TORRENTINNO',
      '.shoal/c.torrentinno',
      'one/.d.torrentinno',
      'e.txt',
    ])
      put(path);
    mkdirSync(join(folder, 'folder.torrentinno'));
    const found = await foundResources(folder);
    expect(found.map(({ path }) => path.slice(folder.length + 1))).toEqual([
      'a.torrentinno',
      'one/two/B.TORRENTINNO',
    ]);
    await expect(foundResources(join(folder, 'gone'))).rejects.toThrow();
  });
});

describe('[HL10] [HL17] what is written', () => {
  test('[HL10] whole, and over nothing unless it is told to', async () => {
    const path = join(folder, 'a');
    await writeWhole(path, Buffer.from('one'), false);
    await expect(writeWhole(path, Buffer.from('two'), false)).rejects.toThrow(/is there already/);
    await writeWhole(path, Buffer.from('two'), true);
    expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['two', ['a']]);
    await expect(writeWhole(join(folder, 'no/b'), Buffer.from('x'), false)).rejects.toThrow(
      /There is no folder/,
    );
  });

  test.each<[string, RegExp]>([
    ['ENOENT', /^There is no it\.$/],
    ['EACCES', /no right/],
    ['EROFS', /read-only/],
    ['ENOSPC', /no more room/],
    ['ENOTDIR', /is a file/],
    ['ENAMETOOLONG', /too long/],
    ['EMFILE', /too many files/],
    ['EIO', /cannot be used/],
  ])('[HL17] %s in words', (code, sentence) => {
    expect(systemSentence(Object.assign(new Error(code), { code }), 'it')).toMatch(sentence);
  });
});

describe('[HL6] [HL12] going on', () => {
  test('[HL6] a command can be typed as it is printed', () => {
    expect(commandLine('get', 'https://a/#b', '-o', "it's here")).toBe(
      String.raw`shoal get https://a/#b -o 'it'\''s here'`,
    );
    expect(['#b', '~x', '', 'a b', '$(x)', 'a'].map(quoted)).toEqual([
      "'#b'",
      "'~x'",
      "''",
      "'a b'",
      "'$(x)'",
      'a',
    ]);
  });

  test('[HL12] each set of paths has a state of its own, whatever their order', () => {
    const env = { XDG_STATE_HOME: '/state' };
    expect(shareState(['/a', '/b'], env)).toBe(shareState(['/b', '/a'], env));
    expect(shareState(['/a'], env)).not.toBe(shareState(['/b'], env));
    expect(shareState(['/a'], { HOME: '/home/me' })).toMatch(
      /^\/home\/me\/\.local\/state\/shoal\/shares\/[\da-f]{16}$/,
    );
    const id = infoHash('ab'.repeat(32));
    expect(id === null ? null : stateFolderIn('/down', id)).toBe('/down/.shoal/abababababababab');
  });
});
