// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import type { Tone } from '../state/tones.ts';
import { fact, render, screen } from '../testing/shown.ts';
import Facts from './Facts.svelte';
import Notice from './Notice.svelte';
import ProgressBar from './ProgressBar.svelte';
import StatusLine from './StatusLine.svelte';

describe('small parts of the page', () => {
  it('[UI9] a bar tells its bounds and its value, and is as long as that', async () => {
    const { rerender } = render(ProgressBar, { label: 'Download progress', percent: 0 });
    const bar = screen.getByRole('progressbar', { name: 'Download progress' });
    const told = () => ['min', 'max', 'now'].map((key) => bar.getAttribute(`aria-value${key}`));
    const done = bar.firstElementChild;
    const length = () => (done instanceof HTMLElement ? done.style.transform : null);
    expect([told(), length()]).toEqual([['0', '100', '0'], 'scaleX(0)']);
    await rerender({ percent: 37 });
    expect([told(), length()]).toEqual([['0', '100', '37'], 'scaleX(0.37)']);
  });

  it('[UI7] figures keep their places while what stands in them changes', async () => {
    const { rerender } = render(Facts, {
      facts: [
        { name: 'Size', value: '1 MB' },
        { name: 'Files', value: '2' },
      ],
    });
    const places = screen.getAllByRole('definition');
    await rerender({
      facts: [
        { name: 'Size', value: '2 MB' },
        { name: 'Files', value: '3' },
      ],
    });
    expect(screen.getAllByRole('definition')).toEqual(places);
    expect([fact('Size'), fact('Files')]).toEqual(['2 MB', '3']);
  });

  it('[UI4] the sentence changes inside its region, so that it is heard, and its mark with it', async () => {
    const { rerender, container } = render(StatusLine, { sentence: 'Looking.', tone: 'wait' });
    const region = screen.getByRole('status');
    const looks = new Set([container.firstElementChild?.className]);
    for (const tone of ['live', 'calm', 'bad'] satisfies Tone[]) {
      await rerender({ sentence: `Now ${tone}.`, tone });
      looks.add(container.firstElementChild?.className);
      expect(screen.getByRole('status')).toBe(region);
      expect(region.textContent).toBe(`Now ${tone}.`);
    }
    expect(looks.size).toBe(4);
  });

  it('[UI6] a warning is a note, and only what is bad interrupts', async () => {
    const { rerender } = render(Notice, { sentence: 'Take note.' });
    expect(screen.getByRole('note').textContent).toContain('Take note.');
    await rerender({ bad: true });
    expect(screen.getByRole('alert').textContent).toContain('Take note.');
    expect(screen.queryByRole('note')).toBeNull();
  });
});
