// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { idOf } from '../state/transfer.fixture.ts';
import { carried, happens } from '../testing/dragged.ts';
import { FakeWorker } from '../testing/fake-worker.ts';
import { render, screen } from '../testing/shown.ts';
import DropAnywhere from './DropAnywhere.svelte';

const id = idOf('a');

const file = carried([new File(['abc'], 'a.txt')]);
const text = carried([], { 'text/plain': 'abc' });
const drags = (what: 'dragOver' | 'dragLeave' | 'drop', carrying = file): Promise<boolean> =>
  happens(what, document.body, { carrying });

function anywhere() {
  const worker = new FakeWorker();
  const transfers = worker.transfers();
  render(DropAnywhere, { transfers });
  return { worker, transfers };
}

describe('[UI3] files that are dropped on a page with another purpose', () => {
  it('are shared, and that is said while they are held', async () => {
    const { worker } = anywhere();
    expect(await drags('dragOver')).toBe(true);
    expect(screen.getByText('Drop to share')).toBeTruthy();
    await drags('dragLeave');
    expect(screen.queryByText('Drop to share')).toBeNull();
    await drags('dragOver');
    expect(await drags('drop')).toBe(true);
    expect(screen.queryByText('Drop to share')).toBeNull();
    expect(worker.request?.files.map(({ path }) => path)).toEqual([['a.txt']]);
  });

  it('[LB3] are given to the share that waits for its files', async () => {
    const { worker, transfers } = anywhere();
    transfers.given.wanted = id;
    await drags('dragOver');
    expect(screen.getByText('Drop to share it by the same link')).toBeTruthy();
    await drags('drop');
    expect(worker.given.map(([share, files]) => [share, files.map(({ path }) => path)])).toEqual([
      [id, [['a.txt']]],
    ]);
    expect(worker.request).toBeNull();
  });

  it('are no text, which is let be', async () => {
    const { worker } = anywhere();
    expect(await drags('dragOver', text)).toBe(false);
    expect(await drags('drop', text)).toBe(false);
    expect(worker.request).toBeNull();
  });
});
