/** What a person names on the command line, and what a file on disk gives when it is read. */
import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ONE } from '../../shared/peer/contracts/filled-piece.ts';
import type { FileToShare } from '../../shared/peer/ports.ts';
import { chosenNoticeSentence, notChosenSentence } from './chosen-sentences.ts';
import { chosenPaths } from './chosen-paths.ts';
import type { ChosenPaths } from './chosen-paths.ts';
import { Descriptors } from './descriptors.ts';
import { contentAt } from './disk-content.ts';
import { DiskKept } from './disk-kept.ts';
import { Notices } from './notices.ts';
import { tempFolders } from './testing/temp-folder.ts';

const newFolder = tempFolders();
const descriptors = new Descriptors();
afterAll(() => descriptors.closeAll());

async function put(folder: string, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    if (path.endsWith('/')) await mkdir(join(folder, path), { recursive: true });
    else await writeFile(join(folder, path), path);
  }
}

type Chosen = ChosenPaths & { kind: 'chosen' };

async function chosen(...paths: string[]): Promise<Chosen> {
  const outcome = await chosenPaths(paths);
  if (outcome.kind === 'refused') throw new Error(outcome.why);
  return outcome;
}

const pathsOf = ({ files }: Chosen): string[] => files.map(({ path }) => path.join('/'));

describe('[HL40] named paths', () => {
  test('a file is itself', async () => {
    const folder = await newFolder();
    await put(folder, 'a.txt');
    const found = await chosen(join(folder, 'a.txt'));
    expect([pathsOf(found), found.name, found.folders]).toEqual([['a.txt'], 'a.txt', []]);
    expect(await found.files[0]?.content.read(0, 5)).toEqual({
      kind: 'read',
      bytes: new Uint8Array(Buffer.from('a.txt')),
    });
  });

  test('a folder is walked whole, in the order of names, with its empty folders', async () => {
    const folder = await newFolder();
    await put(folder, 'Trip/b/2', 'Trip/a', 'Trip/b/1', 'Trip/none/', 'Trip/b/deep/none/');
    const found = await chosen(`${join(folder, 'Trip')}/`);
    expect(pathsOf(found)).toEqual(['Trip/a', 'Trip/b/1', 'Trip/b/2']);
    expect(found.folders).toEqual([
      ['Trip', 'b', 'deep', 'none'],
      ['Trip', 'none'],
    ]);
    expect(found.name).toBe('Trip');
    expect(found.files.map(({ modified }) => Math.abs(modified - Date.now()) < 60_000)).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('several are named after the first, and one that is named twice is taken once and said', async () => {
    const folder = await newFolder();
    await put(folder, 'Trip/a', 'b', 'c');
    const named = ['b', 'Trip', 'c', './b'].map((name) => join(folder, name));
    const found = await chosen(...named);
    expect([pathsOf(found), found.name]).toEqual([['Trip/a', 'b', 'c'], 'a and 2 more']);
    expect(found.notices.map(({ kind }) => kind)).toEqual(['named-twice']);
  });

  test('a link that is named is followed under its own name, one inside a folder is left out and said', async () => {
    const folder = await newFolder();
    await put(folder, 'real/a', 'Trip/b');
    await symlink(join(folder, 'real'), join(folder, 'linked'));
    await symlink(join(folder, 'real/a'), join(folder, 'Trip/to-a'));
    await symlink('..', join(folder, 'Trip/round'));
    expect(pathsOf(await chosen(join(folder, 'linked')))).toEqual(['linked/a']);
    const found = await chosen(join(folder, 'Trip'));
    expect(pathsOf(found)).toEqual(['Trip/b']);
    expect(found.notices.map(({ kind, path }) => [kind, path.slice(folder.length)]).sort()).toEqual([
      ['link-left-out', '/Trip/round'],
      ['link-left-out', '/Trip/to-a'],
    ]);
  });

  test('pipes and state folders are left out and said, and nobody waits for a pipe', async () => {
    const folder = await newFolder();
    await put(folder, 'Trip/b', 'Trip/.shoal/library.json', 'Trip/sub/.shoal/x');
    execFileSync('mkfifo', [join(folder, 'Trip/pipe')]);
    const found = await chosen(join(folder, 'Trip'));
    expect(pathsOf(found)).toEqual(['Trip/b']);
    expect(found.notices.map(({ kind }) => kind).sort()).toEqual([
      ...['special-left-out', 'state-left-out', 'state-left-out'],
    ]);
    expect(await chosenPaths([join(folder, 'Trip/pipe')])).toMatchObject({ kind: 'refused', why: 'special' });
  });

  test('a name that is no UTF-8 is shared with a replacement character, and read all the same', async () => {
    const folder = await newFolder();
    await put(folder, 'Trip/');
    const bad = Buffer.concat([Buffer.from(join(folder, 'Trip/a')), Buffer.from([0xff]), Buffer.from('b')]);
    await writeFile(bad, 'content');
    const found = await chosen(join(folder, 'Trip'));
    expect(pathsOf(found)).toEqual(['Trip/a\ufffdb']);
    expect(found.notices.map(({ kind }) => kind)).toEqual(['name-not-utf8']);
    expect((await found.files[0]?.content.read(0, 7))?.kind).toBe('read');
    const kept = new DiskKept(await newFolder(), descriptors, new Notices());
    expect(await kept.keep(ONE, found.files)).toBe(true);
    expect(await kept.open(ONE)).toMatchObject({ kind: 'opened' });
  });

  test('what is not there, or too much, is refused', async () => {
    const folder = await newFolder();
    expect(await chosenPaths([])).toMatchObject({ kind: 'refused', why: 'nothing-named' });
    const missing = join(folder, 'missing');
    expect(await chosenPaths([missing])).toEqual({ kind: 'refused', why: 'not-there', path: missing });
    for (let nth = 0; nth <= 10_000; nth++) await mkdir(join(folder, `${nth}`));
    expect(await chosenPaths([folder])).toMatchObject({ kind: 'refused', why: 'too-many-files' });
  });

  test('are told of in sentences', () => {
    const kinds = [
      'link-left-out',
      'special-left-out',
      'unreadable-left-out',
      'state-left-out',
      'name-not-utf8',
      'named-twice',
    ] as const;
    const why = ['nothing-named', 'not-there', 'unreadable', 'special', 'too-many-files'] as const;
    const sentences = [
      ...kinds.map((kind) => chosenNoticeSentence({ kind, path: 'a\u202eb' })),
      ...why.map((one) => notChosenSentence(one, 'a\u202eb')),
    ];
    expect(new Set(sentences).size).toBe(sentences.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[^\u202e]*\.$/u);
  });
});

describe('[SO4] a file on disk', () => {
  async function file(): Promise<{ path: string; read: () => Promise<unknown> }> {
    const path = join(await newFolder(), 'a');
    await writeFile(path, 'content');
    await utimes(path, 1_000, 1_000);
    const content = await contentAt(path, descriptors);
    expect((await content?.read(0, 7))?.kind).toBe('read');
    return { path, read: async () => content?.read(0, 7) };
  }
  const changed = { kind: 'unreadable', why: 'changed' };
  const vanished = { kind: 'unreadable', why: 'vanished' };

  test('that grew, or was written anew, has changed, also while it is open', async () => {
    const [grown, rewritten] = [await file(), await file()];
    await appendFile(grown.path, 'more');
    await writeFile(rewritten.path, 'CONTENT');
    expect([await grown.read(), await rewritten.read()]).toEqual([changed, changed]);
  });

  test('in whose place is another one has changed; one that is gone has vanished, and is there again when it is back', async () => {
    const [replaced, gone] = [await file(), await file()];
    await writeFile(`${replaced.path}2`, 'content');
    await utimes(`${replaced.path}2`, 1_000, 1_000);
    await rename(`${replaced.path}2`, replaced.path);
    expect(await replaced.read()).toEqual(changed);
    await rename(gone.path, `${gone.path}2`);
    await rm(replaced.path);
    expect(await replaced.read()).toEqual(vanished);
    await rename(`${gone.path}2`, gone.path);
    expect(await gone.read()).toMatchObject({ kind: 'read' });
  });
});

describe('[LB5] [HL41] kept files', () => {
  async function share(): Promise<{ folder: string; files: FileToShare[]; kept: DiskKept }> {
    const folder = await newFolder();
    await put(folder, 'Trip/a', 'Trip/b');
    const { files } = await chosen(join(folder, 'Trip'));
    return { folder, files, kept: new DiskKept(join(folder, 'kept'), descriptors, new Notices()) };
  }

  test('are found again where they lay, until they are forgotten', async () => {
    const { files, kept } = await share();
    expect([await kept.open(ONE), await kept.shares()]).toEqual([{ kind: 'not-kept' }, []]);
    expect(await kept.keep(ONE, files)).toBe(true);
    expect(await kept.shares()).toEqual([ONE]);
    const opened = await kept.open(ONE);
    expect(opened.kind === 'opened' && opened.files.map(({ path }) => path.join('/'))).toEqual([
      'Trip/a',
      'Trip/b',
    ]);
    await kept.forget(ONE);
    expect([await kept.open(ONE), await kept.shares()]).toEqual([{ kind: 'not-kept' }, []]);
  });

  test('are gone where one of them is, and none is kept where one lies on no disk', async () => {
    const { folder, files, kept } = await share();
    await kept.keep(ONE, files);
    await rm(join(folder, 'Trip/a'));
    expect(await kept.open(ONE)).toEqual({ kind: 'gone' });
    const elsewhere = {
      size: 1,
      read: async () => changedFile,
      inOrder: () => ({ next: async () => changedFile, end: () => undefined }),
    };
    expect(await kept.keep(ONE, [...files, { content: elsewhere, path: ['c'], modified: 0 }])).toBe(false);
    expect(await kept.open(ONE)).toEqual({ kind: 'not-kept' });
  });

  test('a list that is damaged is put aside', async () => {
    const { folder, files, kept } = await share();
    await kept.keep(ONE, files);
    await writeFile(join(folder, 'kept', `${ONE}.json`), '[]');
    expect(await kept.open(ONE)).toEqual({ kind: 'not-kept' });
    expect(await readFile(join(folder, 'kept', `${ONE}.json.damaged`), 'utf8')).toBe('[]');
  });

  const changedFile = { kind: 'unreadable', why: 'changed' } as const;
});
