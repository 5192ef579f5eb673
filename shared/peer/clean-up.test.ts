/** Which shares the rules take, judged by a model that knows which share has which content. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import { dueForRemoval, isFinished, lastUseOf } from './clean-up.ts';
import type { CleanUpRules } from './clean-up.ts';
import type { LibraryEntry } from './library-store.ts';
import { DAY_MS, RECENTLY_USED_MS } from './limits.ts';
import type { StoreUsage } from './piece-store.ts';

const NOW = Date.UTC(2026, 10, 26);
const YEAR_MS = 365 * DAY_MS;

function entryOf(nth: number, more: Partial<LibraryEntry> = {}): LibraryEntry {
  const daysAgo = 100 - nth;
  const at = NOW - daysAgo * DAY_MS;
  return {
    infoHash: nth.toString(16).padStart(2, '0').repeat(32) as InfoHash,
    role: 'receiving',
    intent: 'sharing',
    name: `share ${nth}`,
    totalBytes: 10,
    fileCount: 1,
    addedAt: at,
    finishedAt: at,
    savedAt: at,
    ...more,
  };
}

/** The contents of each share, by their size: the same number is the same content. */
type Contents = ReadonlyMap<InfoHash, ReadonlySet<number>>;

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((all, one) => all + one, 0);
}

function usageOf(contents: Contents): StoreUsage {
  const shares = [...contents].map(([infoHash, own]) => {
    const others = [...contents].filter(([other]) => other !== infoHash).map(([, theirs]) => theirs);
    const shared = [...own].filter((content) => others.some((theirs) => theirs.has(content)));
    return { infoHash, bytes: sum(own), sharedBytes: sum(shared) };
  });
  return { bytes: sum(new Set([...contents.values()].flatMap((own) => [...own]))), shares };
}

/** Round after round, as the peer does it; what is removed, in its order. */
function cleanedUp(
  entries: readonly LibraryEntry[],
  contents: Contents,
  rules: CleanUpRules,
  { now = NOW, inUse = [] as readonly InfoHash[] } = {},
): { removed: InfoHash[]; before: number[]; left: number } {
  const removed: InfoHash[] = [];
  /** What all took before each removal. */
  const before: number[] = [];
  const isHere = (infoHash: InfoHash): boolean => !removed.includes(infoHash);
  const here = (): Contents => new Map([...contents].filter(([infoHash]) => isHere(infoHash)));
  for (;;) {
    const left = entries.filter(({ infoHash }) => isHere(infoHash));
    const usage = usageOf(here());
    const isInUse = (infoHash: InfoHash): boolean => inUse.includes(infoHash);
    const due = dueForRemoval({ entries: left, usage, isInUse }, rules, now);
    if (due.length === 0) return { removed, before, left: usage.bytes };
    for (const { infoHash } of due) {
      before.push(usageOf(here()).bytes);
      removed.push(infoHash);
    }
  }
}

const OFF: CleanUpRules = { keepDays: null, mostBytes: null };
const anyEntry = (nth: number): fc.Arbitrary<LibraryEntry> =>
  fc
    .record({
      role: fc.constantFrom('sharing' as const, 'receiving' as const),
      intent: fc.constantFrom(
        'sharing' as const,
        'downloading' as const,
        'paused' as const,
        'stopped' as const,
      ),
      finishedAt: fc.option(fc.integer({ min: NOW - 2 * YEAR_MS, max: NOW + YEAR_MS })),
      savedAt: fc.option(fc.integer({ min: NOW - 2 * YEAR_MS, max: NOW + YEAR_MS })),
      addedAt: fc.integer({ min: NOW - 2 * YEAR_MS, max: NOW + YEAR_MS }),
      usedAt: fc.integer({ min: 0, max: NOW + YEAR_MS }),
      pinned: fc.boolean(),
    })
    .map((more) => entryOf(nth, more));
const scene = fc
  .record({
    entries: fc
      .integer({ min: 0, max: 8 })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, nth) => anyEntry(nth)))),
    contents: fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 6 }), {
      minLength: 8,
      maxLength: 8,
    }),
    used: fc.array(fc.nat({ max: 7 })),
    rules: fc.record({
      keepDays: fc.option(fc.integer({ min: 1, max: 800 })),
      mostBytes: fc.option(fc.nat({ max: 90 })),
    }),
  })
  .map(({ entries, contents, used, rules }) => ({
    entries: entries as readonly LibraryEntry[],
    contents: new Map(entries.map(({ infoHash }, nth) => [infoHash, new Set(contents[nth])])),
    inUse: used.flatMap((nth) => entries[nth]?.infoHash ?? []),
    rules,
  }));

describe('[LB9] clean-up', () => {
  test('[LB9] never takes what is unfinished, unsaved, pinned, in use, or one’s own and live', () => {
    fc.assert(
      fc.property(scene, ({ entries, contents, inUse, rules }) => {
        for (const infoHash of cleanedUp(entries, contents, rules, { inUse }).removed) {
          const entry = entries.find((one) => one.infoHash === infoHash);
          expect(entry).toBeDefined();
          if (entry === undefined) continue;
          expect([entry.pinned, inUse.includes(infoHash)]).toEqual([false, false]);
          if (entry.role === 'sharing') expect(entry.intent).toBe('stopped');
          else expect([entry.finishedAt, entry.savedAt]).not.toContain(null);
        }
      }),
    );
  });

  test('[LB9] takes what was not used for so many days, all of it, and by that rule nothing else', () => {
    fc.assert(
      fc.property(scene, ({ entries, contents, inUse, rules }) => {
        const byDays = { ...rules, mostBytes: null };
        const { removed } = cleanedUp(entries, contents, byDays, { inUse });
        const old = entries.filter(
          (entry) =>
            isFinished(entry) &&
            entry.pinned !== true &&
            !inUse.includes(entry.infoHash) &&
            byDays.keepDays !== null &&
            NOW - lastUseOf(entry) > byDays.keepDays * DAY_MS,
        );
        expect([...removed].sort()).toEqual(old.map(({ infoHash }) => infoHash).sort());
      }),
    );
  });

  test('[LB9] by the limit takes the oldest first, none more than it needs, and reaches it unless nothing is left that may go', () => {
    fc.assert(
      fc.property(scene, ({ entries, contents, inUse, rules }) => {
        const mostBytes = rules.mostBytes ?? 20;
        const { removed, before, left } = cleanedUp(
          entries,
          contents,
          { keepDays: null, mostBytes },
          { inUse },
        );
        for (const bytes of before) expect(bytes).toBeGreaterThan(mostBytes);
        const uses = removed.map((infoHash) => lastUseOf(entries.find((one) => one.infoHash === infoHash)!));
        expect(uses).toEqual([...uses].sort((one, other) => one - other));
        if (left <= mostBytes) return;
        const others = entries.filter(
          ({ infoHash }) => !removed.includes(infoHash) && contents.get(infoHash)!.size > 0,
        );
        const latest = entries.reduce((most, entry) => Math.max(most, lastUseOf(entry)), 0);
        for (const entry of others) {
          const age = NOW - lastUseOf(entry);
          const stays =
            !isFinished(entry) ||
            entry.pinned === true ||
            inUse.includes(entry.infoHash) ||
            (age < 0 ? lastUseOf(entry) === latest : age < RECENTLY_USED_MS);
          expect(stays).toBe(true);
        }
      }),
    );
  });

  test('[LB9] does nothing while its rules are off', () => {
    fc.assert(
      fc.property(scene, ({ entries, contents }) => {
        expect(cleanedUp(entries, contents, OFF).removed).toEqual([]);
      }),
    );
  });

  test('[LB9] a clock that was set back by a year takes nothing for old that was not old before', () => {
    fc.assert(
      fc.property(scene, ({ entries, contents, rules }) => {
        const byDays = { ...rules, mostBytes: null };
        const then = cleanedUp(entries, contents, byDays).removed;
        const back = cleanedUp(entries, contents, byDays, { now: NOW - YEAR_MS }).removed;
        for (const infoHash of back) expect(then).toContain(infoHash);
      }),
    );
  });

  test('[LB9] counts from the last use, whatever that was', () => {
    const old = { addedAt: NOW - YEAR_MS, finishedAt: NOW - YEAR_MS, savedAt: NOW - YEAR_MS };
    const entries = [
      entryOf(1, old),
      entryOf(2, { ...old, usedAt: NOW - DAY_MS }),
      entryOf(3, { ...old, savedAt: NOW }),
    ];
    const { removed } = cleanedUp(entries, new Map(), { keepDays: 30, mostBytes: null });
    expect(removed).toEqual([entries[0]?.infoHash]);
  });

  test('[LB9] what was used within the last hour is not taken for its room', () => {
    const fresh = entryOf(1, { usedAt: NOW - RECENTLY_USED_MS + 1 });
    const contents = new Map([[fresh.infoHash, new Set([50])]]);
    expect(cleanedUp([fresh], contents, { keepDays: null, mostBytes: 0 }).removed).toEqual([]);
    const later = { now: NOW + 1 };
    expect(cleanedUp([fresh], contents, { keepDays: null, mostBytes: 0 }, later).removed).toHaveLength(1);
  });

  test('[LB9] looks anew after a share whose content others have, and takes no third one for it', () => {
    const entries = [entryOf(1), entryOf(2), entryOf(3)];
    const [one, two, three] = entries.map(({ infoHash }) => infoHash);
    const contents = new Map([
      [one!, new Set([50])],
      [two!, new Set([50])],
      [three!, new Set([7])],
    ]);
    expect(cleanedUp(entries, contents, { keepDays: null, mostBytes: 10 })).toMatchObject({
      removed: [one, two],
      left: 7,
    });
  });
});
