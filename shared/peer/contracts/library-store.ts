/** The promises of a `LibraryStore` ([LB1]), for every implementation and in every browser. */
import type { InfoHash } from '../../ids.ts';
import type { LibraryEntry, LibraryStore } from '../library-store.ts';
import { same } from './rule.ts';
import type { Rule } from './rule.ts';

/** Opens the rule's library, again if it was opened before. */
export type OpenLibrary = () => Promise<LibraryStore>;

export interface LibraryRule extends Rule<OpenLibrary> {
  /** Only for those that keep what is in them when they are opened anew. */
  readonly lastingOnly?: boolean;
}

const [ONE, OTHER] = ['a1', 'b2'].map((digits) => digits.repeat(32)) as [InfoHash, InfoHash];

function entryOf(infoHash: InfoHash, more: Partial<LibraryEntry> = {}): LibraryEntry {
  return {
    infoHash,
    role: 'receiving',
    intent: 'downloading',
    name: 'Ferien \u202e π',
    totalBytes: 2 ** 40,
    fileCount: 3,
    addedAt: 1_764_115_200_000,
    finishedAt: null,
    savedAt: null,
    ...more,
  };
}

const CAME_FROM = {
  url: 'https://example.org/film.bin',
  size: 2 ** 40,
  etag: '"a"',
  lastModified: null,
  sha256: 'c3'.repeat(32),
};

/** Of all that an entry may say. */
const EVERYTHING: Required<LibraryEntry> = {
  ...entryOf(ONE),
  finishedAt: 2,
  savedAt: 3,
  usedAt: 4,
  files: [0, 2],
  pinned: true,
  delivered: 5,
  listed: true,
  asksWeb: true,
  web: { ...CAME_FROM, doubted: [1, 7] },
  cameFrom: CAME_FROM,
};

export const libraryRules: readonly LibraryRule[] = [
  {
    name: '[LB1] is empty at first, and what is not there is null',
    check: async (open) => {
      const library = await open();
      same(await library.entries(), [], 'entries');
      same(await library.entry(ONE), null, 'an entry that was never put');
      await library.remove(ONE);
    },
  },
  {
    name: '[LB1] gives back what was put, the latest of each share',
    check: async (open) => {
      const library = await open();
      const last = entryOf(ONE, {
        intent: 'sharing',
        finishedAt: 2,
        savedAt: 3,
        files: [0, 2],
        listed: true,
      });
      for (const entry of [entryOf(ONE), entryOf(OTHER), last]) await library.put(entry);
      same(await library.entry(ONE), last, 'the entry that was put twice');
      const entries = await library.entries();
      same(
        entries.sort((a, b) => (a.infoHash < b.infoHash ? -1 : 1)),
        [last, entryOf(OTHER)],
        'all of them',
      );
    },
  },
  {
    name: '[LB1] forgets one and keeps the others',
    check: async (open) => {
      const library = await open();
      for (const infoHash of [ONE, OTHER]) await library.put(entryOf(infoHash));
      await library.remove(ONE);
      same(await library.entry(ONE), null, 'the one that was removed');
      same(await library.entries(), [entryOf(OTHER)], 'the others');
    },
  },
  {
    name: '[LB1] has everything when it is opened again',
    lastingOnly: true,
    check: async (open) => {
      await (await open()).put(EVERYTHING);
      same(await (await open()).entries(), [EVERYTHING], 'entries');
    },
  },
];
