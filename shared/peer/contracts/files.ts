/** The contract of `FileContent` and `Files` ([SO1], [SO4]). */
import type { FileContent, Files } from '../ports.ts';
import { same } from './rule.ts';
import type { Rule } from './rule.ts';

export interface FilesSubject {
  readonly files: Files;
  contentOf(bytes: Uint8Array<ArrayBuffer>): FileContent;
}

export const filesRules: readonly Rule<FilesSubject>[] = [
  {
    name: '[SO1] a file gives every range of its bytes, also none',
    check: async ({ contentOf }) => {
      const bytes = numbered(1_000, 0);
      const content = contentOf(bytes);
      same(content.size, 1_000, 'size');
      for (const [from, to] of [
        [0, 1_000],
        [999, 1_000],
        [17, 400],
        [5, 5],
        [1_000, 1_000],
      ] as const) {
        await gives(content, from, to, bytes);
      }
    },
  },
  {
    name: '[SO1] what was read is the reader’s own',
    check: async ({ contentOf }) => {
      const content = contentOf(numbered(100, 3));
      const first = await content.read(0, 50);
      if (first.kind === 'read') first.bytes.fill(0);
      await gives(content, 0, 50, numbered(100, 3));
    },
  },
  {
    name: '[SO4] what the file does not reach is unreadable, not short',
    check: async ({ contentOf, files }) => {
      const content = contentOf(numbered(100, 1));
      const joined = files.join([content, contentOf(numbered(20, 2))]);
      same(await content.read(90, 101), { kind: 'unreadable', why: 'changed' }, 'beyond the end');
      same(await content.read(200, 201), { kind: 'unreadable', why: 'changed' }, 'far beyond the end');
      same(await joined.read(119, 121), { kind: 'unreadable', why: 'changed' }, 'beyond the end of both');
    },
  },
  {
    name: '[SO1] joined files are read across their borders, empty ones among them',
    check: async ({ contentOf, files }) => {
      const parts = [numbered(10, 0), numbered(0, 1), numbered(1, 2), numbered(0, 3), numbered(25, 4)];
      const all = new Uint8Array(36);
      let at = 0;
      for (const part of parts) {
        all.set(part, at);
        at += part.length;
      }
      const joined = files.join(parts.map(contentOf));
      same(joined.size, 36, 'size');
      for (let from = 0; from <= 36; from++) {
        for (let to = from; to <= 36; to++) await gives(joined, from, to, all);
      }
    },
  },
  {
    name: '[SO1] no file and one file can be joined too',
    check: async ({ contentOf, files }) => {
      const none = files.join([]);
      same([none.size, await none.read(0, 0)], [0, { kind: 'read', bytes: new Uint8Array() }], 'none');
      await gives(files.join([contentOf(numbered(9, 9))]), 2, 8, numbered(9, 9));
    },
  },
  {
    name: '[SO5] read in order, in windows of any size, a file gives all of its bytes, and a buffer serves again',
    check: async ({ contentOf, files }) => {
      const content = files.join([contentOf(numbered(700, 5)), contentOf(numbered(301, 6))]);
      const read: number[] = [];
      const reader = content.inOrder();
      let buffer = new ArrayBuffer(200);
      for (const bytes of [200, 1, 199, 200, 200, 200, 1, 0]) {
        const window = await reader.next(bytes, buffer);
        if (window.kind === 'unreadable')
          throw new Error(`${bytes} bytes after ${read.length} are unreadable`);
        same(window.bytes.length, bytes, 'size of the window');
        read.push(...window.bytes);
        buffer = window.bytes.buffer.byteLength === 200 ? window.bytes.buffer : new ArrayBuffer(200);
      }
      reader.end();
      same(read, [...numbered(700, 5), ...numbered(301, 6)], 'everything');
    },
  },
  {
    name: '[SO4] read in order, what the file does not reach is unreadable, not short',
    check: async ({ contentOf }) => {
      const reader = contentOf(numbered(100, 1)).inOrder();
      same((await reader.next(90, new ArrayBuffer(90))).kind, 'read', 'the beginning');
      same(
        await reader.next(11, new ArrayBuffer(11)),
        { kind: 'unreadable', why: 'changed' },
        'beyond the end',
      );
      reader.end();
    },
  },
];

async function gives(content: FileContent, from: number, to: number, all: Uint8Array): Promise<void> {
  same(await content.read(from, to), { kind: 'read', bytes: all.slice(from, to) }, `${from} up to ${to}`);
}

function numbered(size: number, salt: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size).map((_, at) => (at * 7 + salt * 31) & 255);
}
