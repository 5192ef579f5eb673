import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFolder } from '../../scripts/processes.ts';
import { median, ratio, resultIn, resultJson, series, toldFigure, withFigures } from './figures.ts';
import type { Figure, Result } from './figures.ts';
import { readmeOfResults } from './results.ts';
import { bitsIn, bytesIn, sizesIn, toldSize } from './sizes.ts';
import { usePerSecond } from './uplink-watch.ts';

function resultOf(part: string, figures: Figure[]): Result {
  const about = { date: '2026-11-28', browser: 'Chromium 1', node: 'v20.0.0', cores: 2, measured: {} };
  return { part, command: `npm run bench -- ${part}`, figures, ...about };
}

describe('figures', () => {
  test('the README shows the results that were written down, and no others', async () => {
    expect(readFileSync(join(projectFolder, 'README.md'), 'utf8')).toBe(await readmeOfResults());
  });

  test('a median is in the middle, of an even number between the two', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  test('there is no ratio to what was not measured', () => {
    expect(ratio(series([2, 4, 3]), series([6]))).toBe(0.5);
    expect(ratio(series([2]), null)).toBeNull();
  });

  test('a figure is told with its unit and its goal', () => {
    expect(toldFigure({ what: 'speed', value: 0.754, unit: 'ratio', goal: { least: 0.75 } })).toBe(
      'speed: 0.75 (goal: ≥ 0.75)',
    );
    expect(toldFigure({ what: 'wait', value: 75.4, unit: 'ms', goal: { most: 100 } })).toBe(
      'wait: 75 ms (goal: ≤ 100 ms)',
    );
    expect(toldFigure({ what: 'speed', value: null, unit: 'ratio' })).toBe('speed: not measured');
  });

  test('the table stands in its place, in the order of the parts', () => {
    const readme = 'before\n<!-- figures: made by npm run bench -->\nold\n<!-- end of figures -->\nbehind\n';
    const results = [
      resultOf('tracker', [{ what: 'announces', value: 0.8, unit: 'ratio' }]),
      resultOf('start', [{ what: 'first load', value: 64.2, unit: 'KB', goal: { most: 70 } }]),
    ];
    const made = withFigures(readme, results);
    expect(made).toMatch(/^before\n/);
    expect(made).toMatch(/behind\n$/);
    expect(made).not.toContain('old');
    expect(made).toContain(
      '| first load | 64 KB | ≤ 70 KB | `npm run bench -- start`, 2026-11-28 |\n| announces | 0.80 |  |',
    );
    expect(withFigures(made, results)).toBe(made);
    expect(() => withFigures('no place', results)).toThrow();
  });

  test('what is no result is refused', () => {
    const result = resultOf('start', [{ what: 'first load', value: 64.2, unit: 'KB' }]);
    expect(resultIn(JSON.stringify(result))).toEqual(result);
    expect(() => resultIn('{"part":"start"}')).toThrow();
  });

  test('a result is one line of numbers that can be read', () => {
    const result = resultOf('start', [{ what: 'ready', value: 1956.2999999970198, unit: 'ms' }]);
    const line = resultJson(result);
    expect(line).toContain('"value":1956.3,');
    expect(line).not.toContain('\n');
  });
});

test('sizes are read as people write them, and told so', () => {
  expect(sizesIn('16MB,1GB,2KiB')).toEqual([16e6, 1e9, 2048]);
  expect(() => bytesIn('16')).toThrow('--size must be a size');
  expect([16e6, 1e9, 1.5e9, 2.5e6].map(toldSize)).toEqual(['16 MB', '1 GB', '1.5 GB', '2.5 MB']);
});

test('rates are read with their unit, and nothing else is one', () => {
  expect(['16Mbit', '2.5Mbit', '800kbit', '1Gbit'].map((rate) => bitsIn('--line', rate))).toEqual([
    16e6, 2.5e6, 8e5, 1e9,
  ]);
  for (const wrong of ['16', '16MB', '0Mbit', 'Mbit'])
    expect(() => bitsIn('--line', wrong)).toThrow('--line');
});

test('the use of uplinks is told for each second, and for what is left at the end', () => {
  const samples = [
    { ms: 500, sent: [500_000, 0] },
    { ms: 1_000, sent: [1_000_000, 500_000] },
    { ms: 1_500, sent: [1_500_000, 500_000] },
    { ms: 2_000, sent: [1_500_000, 1_000_000] },
    { ms: 2_250, sent: [1_750_000, 1_000_000] },
  ];
  expect(usePerSecond({ samples, idle: 0 }, 8e6)).toEqual([
    '   1.0 s  100 %  50 %',
    '   2.0 s   50 %  50 %',
    '   2.3 s  100 %   0 %',
  ]);
});
