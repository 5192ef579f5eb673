/** The form of another app, from the request to what a page takes. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MAX_FILES } from '../../shared/limits.ts';
import { takeHanded } from '../worker/handed/handed-store.ts';
import type { Handed } from '../worker/handed/handed-store.ts';
import { handedIn, takeOverForm } from './share-target.ts';

const SCOPE = 'https://share.example/drop/';
const ADDRESS = `${SCOPE}share-target`;
const DATABASE = 'shoal/drop/-handed';

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
});
afterEach(() => vi.unstubAllGlobals());

function formOf(fields: readonly (readonly [string, string | File])[]): FormData {
  const form = new FormData();
  for (const [name, value] of fields) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, value.name);
  }
  return form;
}

async function handedOver(body: BodyInit, headers: HeadersInit = {}): Promise<readonly Handed[]> {
  const request = new Request(ADDRESS, { method: 'POST', body, headers });
  const response = await takeOverForm(request, SCOPE, DATABASE);
  expect([response.status, response.headers.get('location')]).toEqual([303, `${SCOPE}#/received`]);
  return takeHanded(DATABASE, Date.now());
}

describe('[AP3] the service worker takes what another app hands over', () => {
  test('files with their names, kinds and bytes, through a real multipart body', async () => {
    const files = [new File(['12345'], 'π.txt', { type: 'text/plain' }), new File([], 'empty')];
    const [handed] = await handedOver(
      formOf([['title', 'two'], ...files.map((file) => ['files', file] as const)]),
    );
    if (handed?.kind !== 'files') throw new Error('no files');
    expect(handed.files.map(({ name, type }) => [name, type])).toEqual([
      ['π.txt', 'text/plain'],
      ['empty', expect.any(String)],
    ]);
    expect(await Promise.all(handed.files.map(({ content }) => content.text()))).toEqual(['12345', '']);
  });

  test('words, without the blanks around them', async () => {
    const fields = [
      ['title', ' A page '],
      ['text', '\nread this\n'],
      ['url', 'https://x.example/'],
    ] as const;
    expect(await handedOver(formOf(fields))).toEqual([
      { kind: 'text', title: 'A page', text: 'read this', url: 'https://x.example/' },
    ]);
  });

  test.each<[string, BodyInit, HeadersInit]>([
    ['an empty body', '', {}],
    ['a form without a field', new FormData(), {}],
    ['text that is no form', 'files=1', { 'content-type': 'text/plain' }],
    [
      'a form that breaks off',
      '--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n12',
      {
        'content-type': 'multipart/form-data; boundary=x',
      },
    ],
    ['a form without a boundary', 'x', { 'content-type': 'multipart/form-data' }],
    ['blanks', formOf([['text', '  \n']]), {}],
    ['a field of files that nobody chose any for', formOf([['files', new File([], '')]]), {}],
    ['files where words should be', formOf([['text', new File(['x'], 'a')]]), {}],
    ['words where files should be', formOf([['files', 'not a file']]), {}],
    [
      'fields that nobody asked for',
      formOf([
        ['other', 'x'],
        ['file', new File(['x'], 'a')],
      ]),
      {},
    ],
  ])('nothing of %s, and leads to the page all the same', async (_, body, headers) => {
    expect(await handedOver(body, headers)).toEqual([]);
  });

  test.each<[number, Handed['kind']]>([
    [MAX_FILES, 'files'],
    [MAX_FILES + 1, 'too-many-files'],
  ])('%i files as %s', (count, kind) => {
    const file = new File(['x'], 'a');
    const form = { getAll: () => Array.from({ length: count }, () => file), get: () => null };
    expect(handedIn(form as unknown as FormData)?.kind).toBe(kind);
  });

  test('says that there was no room where it could not be kept', async () => {
    const add = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementationOnce(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    expect(await handedOver(formOf([['files', new File(['x'], 'a')]]))).toEqual([{ kind: 'no-room' }]);
    add.mockRestore();
  });
});
