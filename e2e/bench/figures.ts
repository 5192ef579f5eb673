/**
 * What benchmarks find, in one form: runs and their median, figures with their goals. And the README's table, which is
 * made of the results that were written down. Knows no browser.
 */
import * as v from 'valibot';

/** What `npm run bench` runs by itself, in this order, which is the README's as well; no other part stands there. */
export const PARTS = ['transfer', 'swarm', 'shaped', 'link', 'memory', 'start', 'tracker'] as const;

export interface Series {
  readonly median: number;
  /** One figure a run, in their order. */
  readonly all: readonly number[];
}

const FIGURE = v.object({
  what: v.string(),
  /** Null: it could not be measured here. */
  value: v.nullable(v.number()),
  /** `ratio` has none. MB are 10^6 bytes. */
  unit: v.picklist(['ratio', 'ms', 'ms/MB', 'MB', 'KB']),
  /** Without one it is there for comparison. */
  goal: v.optional(v.union([v.object({ least: v.number() }), v.object({ most: v.number() })])),
});

const RESULT = v.object({
  part: v.string(),
  /** Of the day, as in 2026-11-28. */
  date: v.string(),
  command: v.string(),
  browser: v.string(),
  node: v.string(),
  cores: v.number(),
  figures: v.array(FIGURE),
  /** What the figures were made of: the part's own. */
  measured: v.unknown(),
});

export type Figure = Readonly<v.InferOutput<typeof FIGURE>>;
export type Unit = Figure['unit'];
export type Result = Readonly<v.InferOutput<typeof RESULT>>;

/** In one line; no number with more digits than a clock has. */
export function resultJson(result: Result): string {
  return JSON.stringify(result, (_, value: unknown) =>
    typeof value === 'number' ? Number(value.toFixed(3)) : value,
  );
}

/** Throws where the text is no result. */
export function resultIn(json: string): Result {
  return v.parse(RESULT, JSON.parse(json));
}

export function series(all: readonly number[]): Series {
  return { median: median(all), all };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

/** Of two medians; null where one of them is not there. */
export function ratio(one: Series | null, other: Series | null): number | null {
  return one === null || other === null ? null : one.median / other.median;
}

/** As people read it. */
export function toldFigure({ what, value, unit, goal }: Figure): string {
  const wanted = goal === undefined ? '' : ` (goal: ${toldGoal({ goal, unit })})`;
  return `${what}: ${toldValue(value, unit)}${wanted}`;
}

function toldValue(value: number | null, unit: Unit): string {
  if (value === null) return 'not measured';
  if (unit === 'ratio') return value.toFixed(2);
  return `${value.toFixed(Math.abs(value) < 10 ? 1 : 0)} ${unit}`;
}

function toldGoal({ goal, unit }: Pick<Figure, 'goal' | 'unit'>): string {
  if (goal === undefined) return '';
  return 'least' in goal ? `≥ ${toldLimit(goal.least, unit)}` : `≤ ${toldLimit(goal.most, unit)}`;
}

function toldLimit(limit: number, unit: Unit): string {
  return unit === 'ratio' ? String(limit) : `${limit} ${unit}`;
}

const BEGIN = '<!-- figures: made by npm run bench -->';
const END = '<!-- end of figures -->';

/** The README with the table of these results in it. Throws where it has no place for one. */
export function withFigures(readme: string, results: readonly Result[]): string {
  const [before, behind] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (before < 0 || behind < before) throw new Error('the README has no place for figures');
  return `${readme.slice(0, before + BEGIN.length)}\n\n${tableOf(results)}\n\n${readme.slice(behind)}`;
}

function tableOf(results: readonly Result[]): string {
  const rows = results
    .filter((result) => placeOf(result) >= 0)
    .sort((one, other) => placeOf(one) - placeOf(other))
    .flatMap(({ command, date, figures }) =>
      figures.map((figure) => [
        figure.what,
        toldValue(figure.value, figure.unit),
        toldGoal(figure),
        `\`${command}\`, ${date}`,
      ]),
    );
  return [['figure', 'measured', 'goal', 'made by'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function placeOf({ part }: Result): number {
  return PARTS.findIndex((name) => name === part);
}
