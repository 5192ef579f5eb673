// @vitest-environment happy-dom
import { createEvent, fireEvent } from '@testing-library/dom';
import { flushSync } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { drawing } from '../testing/drawn.ts';
import { FakeWorker } from '../testing/fake-worker.ts';
import { render } from '../testing/shown.ts';
import Home from './Home.svelte';

const REDUCED = '(prefers-reduced-motion: reduce)';
const BACKGROUND = 'grey';
/** Frames that were asked for, to give when told. */
let frames: Map<number, FrameRequestCallback>;
let asked: number;

beforeEach(() => {
  frames = new Map();
  asked = 0;
  Object.assign(drawing, { width: 760, height: 190 });
  vi.stubGlobal('requestAnimationFrame', (frame: FrameRequestCallback) => {
    frames.set(++asked, frame);
    return asked;
  });
  vi.stubGlobal('cancelAnimationFrame', (id: number) => void frames.delete(id));
  vi.spyOn(performance, 'now').mockReturnValue(1_000);
  document.documentElement.style.setProperty('--piece-absent', BACKGROUND);
});

function frame(now: number): void {
  const due = [...frames.values()];
  frames.clear();
  for (const give of due) give(now);
  flushSync();
}

function drag(what: 'dragOver' | 'dragLeave'): void {
  const event = createEvent[what](document.body, { dataTransfer: { types: ['Files'] } });
  Object.defineProperty(event, 'relatedTarget', { value: null });
  fireEvent(document.body, event);
  flushSync();
}

/** Cells that changed since the last time. */
function changed(): number {
  const cells = new Set(drawing.drawn.map(({ x, y }) => `${x} ${y}`));
  drawing.drawn.length = 0;
  return cells.size;
}

function atHome() {
  const view = render(Home, { transfers: new FakeWorker().transfers(), go: () => undefined });
  expect(changed()).toBeGreaterThan(500);
  return view;
}

describe('the pieces of the first page', () => {
  it('[UI8] carry no motion of their own', () => {
    atHome();
    expect(frames.size).toBe(0);
  });

  it('[UI3] gather step by step while files are held, and scatter again', () => {
    atHome();
    drag('dragOver');
    expect(changed()).toBe(0);
    const steps: number[] = [];
    for (const now of [1_100, 1_200, 1_300, 1_420]) {
      frame(now);
      steps.push(changed());
    }
    expect(Math.min(...steps)).toBeGreaterThan(0);
    expect(frames.size).toBe(0);
    drag('dragOver');
    expect(frames.size).toBe(0);
    vi.mocked(performance.now).mockReturnValue(9_000);
    drag('dragLeave');
    frame(9_420);
    expect(changed()).toBeGreaterThan(Math.max(...steps));
    expect(frames.size).toBe(0);
  });

  it('[UI3] turn back from where they are when it is taken away on the way', () => {
    atHome();
    drag('dragOver');
    frame(1_210);
    const half = changed();
    drag('dragLeave');
    expect(frames.size).toBe(1);
    frame(1_420);
    expect(changed()).toBe(half);
  });

  it('[UI9] are there at once for whoever wants less motion', () => {
    drawing.matching = [REDUCED];
    atHome();
    drag('dragOver');
    expect(frames.size).toBe(0);
    expect(changed()).toBeGreaterThan(100);
  });

  it('[UI3] stop when another page comes', () => {
    const { unmount } = atHome();
    drag('dragOver');
    unmount();
    expect(frames.size).toBe(0);
  });
});
