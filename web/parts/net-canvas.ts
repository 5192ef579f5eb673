/**
 * Paints a net of diamonds on a canvas, crisp at every pixel density and in the colours of the theme. Knows
 * cells and tones, not what they stand for.
 */
import {
  availabilityTonesOf,
  copiesTonesOf,
  grainOf,
  latticeOf,
  tonesOf,
  type Cell,
  type CellTone,
} from './lattice.ts';

const GAP = 0.86;
/** CSS pixels from the middle of a cell to its corner. */
const REACH = 8;
/** How much of the colour of what is missing is left where so many have it; from MANY on all of it. */
const SHADES = [1, 0.4, 0.7];
const MANY = 3;

export type TonesFor = (cells: readonly Cell[], width: number, height: number) => readonly CellTone[];

interface Palette {
  readonly absent: string;
  readonly underWay: string;
  readonly stored: readonly string[];
  /** The outline of what nobody has. */
  readonly nobody: string;
}

export function piecesTones(pieces: Uint8Array): TonesFor {
  return (cells) => tonesOf(pieces, cells.length);
}

export function copiesTones(copies: Uint8Array, people: number): TonesFor {
  return (cells) => copiesTonesOf(copies, people, cells.length);
}

export function availabilityTones(pieces: Uint8Array, copies: Uint8Array): TonesFor {
  return (cells) => availabilityTonesOf(pieces, copies, cells.length);
}

function paletteOf(canvas: HTMLCanvasElement): Palette {
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    absent: colour('--piece-absent'),
    nobody: colour('--line-strong'),
    underWay: colour('--piece-under-way'),
    stored: [colour('--piece-stored-1'), colour('--piece-stored-2'), colour('--piece-stored-3')],
  };
}

function outline(context: CanvasRenderingContext2D, { x, y }: Cell, reach: number): void {
  context.beginPath();
  context.moveTo(x, y - reach);
  context.lineTo(x + reach, y);
  context.lineTo(x, y + reach);
  context.lineTo(x - reach, y);
  context.closePath();
}

function diamond(context: CanvasRenderingContext2D, cell: Cell, reach: number): void {
  outline(context, cell, reach);
  context.fill();
}

/** Cells are painted over what stood there, which a shade would let through, and of which the soft rim would stay. */
function clear(context: CanvasRenderingContext2D, cell: Cell): void {
  context.globalCompositeOperation = 'destination-out';
  diamond(context, cell, REACH);
  context.globalCompositeOperation = 'source-over';
}

/** Nobody has it. */
function hollow(context: CanvasRenderingContext2D, colour: string, cell: Cell, reach: number): void {
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.setLineDash([2, 2]);
  outline(context, cell, reach - 1);
  context.stroke();
  context.setLineDash([]);
}

function paintCell(
  context: CanvasRenderingContext2D,
  palette: Palette,
  cell: Cell,
  tone: CellTone,
  index: number,
): void {
  const reach = REACH * GAP;
  clear(context, cell);
  context.fillStyle = tone.underWay ? palette.underWay : palette.absent;
  if (tone.copies === 0 && !tone.underWay && tone.stored === 0)
    return hollow(context, palette.nobody, cell, reach);
  // What is missing is the fainter the fewer have it.
  if (!tone.underWay) context.globalAlpha = SHADES[tone.copies ?? MANY] ?? 1;
  diamond(context, cell, reach);
  // A cell of several pieces deepens as they come; where something is on its way is worth more than how much came before.
  if (!tone.underWay && tone.stored > 0) {
    context.globalAlpha = tone.stored;
    context.fillStyle = palette.stored[Math.floor(grainOf(index) * palette.stored.length)] ?? palette.absent;
    diamond(context, cell, reach);
  }
  context.globalAlpha = 1;
}

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly cells: readonly Cell[];
  readonly palette: Palette;
  tones: readonly CellTone[];
}

/** What stands on each canvas: a download repaints the cells that changed, not a thousand five times a second. */
const pictures = new WeakMap<HTMLCanvasElement, Picture>();

function isSame(now: CellTone, before: CellTone | undefined): boolean {
  return now.stored === before?.stored && now.underWay === before.underWay && now.copies === before.copies;
}

/** Paints what changed since the last time; everything where the size did. */
export function repaint(canvas: HTMLCanvasElement, tonesFor: TonesFor): void {
  const picture = pictures.get(canvas);
  const context = canvas.getContext('2d');
  const { clientWidth: width, clientHeight: height } = canvas;
  if (context === null || picture?.width !== width || picture.height !== height)
    return paint(canvas, tonesFor);
  const tones = tonesFor(picture.cells, width, height);
  picture.cells.forEach((cell, index) => {
    const [now, before] = [tones[index], picture.tones[index]];
    if (now === undefined || isSame(now, before)) return;
    paintCell(context, picture.palette, cell, now, index);
  });
  picture.tones = tones;
}

export function paint(canvas: HTMLCanvasElement, tonesFor: TonesFor): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const density = window.devicePixelRatio || 1;
  const context = canvas.getContext('2d');
  if (context === null || width === 0 || height === 0) return;
  const [wide, high] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  const cells = latticeOf(width, height, REACH);
  const tones = tonesFor(cells, width, height);
  const palette = paletteOf(canvas);
  cells.forEach((cell, index) => {
    const tone = tones[index];
    if (tone !== undefined) paintCell(context, palette, cell, tone, index);
  });
  pictures.set(canvas, { width, height, cells, palette, tones });
}

/** Calls back when a picture has another size, the screen another density, or the theme another colour. Returns how to stop. */
export function onLookChanged(picture: Element, changed: () => void): () => void {
  const size = new ResizeObserver(changed);
  size.observe(picture);
  const theme = new MutationObserver(changed);
  theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const schemes = ['(prefers-color-scheme: dark)', '(forced-colors: active)'].map((query) =>
    window.matchMedia(query),
  );
  for (const scheme of schemes) scheme.addEventListener('change', changed);
  const stopDensity = onDensityChanged(changed);
  return () => {
    size.disconnect();
    theme.disconnect();
    for (const scheme of schemes) scheme.removeEventListener('change', changed);
    stopDensity();
  };
}

/** Zoom and another screen need not change the size in CSS pixels. A query is about one density: each needs its own. */
function onDensityChanged(changed: () => void): () => void {
  const here = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
  let stopNext = (): void => undefined;
  function left(): void {
    stop();
    stopNext = onDensityChanged(changed);
    changed();
  }
  const stop = (): void => here.removeEventListener('change', left);
  here.addEventListener('change', left);
  return () => {
    stop();
    stopNext();
  };
}
