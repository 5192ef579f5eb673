// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatBytes } from '../../shared/words/format.ts';
import { drawing } from '../testing/drawn.ts';
import { loaded, render, screen } from '../testing/shown.ts';
import { labelledBars, legendRows, stepOf, timeRange, valueRange, type ChartKind } from './chart.ts';
import Chart from './Chart.svelte';

/** As far as a chart uses it. */
interface Asked {
  readonly width: number;
  readonly height: number;
  readonly series: readonly { stroke?: string; dash?: number[]; fill?: string; paths?: unknown }[];
  readonly cursor: { drag: unknown };
  readonly axes: readonly {
    font: string;
    splits?: (...given: unknown[]) => number[];
    values: (shown: unknown, splits: number[]) => string[];
  }[];
  readonly hooks: { setCursor: [(chart: { cursor: { idx: number | null } }) => void] };
}
interface Drawn {
  readonly asked: Asked;
  data: unknown;
  gone: boolean;
}
const drawn = vi.hoisted((): Drawn[] => []);

vi.mock('uplot', () => ({
  default: class {
    static readonly paths = { bars: (asked: unknown) => asked };
    readonly drawn: Drawn;

    constructor(asked: Asked, data: unknown) {
      this.drawn = { asked, data, gone: false };
      drawn.push(this.drawn);
    }
    setData(data: unknown): void {
      this.drawn.data = data;
    }
    destroy(): void {
      this.drawn.gone = true;
    }
  },
}));

const DAY = 86_400;
const times = [0, DAY, 2 * DAY];
const series = [
  { name: 'Downloaded', tone: 'down' as const, values: [0, 5_000, 20_000] },
  { name: 'Uploaded', tone: 'up' as const, values: [1_000, null, null] },
];
const props = {
  ...{ label: 'Traffic', description: 'Twenty kilobytes.', kind: 'bars' as const, times, series },
  format: formatBytes,
  formatTime: (seconds: number) => `day ${seconds / DAY}`,
};
const legend = (): string[] =>
  screen
    .getAllByRole('listitem')
    .map(({ textContent }) => (textContent ?? '').replaceAll(/\s+/g, ' ').trim());
const last = (): Drawn | undefined => drawn.at(-1);

beforeEach(() => {
  drawn.length = 0;
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(320);
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(150);
});

afterEach(() => document.body.replaceChildren());

describe('what a chart shows', () => {
  it('begins at nothing, ends above the highest value, and is not filled by a few bytes', () => {
    expect(valueRange(20_000)).toEqual([0, 21_000]);
    expect(valueRange(3)).toEqual([0, 1_000]);
    expect(valueRange(null)).toEqual([0, 1_000]);
  });

  it('runs from the first time to the last, with room for the bars at its ends', () => {
    expect(timeRange('lines', [10, 20, 30])).toEqual([10, 30]);
    expect(timeRange('lines', [10])).toEqual([10, 11]);
    expect(timeRange('bars', [10, 20, 30])).toEqual([5, 35]);
    expect(timeRange('bars', [])).toEqual([-DAY / 2, DAY / 2]);
    expect(stepOf([7])).toBe(DAY);
  });

  it('labels the last bar, and before it each that is as far away', () => {
    const many = Array.from({ length: 30 }, (_, day) => day * DAY);
    expect(labelledBars(many, 7 * DAY).map((time) => time / DAY)).toEqual([1, 8, 15, 22, 29]);
    expect(labelledBars(many, DAY)).toHaveLength(30);
    expect(labelledBars(many, 0)).toEqual([]);
    expect(labelledBars([], DAY)).toEqual([]);
  });

  it('says the latest of lines, the sum of bars, or what is pointed at', () => {
    const values = (kind: ChartKind, pointed: number | null) =>
      legendRows(kind, { times, series }, pointed).map(({ value }) => value);
    expect(values('lines', null)).toEqual([20_000, null]);
    expect(values('bars', null)).toEqual([25_000, 1_000]);
    expect(values('bars', 0)).toEqual([0, 1_000]);
    expect(values('lines', 9)).toEqual([null, null]);
  });
});

describe('a chart', () => {
  it('is an image with a name and a sentence, as large as its room, in two looks', async () => {
    render(Chart, props);
    const image = screen.getByRole('img', { name: 'Traffic' });
    expect(document.getElementById(image.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
      'Twenty kilobytes.',
    );
    expect(legend()).toEqual(['Downloaded 25.0 kB', 'Uploaded 1.00 kB']);
    await loaded();
    expect(drawn).toHaveLength(1);
    expect(last()?.asked).toMatchObject({ width: 320, height: 150, cursor: { drag: { setScale: false } } });
    // Nothing has no bar.
    expect(last()?.data).toEqual([times, [null, 5_000, 20_000], series[1]?.values]);
    const [, first, second] = last()?.asked.series ?? [];
    expect([first?.fill, second?.fill]).toEqual([first?.stroke, undefined]);
    const [time, value] = last()?.asked.axes ?? [];
    expect(time?.values(null, [DAY])).toEqual(['day 1']);
    expect(value?.values(null, [2_000])).toEqual(['2.00\u00a0kB']);
    expect(time?.splits?.({ data: [times] }, 0, 0, 0, 2 * DAY)).toEqual([0, 2 * DAY]);
  });

  it('draws the second of two lines dashed', async () => {
    render(Chart, { ...props, kind: 'lines' });
    await loaded();
    const [, first, second] = last()?.asked.series ?? [];
    expect([first?.dash, second?.dash]).toEqual([undefined, [6, 4]]);
    expect(last()?.asked.axes[0]?.splits).toBeUndefined();
  });

  it('follows its data, and says what is pointed at', async () => {
    const { rerender } = render(Chart, props);
    await loaded();
    const [moved] = last()?.asked.hooks.setCursor ?? [];
    moved?.({ cursor: { idx: 1 } });
    flushSync();
    expect(legend()).toEqual(['Downloaded 5.00 kB', 'Uploaded –', 'day 1']);
    moved?.({ cursor: { idx: null } });
    flushSync();
    expect(legend()).toEqual(['Downloaded 25.0 kB', 'Uploaded 1.00 kB']);
    await rerender({
      times: [DAY],
      series: [{ name: 'Downloaded', tone: 'down', values: [7] }, ...series.slice(1)],
    });
    expect(last()?.data).toEqual([[DAY], [7], series[1]?.values]);
    expect(drawn).toHaveLength(1);
  });

  it('is drawn anew where its look changes, and by nobody when it is gone', async () => {
    const { unmount } = render(Chart, props);
    await loaded();
    drawing.changed(/prefers-color-scheme/);
    drawing.changed(/forced-colors/);
    drawing.resize(300, 150);
    expect(drawn.map(({ gone }) => gone)).toEqual([true, true, true, false]);
    unmount();
    expect([last()?.gone, drawing.listeners]).toEqual([true, 0]);
  });

  it('without data is a sentence, and loads nothing', async () => {
    const { rerender } = render(Chart, { ...props, times: [], series: [], empty: 'Nothing moved.' });
    await loaded();
    expect(screen.getByText('Nothing moved.')).toBeTruthy();
    expect([screen.queryByRole('img'), drawn.length]).toEqual([null, 0]);
    await rerender(props);
    await loaded();
    expect(drawn).toHaveLength(1);
  });
});
