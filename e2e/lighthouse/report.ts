/**
 * What Lighthouse found on a page: its scores, and what cost them points. Reads reports and picks the best of several;
 * knows no browser and starts nothing.
 */
import * as v from 'valibot';

/** Of Lighthouse, in the order in which they are shown. */
export const CATEGORIES = ['performance', 'accessibility', 'best-practices'] as const;
export type Category = (typeof CATEGORIES)[number];

/** Each category must have at least so many of its 100 points. */
export const GOAL = 95;
/** An audit with less than this, of 1, is worth a look. */
const GOOD_AUDIT = 0.9;

const categorySchema = v.object({
  score: v.nullable(v.number()),
  auditRefs: v.array(v.object({ id: v.string(), weight: v.number() })),
});

const reportSchema = v.object({
  runtimeError: v.optional(v.object({ message: v.string() })),
  categories: v.object({
    performance: categorySchema,
    accessibility: categorySchema,
    'best-practices': categorySchema,
  }),
  audits: v.record(
    v.string(),
    v.object({ title: v.string(), score: v.nullable(v.number()), displayValue: v.optional(v.string()) }),
  ),
});

export interface Finding {
  readonly category: Category;
  readonly title: string;
  /** What Lighthouse says of it in numbers; may be empty. */
  readonly value: string;
  /** 0 to 1. */
  readonly score: number;
  /** False: Lighthouse shows it and takes no points for it. */
  readonly costs: boolean;
}

export interface PageReport {
  /** Of 100. */
  readonly scores: Readonly<Record<Category, number>>;
  /** What costs points first, the worst of it first. */
  readonly findings: readonly Finding[];
}

/** `text`: what Lighthouse wrote, as JSON. Throws a sentence where it could not look at the page. */
export function readReport(text: string): PageReport {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), reportSchema), text);
  if (!read.success) throw new Error(`Lighthouse’s report cannot be read: ${v.summarize(read.issues)}`);
  const { runtimeError, categories, audits } = read.output;
  if (runtimeError) throw new Error(`Lighthouse could not look at the page: ${runtimeError.message}`);
  const findings = CATEGORIES.flatMap((category) =>
    categories[category].auditRefs.flatMap(({ id, weight }): Finding[] => {
      const audit = audits[id];
      if (!audit || audit.score === null || audit.score >= GOOD_AUDIT) return [];
      const { title, score, displayValue: value = '' } = audit;
      return [{ category, title, value, score, costs: weight > 0 }];
    }),
  );
  const points = (category: Category): number => Math.round((categories[category].score ?? 0) * 100);
  return {
    scores: {
      performance: points('performance'),
      accessibility: points('accessibility'),
      'best-practices': points('best-practices'),
    },
    findings: findings.sort((a, b) => Number(b.costs) - Number(a.costs) || a.score - b.score),
  };
}

/** Of several looks at one page: what else the machine does can only cost points, never give any. */
export function bestReport(reports: readonly PageReport[]): PageReport {
  const [best] = [...reports].sort((a, b) => b.scores.performance - a.scores.performance);
  if (!best) throw new Error('there is no report');
  return best;
}

export function isGood({ scores }: PageReport): boolean {
  return CATEGORIES.every((category) => scores[category] >= GOAL);
}

/** For a terminal: a line for each page, and what cost each of them points. */
export function reportText(pages: Readonly<Record<string, PageReport>>): string {
  const names = Object.keys(pages);
  const width = Math.max(...names.map((name) => name.length));
  const row = (name: string, cells: readonly string[]): string =>
    [name.padEnd(width), ...cells.map((cell, nth) => cell.padStart(CATEGORIES[nth]?.length ?? 0))].join('  ');
  const lines = [row('', CATEGORIES)];
  for (const [name, { scores }] of Object.entries(pages)) {
    lines.push(
      row(
        name,
        CATEGORIES.map((category) => String(scores[category])),
      ),
    );
  }
  for (const [name, { findings }] of Object.entries(pages)) {
    for (const { category, title, value, score, costs } of findings) {
      const what = value === '' ? title : `${title} (${value})`;
      lines.push(`${name}, ${category}, ${score.toFixed(2)}${costs ? '' : ', no points'}: ${what}`);
    }
  }
  return lines.join('\n');
}
