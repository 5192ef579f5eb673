/**
 * A canvas that notes what is drawn on it, and a screen that changes when told. For tests with
 * `@vitest-environment happy-dom`, whose canvases have no context and no size.
 */
import { afterEach, beforeEach, vi } from 'vitest';

/** One diamond: where its middle is, in CSS pixels, and how it was filled. */
export interface Diamond {
  readonly x: number;
  readonly y: number;
  readonly style: string;
  readonly alpha: number;
}

export class Screen {
  readonly drawn: Diamond[] = [];
  cleared = 0;
  /** Middles of diamonds that were taken out, with how many were filled before. */
  readonly emptied: { x: number; y: number; drawn: number }[] = [];
  /** Diamonds that are not filled. */
  outlined = 0;
  /** Device pixels per CSS pixel, as the canvas was told. */
  scale = 0;
  width = 160;
  height = 48;
  hasContext = true;
  readonly #queries = new Map<string, Set<() => void>>();
  readonly #resized = new Set<() => void>();
  #corner = { x: 0, y: 0 };

  readonly context = {
    fillStyle: '',
    strokeStyle: '',
    lineWidth: 1,
    globalCompositeOperation: 'source-over',
    globalAlpha: 1,
    setLineDash: () => undefined,
    setTransform: (scale: number) => void (this.scale = scale),
    clearRect: () => void this.cleared++,
    beginPath: () => undefined,
    // A diamond begins at its top corner, and its next one is as far below as beside it.
    moveTo: (x: number, y: number) => void (this.#corner = { x, y }),
    lineTo: (x: number, y: number) => void (x > this.#corner.x && (this.#corner = { x: this.#corner.x, y })),
    closePath: () => undefined,
    measureText: (text: string) => ({ width: 8 * text.length }),
    stroke: () => void this.outlined++,
    fill: () => {
      const { fillStyle, globalAlpha, globalCompositeOperation } = this.context;
      if (globalCompositeOperation === 'destination-out')
        return void this.emptied.push({ ...this.#corner, drawn: this.drawn.length });
      this.drawn.push({ ...this.#corner, style: fillStyle, alpha: globalAlpha });
    },
  };

  matchMedia(query: string) {
    const listeners = this.#queries.get(query) ?? new Set();
    this.#queries.set(query, listeners);
    return {
      matches: this.matching.includes(query),
      addEventListener: (_: string, listener: () => void) => void listeners.add(listener),
      removeEventListener: (_: string, listener: () => void) => void listeners.delete(listener),
    };
  }

  /** Media queries that are true. */
  matching: string[] = [];

  changed(query: RegExp): void {
    for (const [text, listeners] of this.#queries) {
      if (query.test(text)) for (const listener of [...listeners]) listener();
    }
  }

  resize(width: number, height: number): void {
    [this.width, this.height] = [width, height];
    for (const listener of this.#resized) listener();
  }

  /** How many still wait for a change. */
  get listeners(): number {
    return [...this.#queries.values()].reduce((sum, { size }) => sum + size, this.#resized.size);
  }

  /** As browsers do, it tells of the size that there is as soon as somebody observes. */
  readonly observer = (listener: () => void) => ({
    observe: () => {
      this.#resized.add(listener);
      listener();
    },
    disconnect: () => void this.#resized.delete(listener),
  });
}

/** A new one for each test. */
export let drawing: Screen;

beforeEach(() => {
  drawing = new Screen();
  const canvas = HTMLCanvasElement.prototype;
  vi.spyOn(canvas, 'getContext').mockImplementation(
    () => (drawing.hasContext ? drawing.context : null) as unknown as null,
  );
  vi.spyOn(canvas, 'clientWidth', 'get').mockImplementation(() => drawing.width);
  vi.spyOn(canvas, 'clientHeight', 'get').mockImplementation(() => drawing.height);
  vi.stubGlobal('matchMedia', (query: string) => drawing.matchMedia(query));
  vi.stubGlobal('ResizeObserver', function ofListener(listener: () => void) {
    return drawing.observer(listener);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});
