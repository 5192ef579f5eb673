import { describe, expect, test } from 'vitest';
import { linkFragment } from '../../shared/manifest/link.ts';
import { meaningOf, textAsFile } from './handed.ts';
import { idOf } from './transfer.fixture.ts';

const id = idOf('a');
const link = `https://share.example/drop/#${linkFragment(id)}`;
const another = `https://share.example/#${linkFragment(idOf('b'))}`;
const wordsOf = (words: { title?: string; text?: string; url?: string }) =>
  meaningOf({ kind: 'text', title: '', text: '', url: '', ...words });

describe('[AP3] what another app hands over is', () => {
  test('the files as if they were chosen', async () => {
    const content = new Blob(['12345']);
    const meaning = meaningOf({
      kind: 'files',
      files: [{ name: 'a.txt', type: 'text/plain', lastModified: 7, content }],
    });
    if (meaning.kind !== 'share' || meaning.chosen.kind !== 'files') throw new Error('no share');
    const [chosen] = meaning.chosen.files;
    expect([chosen?.path, meaning.chosen.folders]).toEqual([['a.txt'], []]);
    const { name, type, lastModified, size } = chosen?.file ?? {};
    expect([name, type, lastModified, size]).toEqual(['a.txt', 'text/plain', 7, 5]);
    expect(await chosen?.file.text()).toBe('12345');
  });

  test.each([
    [['film.TorrentInno'], { kind: 'resource', file: { name: 'film.TorrentInno' } }],
    [['folder/film.torrentinno'], { kind: 'resource', file: { name: 'film.torrentinno' } }],
    [['film.torrentinno', 'film.mkv'], { kind: 'share' }],
    [['film.torrentinno.txt'], { kind: 'share' }],
  ])('[MF10] a resource file alone as one to be opened: %j', (names, meaning) => {
    const files = names.map((name) => ({ name, type: '', lastModified: 0, content: new Blob() }));
    expect(meaningOf({ kind: 'files', files })).toMatchObject(meaning);
  });

  test.each([
    ['/storage/emulated/0/DCIM/a.jpg', 'a.jpg'],
    ['../../a.jpg', 'a.jpg'],
    ['folder/', ''],
    ['a\\b.jpg', 'a\\b.jpg'],
    ['', ''],
  ])('a file by its own name alone: %j', (name, base) => {
    const meaning = meaningOf({
      kind: 'files',
      files: [{ name, type: '', lastModified: 0, content: new Blob() }],
    });
    expect(meaning).toMatchObject({ chosen: { files: [{ path: [base] }] } });
  });

  test('refused as a choice would be, where it is too much', () => {
    expect(meaningOf({ kind: 'too-many-files' })).toEqual({ kind: 'share', chosen: { kind: 'too-many' } });
    expect(meaningOf({ kind: 'no-room' })).toEqual({ kind: 'no-room' });
  });

  test.each([
    [{ url: link }],
    [{ text: link }],
    [{ title: link }],
    [{ title: 'Photos', text: `Have a look:\n${link}`, url: link }],
  ])('the one link that is in its words: %j', (words) => {
    expect(wordsOf(words)).toEqual({ kind: 'open', infoHash: id });
  });

  test.each([
    [{ text: `${link} ${another}` }, `${link} ${another}`],
    [{ text: 'read this', url: 'https://x.example/#top' }, 'read this\nhttps://x.example/#top'],
    [{ title: 'A page', url: 'https://x.example/' }, 'https://x.example/'],
    [{ title: 'only a title' }, 'only a title'],
    [{ title: 'A page', text: 'read this' }, 'read this'],
    // A word that looks like an id is a word.
    [{ text: linkFragment(id) }, linkFragment(id)],
  ])('a text, which is asked about: %j', (words, text) => {
    expect(wordsOf(words)).toEqual({ kind: 'text', text });
  });

  test('a file, where a text is shared', async () => {
    const chosen = textAsFile('grüße');
    if (chosen.kind !== 'files') throw new Error('no files');
    expect(chosen.files.map(({ path }) => path)).toEqual([['Text.txt']]);
    expect(await chosen.files[0]?.file.text()).toBe('grüße');
  });
});
