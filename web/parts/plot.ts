/**
 * Draws a chart over time on a canvas; hides uPlot, and is loaded when the first chart is shown. Knows data and colours,
 * not what they stand for. It does not zoom, and takes no wheel and no key away from the page.
 */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { labelledBars, stepOf, timeRange, TIME_STEPS, valueRange, VALUE_STEPS } from './chart.ts';
import type { ChartData, ChartKind } from './chart.ts';

export interface PlotLook {
  /** Of labels, of lines behind the data, and of each series. */
  readonly ink: string;
  readonly line: string;
  readonly colours: readonly string[];
  readonly fontSize: number;
  readonly fontFamily: string;
}

export interface PlotWords {
  readonly format: (value: number) => string;
  readonly formatTime: (seconds: number) => string;
}

export interface Plot {
  update(data: ChartData): void;
  destroy(): void;
}

/** CSS pixels. */
const LABEL_GAP = 6;
const BETWEEN_LABELS = 20;
const LINE_WIDTH = 2;
const DASH = [6, 4];
const WIDEST_BAR = 28;
/** The last one fits however little room there is: one label, at the end. */
const BAR_STEPS = [1, 2, 3, 5, 7, 10, 14, 15, 30, 1_000];

/** A chart as large as its host; `pointed` hears at which time the pointer is, null: nowhere. */
export function plot(
  host: HTMLElement,
  kind: ChartKind,
  data: ChartData,
  look: PlotLook,
  words: PlotWords,
  pointed: (index: number | null) => void,
): Plot {
  const lastLabelWidth = widthOf([words.formatTime(data.times.at(-1) ?? 0)], look);
  const chart = new uPlot(
    {
      width: host.clientWidth,
      height: host.clientHeight,
      // Half of a label above the highest line and right of the last time.
      padding: [look.fontSize / 2, Math.ceil(lastLabelWidth / 2), 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false, setScale: false } },
      scales: {
        x: { time: false, range: (shown) => timeRange(kind, timesOf(shown)) },
        y: { range: (_shown, _lowest, highest) => valueRange(highest) },
      },
      axes: [timeAxis(kind, look, words), valueAxis(look, words)],
      series: [{}, ...data.series.map((_, index) => seriesOf(kind, index, data.series.length, look))],
      hooks: { setCursor: [({ cursor }) => pointed(cursor.idx ?? null)] },
    },
    aligned(kind, data),
    host,
  );
  return {
    update: (next) => chart.setData(aligned(kind, next)),
    destroy: () => chart.destroy(),
  };
}

/** A bar of nothing would be a line on the ground. */
function aligned(kind: ChartKind, { times, series }: ChartData): uPlot.AlignedData {
  const drawn = (value: number | null): number | null => (kind === 'bars' && value === 0 ? null : value);
  return [[...times], ...series.map(({ values }) => values.map(drawn))];
}

function timesOf({ data }: uPlot): number[] {
  return [...(data[0] ?? [])].map(Number);
}

/** The second of two differs by more than its colour: a line is dashed, a bar hollow and on the right. */
function seriesOf(kind: ChartKind, index: number, count: number, { colours }: PlotLook): uPlot.Series {
  const colour = colours[index] ?? 'currentColor';
  const isFirst = index === 0;
  if (kind === 'lines') {
    const dash = isFirst ? {} : { dash: DASH };
    return { stroke: colour, width: LINE_WIDTH, points: { show: false }, ...dash };
  }
  const align = count === 1 ? 0 : isFirst ? -1 : 1;
  const bars = uPlot.paths.bars?.({ size: [0.8 / count, WIDEST_BAR], align });
  return {
    ...{ stroke: colour, width: 1, points: { show: false } },
    ...(isFirst ? { fill: colour } : {}),
    ...(bars === undefined ? {} : { paths: bars }),
  };
}

function timeAxis(kind: ChartKind, look: PlotLook, { formatTime }: PlotWords): uPlot.Axis {
  const bars: uPlot.Axis = {
    incrs: ({ data }) => BAR_STEPS.map((steps) => steps * stepOf([...(data[0] ?? [])].map(Number))),
    splits: (shown, _axis, _from, _to, every) => labelledBars(timesOf(shown), every),
  };
  return {
    ...axisOf(look),
    ...(kind === 'bars' ? bars : { incrs: [...TIME_STEPS] }),
    grid: { show: false },
    border: { show: true, stroke: look.line, width: 1 },
    size: look.fontSize * 1.5 + LABEL_GAP,
    space: (shown) => widthOf(timesOf(shown).map(formatTime), look) + BETWEEN_LABELS,
    values: (_, splits) => splits.map(formatTime),
  };
}

function valueAxis(look: PlotLook, { format }: PlotWords): uPlot.Axis {
  return {
    ...axisOf(look),
    incrs: [...VALUE_STEPS],
    grid: { stroke: look.line, width: 1 },
    space: look.fontSize * 2.5,
    size: (_, values: readonly string[] | null) => Math.ceil(widthOf(values ?? [], look)) + LABEL_GAP,
    values: (_, splits) => splits.map(format),
  };
}

function axisOf(look: PlotLook): uPlot.Axis {
  return { stroke: look.ink, font: fontOf(look), gap: LABEL_GAP, ticks: { show: false } };
}

function fontOf({ fontSize, fontFamily }: PlotLook): string {
  return `${Math.round(fontSize)}px ${fontFamily}`;
}

/** CSS pixels of the widest of these. */
function widthOf(texts: readonly string[], look: PlotLook): number {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) return 0;
  context.font = fontOf(look);
  return texts.reduce((widest, text) => Math.max(widest, context.measureText(text).width), 0);
}
