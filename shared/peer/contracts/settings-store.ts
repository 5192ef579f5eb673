/** The promises of a `SettingsStore`, for every implementation. */
import { FIRST_SETTINGS, SettingsBook, settingsFrom } from '../settings.ts';
import type { Settings, SettingsStore } from '../settings.ts';
import { same } from './rule.ts';
import type { Rule } from './rule.ts';

/** Opens the rule's store, again if it was opened before. */
export type OpenSettings = () => Promise<SettingsStore>;

export interface SettingsRule extends Rule<OpenSettings> {
  /** Only for those that keep what is in them when they are opened anew. */
  readonly lastingOnly?: boolean;
}

const OTHERS: Settings = { ...FIRST_SETTINGS, keepSmallCopies: false, smallCopyBytes: 1_000, keepDays: 7 };

export const settingsRules: readonly SettingsRule[] = [
  {
    name: '[LB6] has what holds at first before anything is set',
    check: async (open) => same(settingsFrom(await (await open()).read()), FIRST_SETTINGS, 'at first'),
  },
  {
    name: '[LB6] gives back what was set last',
    check: async (open) => {
      const store = await open();
      for (const settings of [{ ...OTHERS, smallCopyBytes: 7 }, OTHERS]) await store.write(settings);
      same(await store.read(), OTHERS, 'what was set');
    },
  },
  {
    name: '[LB6] changes that are asked for at once do not undo each other',
    check: async (open) => {
      const book = new SettingsBook(await open());
      await Promise.all([
        book.change({ keepSmallCopies: false }),
        book.change({ smallCopyBytes: 1_000 }),
        book.change({ keepDays: 7 }),
      ]);
      same(await book.current(), OTHERS, 'all changes');
    },
  },
  {
    name: '[LB6] has everything when it is opened again',
    lastingOnly: true,
    check: async (open) => {
      await (await open()).write(OTHERS);
      same(await (await open()).read(), OTHERS, 'what was set');
    },
  },
];
