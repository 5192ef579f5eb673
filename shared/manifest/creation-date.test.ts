import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import vectors from '../vectors/torrentinno.json';
import { canonicalDateOf, normaliseCreationDate } from './creation-date.ts';

interface DateRow {
  in: string;
  out: string | null;
}

describe('creation date', () => {
  // Read here and not imported: the bundler's JSON reader refuses escaped surrogates, which some rows are about.
  const file = readFileSync(new URL('../vectors/creation-date.json', import.meta.url), 'utf8');
  const measured = JSON.parse(file) as { creation_date: DateRow[] };
  const rows: DateRow[] = [...vectors.creation_date.rows, ...measured.creation_date];
  test.each(rows)('[MF5] Python reads $in as $out', ({ in: text, out }) => {
    expect(normaliseCreationDate(text)).toBe(out);
  });

  test('[MF5] a canonical date stays as it is', () => {
    for (const { out } of rows) if (out !== null) expect(normaliseCreationDate(out)).toBe(out);
  });

  test('[MF5] is total', () => {
    const unit = fc.constantFrom(...'0123456789-:.,+TWZ \0é😀', '\ud800', '\udc00');
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), (units) => {
        const out = normaliseCreationDate(units.join(''));
        if (out !== null) expect(normaliseCreationDate(out)).toBe(out);
      }),
      { numRuns: 3_000 },
    );
  });

  test('[MF5] every ISO week of every year names the day that the calendar has', () => {
    for (let year = 1; year <= 9_998; year++) {
      const january4 = new Date(0);
      january4.setUTCFullYear(year, 0, 4);
      const monday = january4.getTime() - ((january4.getUTCDay() + 6) % 7) * 86_400_000;
      const years = String(year).padStart(4, '0');
      for (const week of [1, 9, 52]) {
        const day = new Date(monday + (week - 1) * 7 * 86_400_000 + 3 * 86_400_000);
        const expected = day.toISOString().slice(0, 19);
        expect(normaliseCreationDate(`${years}-W${String(week).padStart(2, '0')}-4`)).toBe(expected);
      }
      const thursday53 = new Date(monday + 52 * 7 * 86_400_000 + 3 * 86_400_000);
      const has53 = thursday53.getUTCFullYear() === year;
      expect(normaliseCreationDate(`${years}W53`) !== null).toBe(has53);
    }
  });

  test('[MF5] prints an instant as the platform does, in whole seconds and with its offset', () => {
    const first = Date.parse('0001-01-01T00:00:00Z');
    const last = Date.parse('9999-12-31T23:59:59.999Z');
    fc.assert(
      fc.property(fc.integer({ min: first, max: last }), (instant) => {
        const expected = new Date(instant).toISOString().replace(/\.\d+Z$/, '+00:00');
        expect(canonicalDateOf(instant)).toBe(expected);
        expect(normaliseCreationDate(expected)).toBe(expected);
      }),
      { numRuns: 2_000, examples: [[first], [last], [0], [-1], [951_782_400_000]] },
    );
    expect(canonicalDateOf(first - 1)).toBeNull();
    expect(canonicalDateOf(last + 1)).toBeNull();
  });
});
