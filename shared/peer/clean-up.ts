/**
 * [LB9] Which shares are removed by the person's rules: a pure function of what there is. Knows no store and no time of
 * its own. What is shared with others makes figures that only a removal tells: then a round ends, and whoever cleans
 * up asks again with the figures of what is left.
 */
import type { InfoHash } from '../ids.ts';
import { DAY_MS, RECENTLY_USED_MS } from './limits.ts';
import type { LibraryEntry } from './library-store.ts';
import type { StoreUsage } from './piece-store.ts';
import type { Settings } from './settings.ts';

export type CleanUpRules = Pick<Settings, 'keepDays' | 'mostBytes'>;

export interface WhatIsHere {
  readonly entries: readonly LibraryEntry[];
  readonly usage: StoreUsage;
  /** It is being sent, received, saved or opened. */
  readonly isInUse: (infoHash: InfoHash) => boolean;
}

/** Ms since 1970. */
export function lastUseOf({ addedAt, finishedAt, savedAt, usedAt }: LibraryEntry): number {
  return Math.max(addedAt, finishedAt ?? 0, savedAt ?? 0, usedAt ?? 0);
}

/**
 * Whether nothing is left to do for it: all of it came and is in the person's downloads. One's own is live until it is
 * stopped, as what is here may be the only copy behind its link.
 */
export function isFinished({ role, intent, finishedAt, savedAt }: LibraryEntry): boolean {
  return role === 'sharing' ? intent === 'stopped' : finishedAt !== null && savedAt !== null;
}

/** The shares of one round, the one that was not used for the longest time first; none: nothing is to be done. */
export function dueForRemoval(here: WhatIsHere, rules: CleanUpRules, now: number): LibraryEntry[] {
  const mayGo = here.entries
    .filter((entry) => isFinished(entry) && entry.pinned !== true && !here.isInUse(entry.infoHash))
    .sort((one, other) => lastUseOf(one) - lastUseOf(other));
  const old = mayGo.filter((entry) => isOld(entry, rules.keepDays, now));
  const latest = here.entries.reduce((most, entry) => Math.max(most, lastUseOf(entry)), 0);
  const others = mayGo.filter((entry) => !old.includes(entry) && !isRecent(entry, now, latest));
  return [...old, ...beyondLimit(here.usage, old, others, rules.mostBytes)];
}

/** What was used in the future, by a clock that is behind now, is not old. */
function isOld(entry: LibraryEntry, keepDays: number | null, now: number): boolean {
  return keepDays !== null && now - lastUseOf(entry) > keepDays * DAY_MS;
}

/** Of what was used in the future, by a clock that is behind now, only the last one is known to be recent. */
function isRecent(entry: LibraryEntry, now: number, latest: number): boolean {
  const age = now - lastUseOf(entry);
  return age < 0 ? lastUseOf(entry) === latest : age < RECENTLY_USED_MS;
}

function beyondLimit(
  { bytes, shares }: StoreUsage,
  gone: readonly LibraryEntry[],
  others: readonly LibraryEntry[],
  mostBytes: number | null,
): LibraryEntry[] {
  if (mostBytes === null) return [];
  const usages = new Map(shares.map((share) => [share.infoHash, share]));
  const goneUsages = gone.map(({ infoHash }) => usages.get(infoHash));
  if (goneUsages.some((usage) => (usage?.sharedBytes ?? 0) > 0)) return [];
  let left = goneUsages.reduce((sum, usage) => sum - (usage?.bytes ?? 0), bytes);
  const removed: LibraryEntry[] = [];
  for (const entry of others) {
    const usage = usages.get(entry.infoHash);
    if (left <= mostBytes) break;
    // It takes nothing: its removal would make no room.
    if (usage === undefined || usage.bytes === 0) continue;
    removed.push(entry);
    if (usage.sharedBytes > 0) break;
    left -= usage.bytes;
  }
  return removed;
}
