import { describe, expect, it } from 'vitest';
import { pageMemory, PageTheme } from './theme.ts';

function memory(kept: Record<string, string> = {}, full = false) {
  return {
    kept,
    getItem: (key: string) => kept[key] ?? null,
    setItem(key: string, value: string) {
      if (full) throw new DOMException('', 'QuotaExceededError');
      kept[key] = value;
    },
    removeItem(key: string) {
      Reflect.deleteProperty(kept, key);
    },
  };
}

describe('[UI21] the theme', () => {
  it('is there before the first paint, and follows the setting', () => {
    const [root, kept] = [{ dataset: {} as DOMStringMap }, memory({ theme: 'dark' })];
    const theme = new PageTheme(root, kept, 'theme');
    expect(root.dataset['theme']).toBe('dark');
    theme.set('light');
    expect([root.dataset['theme'], kept.kept]).toEqual(['light', { theme: 'light' }]);
    theme.set('system');
    expect([root.dataset, kept.kept]).toEqual([{}, {}]);
  });

  it('is the system’s where something else is kept, or nothing can be', () => {
    const root = { dataset: {} as DOMStringMap };
    for (const kept of [memory({ theme: '<b>' }), memory(), null]) new PageTheme(root, kept, 'theme');
    expect(root.dataset).toEqual({});
    new PageTheme(root, memory({}, true), 'theme').set('dark');
    expect(root.dataset['theme']).toBe('dark');
    const shut = {
      get localStorage(): Storage {
        throw new DOMException('', 'SecurityError');
      },
    };
    expect(pageMemory(shut)).toBeNull();
  });
});
