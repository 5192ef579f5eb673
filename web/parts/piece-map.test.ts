// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { drawing } from '../testing/drawn.ts';
import { render, screen } from '../testing/shown.ts';
import { latticeOf, type CellTone } from './lattice.ts';
import { availabilityTones, onLookChanged, paint, piecesTones, repaint } from './net-canvas.ts';
import PieceMap from './PieceMap.svelte';

const LOOK = {
  '--piece-absent': 'grey',
  '--piece-under-way': 'coral',
  '--piece-stored-1': 'teal',
  '--piece-stored-2': 'navy',
  '--piece-stored-3': 'blue',
};
const STORED = ['teal', 'navy', 'blue'];

afterEach(() => document.body.replaceChildren());

function themed(look: Record<string, string> = LOOK): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  document.body.append(canvas);
  for (const [name, colour] of Object.entries(look)) canvas.style.setProperty(name, ` ${colour}`);
  return canvas;
}

const cellsOf = () => latticeOf(drawing.width, drawing.height, 8);
const absent: CellTone = { stored: 0, underWay: false };

describe('painting a net of cells', () => {
  it('[UI8] draws each cell once, at its place and at the screen’s density', () => {
    vi.stubGlobal('devicePixelRatio', 2.5);
    const canvas = themed();
    paint(canvas, piecesTones(new Uint8Array()));
    expect(drawing.drawn.map(({ x, y }) => ({ x, y }))).toEqual(cellsOf());
    expect(new Set(drawing.drawn.map(({ style }) => style))).toEqual(new Set(['grey']));
    expect([canvas.width, canvas.height, drawing.scale, drawing.cleared]).toEqual([400, 120, 2.5, 1]);
  });

  it('[UI8] a cell that is on its way is coral, one that is stored has a colour of the theme, as deep as it is full', () => {
    const tones = (cells: readonly unknown[]) =>
      cells.map(
        (_, nth) =>
          [absent, { stored: 0.5, underWay: true }, { stored: 0.25, underWay: false }][nth % 3] ?? absent,
      );
    paint(themed(), tones);
    // Beneath what is stored lies the colour of what is not.
    const [none, coming, beneath, part] = drawing.drawn;
    expect([none?.style, coming?.style, beneath?.style]).toEqual(['grey', 'coral', 'grey']);
    expect(STORED).toContain(part?.style);
    expect([coming?.alpha, beneath?.alpha, part?.alpha]).toEqual([1, 1, 0.25]);
    expect([part?.x, part?.y]).toEqual([beneath?.x, beneath?.y]);
    const plain = drawing.drawn.filter(({ style }) => !STORED.includes(style));
    expect(new Set(plain.map(({ alpha }) => alpha))).toEqual(new Set([1]));
    expect(new Set(drawing.drawn.map(({ style }) => style))).toEqual(new Set(['grey', 'coral', ...STORED]));
  });

  it('[UI24] [UI8] what nobody has is an outline, and what few have is faint', () => {
    const canvas = themed();
    const cells = cellsOf().length;
    const quarter = Math.floor(cells / 4);
    const copies = new Uint8Array(cells)
      .fill(1, quarter)
      .fill(2, 2 * quarter)
      .fill(7, 3 * quarter);
    repaint(canvas, availabilityTones(new Uint8Array(cells), copies));
    expect(drawing.outlined).toBe(quarter);
    expect([...new Set(drawing.drawn.map(({ alpha }) => alpha))]).toEqual([0.4, 0.7, 1]);
    drawing.drawn.length = 0;
    repaint(canvas, availabilityTones(new Uint8Array(cells), copies.with(0, 1)));
    expect(drawing.drawn).toEqual([expect.objectContaining({ ...cellsOf()[0], alpha: 0.4 })]);
  });

  it('[UI8] leaves nothing of what stood in a cell, whose soft rim would show: it is taken out first', () => {
    const canvas = themed();
    const coming = new Uint8Array(cellsOf().length).fill(1);
    repaint(canvas, piecesTones(coming));
    drawing.drawn.length = 0;
    drawing.emptied.length = 0;
    repaint(canvas, piecesTones(coming.with(3, 0)));
    expect(drawing.emptied).toEqual([{ ...cellsOf()[3], drawn: 0 }]);
    expect(drawing.drawn).toEqual([expect.objectContaining({ ...cellsOf()[3], style: 'grey' })]);
  });

  it('[UI8] paints again only what changed, and all of it where the size did', () => {
    const canvas = themed();
    const pieces = new Uint8Array(cellsOf().length);
    repaint(canvas, piecesTones(pieces));
    expect(drawing.drawn).toHaveLength(pieces.length);
    drawing.drawn.length = 0;
    repaint(canvas, piecesTones(pieces.with(3, 1)));
    expect(drawing.drawn).toEqual([expect.objectContaining({ ...cellsOf()[3], style: 'coral' })]);
    repaint(canvas, piecesTones(pieces.with(3, 1)));
    expect(drawing.drawn).toHaveLength(1);
    drawing.height = 64;
    drawing.drawn.length = 0;
    repaint(canvas, piecesTones(pieces));
    expect(drawing.drawn).toHaveLength(cellsOf().length);
  });

  it.each([
    ['has no room', () => (drawing.width = 0)],
    ['has no context', () => (drawing.hasContext = false)],
  ])('[UI8] paints nothing where the canvas %s, and goes on later', (_, spoil) => {
    const canvas = themed();
    spoil();
    repaint(canvas, piecesTones(Uint8Array.of(2)));
    expect(drawing.drawn).toEqual([]);
    Object.assign(drawing, { width: 160, hasContext: true });
    repaint(canvas, piecesTones(Uint8Array.of(2)));
    expect(drawing.drawn.length).toBeGreaterThan(0);
  });

  it('[UI8] takes the colours of another theme', () => {
    const canvas = themed();
    paint(canvas, piecesTones(new Uint8Array()));
    drawing.drawn.length = 0;
    canvas.style.setProperty('--piece-absent', 'black');
    paint(canvas, piecesTones(new Uint8Array()));
    expect(new Set(drawing.drawn.map(({ style }) => style))).toEqual(new Set(['black']));
  });
});

describe('what makes a picture old', () => {
  it('[UI8] is another size, density, colour scheme or theme, until nobody looks', async () => {
    vi.stubGlobal('devicePixelRatio', 1);
    const changed = vi.fn();
    const stop = onLookChanged(themed(), changed);
    expect(changed).toHaveBeenCalledTimes(1); // the first look
    changed.mockClear();
    drawing.resize(200, 48);
    expect(changed).toHaveBeenCalledTimes(1);
    drawing.changed(/prefers-color-scheme/);
    expect(changed).toHaveBeenCalledTimes(2);
    // The window goes to another screen, and from there to a third.
    for (const [before, after] of [
      [1, 2],
      [2, 3],
    ]) {
      vi.stubGlobal('devicePixelRatio', after);
      drawing.changed(new RegExp(`resolution: ${before}dppx`));
    }
    expect(changed).toHaveBeenCalledTimes(4);
    document.documentElement.dataset['theme'] = 'dark';
    await Promise.resolve();
    expect(changed).toHaveBeenCalledTimes(5);
    stop();
    expect(drawing.listeners).toBe(0);
    delete document.documentElement.dataset['theme'];
    await Promise.resolve();
    expect(changed).toHaveBeenCalledTimes(5);
  });
});

describe('the piece map', () => {
  const label = (): string | null => screen.getByRole('img').getAttribute('aria-label');

  it.each([
    [Uint8Array.of(), false, 'Piece map, still empty'],
    [Uint8Array.of(), true, 'Piece map of an empty share'],
    [Uint8Array.of(0, 1, 2, 2), false, 'Piece map: 2 of 4 pieces are here'],
  ])('[UI8] tells stored and all pieces: %o', (pieces, complete, text) => {
    render(PieceMap, { pieces, complete });
    expect(label()).toBe(text);
  });

  it('[UI8] fills from left to right, cell by cell, with the pieces', async () => {
    const { rerender } = render(PieceMap, { pieces: Uint8Array.of(0, 0) });
    const all = drawing.drawn.length;
    expect(all).toBe(cellsOf().length);
    drawing.drawn.length = 0;
    await rerender({ pieces: Uint8Array.of(2, 0) });
    const filled = [...new Set(drawing.drawn.map(({ x }) => x))];
    expect(drawing.drawn).toHaveLength(2 * Math.floor(all / 2 + 0.5));
    expect(Math.max(...filled)).toBeLessThanOrEqual(drawing.width / 2);
    drawing.drawn.length = 0;
    await rerender({ pieces: Uint8Array.of(2, 1) });
    expect(Math.min(...drawing.drawn.map(({ x }) => x))).toBeGreaterThanOrEqual(drawing.width / 2);
  });

  it('[UI8] of a complete share is full, also of one without pieces', () => {
    render(PieceMap, { pieces: new Uint8Array(), complete: true });
    // Each cell is drawn twice: beneath what is stored lies the colour of what is not.
    expect(drawing.drawn).toHaveLength(2 * cellsOf().length);
  });

  it('[UI8] is painted anew when its look changes, and by nobody when it is gone', () => {
    const { unmount } = render(PieceMap, { pieces: Uint8Array.of(0) });
    drawing.drawn.length = 0;
    drawing.changed(/prefers-color-scheme/);
    expect(drawing.drawn).toHaveLength(cellsOf().length);
    unmount();
    flushSync();
    expect(drawing.listeners).toBe(0);
  });
});
