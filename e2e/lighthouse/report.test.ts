import { describe, expect, test } from 'vitest';
import { bestReport, isGood, readReport, reportText } from './report.ts';
import type { PageReport } from './report.ts';

function written(over: Record<string, unknown> = {}): string {
  const category = (score: number | null, ...auditRefs: { id: string; weight: number }[]) => {
    return { title: 'left out', score, auditRefs };
  };
  return JSON.stringify({
    lighthouseVersion: '12.8.2',
    categories: {
      performance: category(
        0.974,
        { id: 'unused', weight: 0 },
        { id: 'speed', weight: 10 },
        { id: 'paint', weight: 25 },
      ),
      accessibility: category(1, { id: 'contrast', weight: 7 }),
      'best-practices': category(0.96, { id: 'not-applicable', weight: 1 }, { id: 'unknown', weight: 1 }),
    },
    audits: {
      unused: { title: 'Reduce unused scripts', score: 0, displayValue: 'Est savings of 12 KiB' },
      speed: { title: 'Speed Index', score: 0.8, displayValue: '2.1 s' },
      paint: { title: 'Largest Contentful Paint', score: 0.5, displayValue: '2.9 s' },
      contrast: { title: 'Contrast', score: 1 },
      'not-applicable': { title: 'Not asked', score: null },
    },
    ...over,
  });
}

function withPerformance(performance: number): PageReport {
  return { scores: { performance, accessibility: 100, 'best-practices': 100 }, findings: [] };
}

describe('[UI10] a report of Lighthouse', () => {
  test('is read: points, and what is below 0.9, what costs points first and the worst of it first', () => {
    const { scores, findings } = readReport(written());
    expect(scores).toEqual({ performance: 97, accessibility: 100, 'best-practices': 96 });
    expect(findings.map(({ title, costs }) => [title, costs])).toEqual([
      ['Largest Contentful Paint', true],
      ['Speed Index', true],
      ['Reduce unused scripts', false],
    ]);
  });

  test('of a page that it could not load, and what is no report, end in a sentence', () => {
    expect(() =>
      readReport(written({ runtimeError: { code: 'NO_FCP', message: 'Nothing was painted.' } })),
    ).toThrow('could not look at the page: Nothing was painted.');
    expect(() => readReport('{"categories":{}}')).toThrow('cannot be read');
    expect(() => readReport('Killed')).toThrow('cannot be read');
  });

  test('without a score has no points', () => {
    const text = written().replace('"score":0.974', '"score":null');
    expect(readReport(text).scores.performance).toBe(0);
  });

  test('is good from 95 points in each category', () => {
    expect(isGood(withPerformance(95))).toBe(true);
    expect(isGood(withPerformance(94))).toBe(false);
  });

  test('is the best one of several', () => {
    expect(bestReport([97, 40, 99].map(withPerformance)).scores.performance).toBe(99);
  });

  test('is told as a table with what cost points below it', () => {
    expect(reportText({ Home: readReport(written()), Receive: withPerformance(100) }).split('\n')).toEqual([
      '         performance  accessibility  best-practices',
      'Home              97            100              96',
      'Receive          100            100             100',
      'Home, performance, 0.50: Largest Contentful Paint (2.9 s)',
      'Home, performance, 0.80: Speed Index (2.1 s)',
      'Home, performance, 0.00, no points: Reduce unused scripts (Est savings of 12 KiB)',
    ]);
  });
});
