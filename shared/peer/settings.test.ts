import { describe, expect, test } from 'vitest';
import { settingsRules } from './contracts/settings-store.ts';
import { FIRST_SETTINGS, MemorySettings, SettingsBook, settingsFrom } from './settings.ts';
import type { Settings } from './settings.ts';

const SET: Settings = {
  ...{ keepSmallCopies: false, smallCopyBytes: 5, keepDays: 3, mostBytes: 9 },
  ...{ upLimit: 1, downLimit: 2, peersPerShare: 200, keepSharing: false, relayOnly: true },
  ...{ notify: true, theme: 'dark', logLevel: 'errors' },
  ...{ lend: true, lendDailyBytes: 7, lendHosts: ['example.org'], lent: { day: 86_400_000, bytes: 3 } },
};

describe('settings in memory', () => {
  test.each(settingsRules.filter(({ lastingOnly }) => lastingOnly !== true))('$name', ({ check }) => {
    const store = new MemorySettings();
    return check(async () => store);
  });
});

describe('[LB6] settings that are read', () => {
  test('[LB6] keep a copy of what has at most 64 MB at first', () => {
    expect(FIRST_SETTINGS).toMatchObject({ keepSmallCopies: true, smallCopyBytes: 64_000_000 });
  });

  test('[LB9] remove nothing by a rule at first', () => {
    expect(FIRST_SETTINGS).toMatchObject({ keepDays: null, mostBytes: null });
  });

  test.each([undefined, null, 7, 'x', [], {}, { other: 1 }])('[LB6] %j is nothing that was set', (stored) => {
    expect(settingsFrom(stored)).toEqual(FIRST_SETTINGS);
    expect(settingsFrom(stored, SET)).toEqual(SET);
  });

  test.each([
    [{ smallCopyBytes: -1 }],
    [{ smallCopyBytes: 1.5 }],
    [{ smallCopyBytes: '5' }],
    [{ smallCopyBytes: NaN }],
    [{ keepDays: 0 }],
    [{ keepDays: 1.5 }],
    [{ mostBytes: -1 }],
    [{ mostBytes: 'all' }],
    [{ upLimit: 0 }],
    [{ upLimit: 1e13 }],
    [{ downLimit: Infinity }],
    [{ downLimit: '5' }],
    [{ peersPerShare: 0 }],
    [{ peersPerShare: 201 }],
    [{ peersPerShare: 2.5 }],
    [{ keepSharing: 'yes' }],
    [{ keepSharing: null }],
    [{ relayOnly: 1 }],
    [{ notify: 'true' }],
    [{ theme: 'mauve' }],
    [{ theme: '__proto__' }],
    [{ logLevel: 'some' }],
  ])('[LB6] %j is no bound, and what stands beside it counts', (wrong) => {
    expect(settingsFrom({ ...wrong, keepSmallCopies: false })).toEqual({
      ...FIRST_SETTINGS,
      keepSmallCopies: false,
    });
  });

  test('[LB6] settings of a later version are passed over', () => {
    expect(settingsFrom({ ...SET, colour: 'mauve' })).toEqual(SET);
  });
});

describe('[LB6] settings that are changed', () => {
  test('[LB6] are told as they are then; what is none changes nothing', async () => {
    const book = new SettingsBook(new MemorySettings());
    expect(await book.change({ keepSmallCopies: false })).toEqual({
      ...FIRST_SETTINGS,
      keepSmallCopies: false,
    });
    const wrong = { smallCopyBytes: -5, keepSmallCopies: 'yes' } as unknown as Partial<Settings>;
    expect(await book.change(wrong)).toEqual({ ...FIRST_SETTINGS, keepSmallCopies: false });
  });

  test('[ST5] are told as they were where they cannot be kept', async () => {
    const book = new SettingsBook({ read: async () => null, write: async () => undefined });
    expect(await book.change({ keepSmallCopies: false })).toEqual(FIRST_SETTINGS);
  });
});
