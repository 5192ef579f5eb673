/**
 * What a chart over time shows, without a canvas: its words, its range and where its labels stand. Pure; knows no
 * package that draws.
 */

/** What a series is about: each has a colour of its own in every theme, and a look of its own besides. */
export type ChartTone = 'down' | 'up';
/** `lines`: something measured all the time. `bars`: something counted at each time, from one to the next. */
export type ChartKind = 'lines' | 'bars';

export interface ChartSeries {
  readonly name: string;
  /** Bytes, or bytes a second, one for each time; null: not known. */
  readonly values: readonly (number | null)[];
  readonly tone: ChartTone;
}

export interface ChartData {
  /** Seconds, since 1970 or since anything else, growing. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
}

export interface LegendRow {
  readonly name: string;
  readonly tone: ChartTone;
  readonly value: number | null;
}

/** So that a few bytes do not fill the picture. */
const LEAST_TOP = 1_000;
/** Room above the highest value. */
const HEADROOM = 1.05;
const DAY_S = 86_400;

/** Steps between labels: seconds, minutes, hours and days as clocks have them. */
export const TIME_STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60),
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3_600),
  ...[1, 2, 7, 14, 28].map((days) => days * DAY_S),
];

/** 1, 2, 5, 10 … up to what no browser ever moves. */
export const VALUE_STEPS: readonly number[] = Array.from({ length: 16 }, (_, power) =>
  [1, 2, 5].map((digit) => digit * 10 ** power),
).flat();

/** From nothing to above the highest value. */
export function valueRange(highest: number | null): [number, number] {
  return [0, Math.max(LEAST_TOP, (highest ?? 0) * HEADROOM)];
}

/** From the first time to the last one; bars stand in the middle of theirs. */
export function timeRange(kind: ChartKind, times: readonly number[]): [number, number] {
  const [first = 0, last = first] = [times[0], times.at(-1)];
  if (kind === 'lines') return [first, Math.max(last, first + 1)];
  const half = stepOf(times) / 2;
  return [first - half, last + half];
}

/** Between two bars. */
export function stepOf(times: readonly number[]): number {
  const [first, second] = times;
  return first === undefined || second === undefined ? DAY_S : second - first;
}

/** Times of bars that get a label, `every` seconds apart: the last one always, the earliest first. */
export function labelledBars(times: readonly number[], every: number): number[] {
  const last = times.at(-1);
  if (last === undefined || !(every > 0)) return [];
  return times.filter((time) => Math.round((last - time) / stepOf(times)) % barsIn(every, times) === 0);
}

function barsIn(seconds: number, times: readonly number[]): number {
  return Math.max(1, Math.round(seconds / stepOf(times)));
}

/** The values at a place that is pointed at; null: the latest of lines, all bars together. */
export function legendRows(kind: ChartKind, { series }: ChartData, pointed: number | null): LegendRow[] {
  return series.map(({ name, tone, values }) => ({
    name,
    tone,
    value: (pointed !== null ? values[pointed] : kind === 'bars' ? sumOf(values) : values.at(-1)) ?? null,
  }));
}

function sumOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
