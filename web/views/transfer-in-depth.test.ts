// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import '../testing/drawn.ts';
import { FakeWorker, settle } from '../testing/fake-worker.ts';
import { button, fact, loaded, person, render, rowsOf, screen, sentence, tell } from '../testing/shown.ts';
import { idOf, manifestOf, peersOf } from '../state/transfer.fixture.ts';
import type { FileRow, LoggedEvent, Transfer } from '../state/session.ts';
import TransferInDepth from './TransferInDepth.svelte';

const SHARE = idOf('a');
const NOON = Date.UTC(2026, 10, 27, 12);

function rowOf(name: string, size: number, storedBytes = 0, wanted = true): FileRow {
  return { path: ['Ours', name], size, storedBytes, wanted };
}

function eventOf(id: number, event: LoggedEvent['event']): LoggedEvent {
  return { id, at: NOON + id * 1_000, event };
}

async function shown(changes: Partial<Transfer>, arrange: (worker: FakeWorker) => void = () => undefined) {
  const worker = new FakeWorker();
  arrange(worker);
  const transfers = worker.transfers();
  void transfers.start();
  await settle();
  tell(worker, { infoHash: SHARE, role: 'receiving', manifest: manifestOf([100, 200]), ...changes });
  render(TransferInDepth, { transfers, infoHash: SHARE });
  await settle();
  await loaded();
  return worker;
}

describe('[UI24] one transfer in depth', () => {
  it('[UI24] shows its peers, and sends one away', async () => {
    const [first, second] = peersOf(2);
    const peers = [
      { ...first!, extended: true, path: 'lan', pieces: 1, down: 5_000 } as const,
      { ...second!, extended: false, path: 'relayed', pieces: 4 } as const,
    ];
    const worker = await shown({ phase: 'downloading', peers, pieces: Uint8Array.of(2, 1, 0, 0) });
    const short = peers[0]!.id.slice(0, 8);
    const [one, other] = [short, `${short} (2)`];
    expect(rowsOf('Peers')).toEqual([
      `${one} Shoal local network 25 % 5.00 kB/s – Disconnect`,
      `${other} TorrentInno through a relay 100 % – – Disconnect`,
    ]);
    await person.click(button(`Disconnect ${other}`));
    expect(worker.kicked).toEqual([second!.id]);
    tell(worker, { peers: [] });
    expect(screen.getByText('Nobody is connected.')).toBeDefined();
  });

  it('[UI24] another tab of this browser is no peer that can be sent away', async () => {
    const [tab] = peersOf(1, { own: true });
    await shown({ phase: 'complete', peers: [tab!] });
    expect(rowsOf('Peers')[0]).toMatch(/^Another tab/);
    expect(screen.queryByRole('button', { name: /^Disconnect/ })).toBeNull();
  });

  it('[UI24] lists its files with how far each is, the first hundred and then more', async () => {
    const rows = [
      rowOf('<img onerror=x>', 100, 100),
      rowOf('half', 1_000, 500),
      rowOf('left out', 10, 0, false),
      rowOf('empty', 0),
      ...Array.from({ length: 150 }, (_, nth) => rowOf(`${nth}`, 1)),
    ];
    await shown({ phase: 'downloading' }, (worker) => (worker.rows = rows));
    expect(rowsOf('Files').slice(0, 4)).toEqual([
      'Ours/<img onerror=x> 100 bytes all of it',
      'Ours/half 1.00 kB 50 %',
      'Ours/left out 10 bytes not chosen',
      'Ours/empty 0 bytes all of it',
    ]);
    expect(rowsOf('Files')).toHaveLength(100);
    await person.click(button('Show 54 of 54 more files'));
    expect(rowsOf('Files')).toHaveLength(154);
  });

  it('[UI24] [UI8] says in words what the map shows', async () => {
    await shown({ phase: 'downloading', pieces: Uint8Array.of(2, 1, 0, 0) }, (worker) => {
      worker.copies = Uint8Array.of(1, 1, 1, 0);
    });
    expect(screen.getByRole('img', { name: 'Piece map' })).toBeDefined();
    expect(
      screen.getByText('1 of 4 pieces are here. 1 of the others are with nobody who is connected.'),
    ).toBeDefined();
  });

  it('[UI24] [LB17] tells what happened, the newest first, and how fast it was', async () => {
    const [peer] = peersOf(1);
    const speeds = [
      { at: NOON, down: 9_000, up: 0 },
      { at: NOON + 2_000, down: 4_000, up: 10 },
    ];
    const worker = await shown({ phase: 'downloading' }, (it) => {
      it.told = {
        speeds,
        events: [
          eventOf(1, { kind: 'peer-connected', peer: peer!.id, path: 'relayed' }),
          eventOf(0, { kind: 'phase', phase: 'downloading', trouble: null }),
        ],
      };
    });
    const lines = () =>
      [...screen.getByRole('log', { name: 'Log' }).querySelectorAll('p')].map(({ textContent }) =>
        textContent?.replace(/^.*?\d\d:\d\d:\d\d(\s[AP]M)?\s*/u, '').trim(),
      );
    const short = peer!.id.slice(0, 8);
    expect(lines()).toEqual([`${short} connected through a relay.`, 'Downloading.']);
    expect(screen.getByRole('img', { name: 'Speed over time' })).toBeDefined();
    expect(screen.getByText(/^Now 4.00 kB\/s down and 10 bytes\/s up; at most 9.00/)).toBeDefined();
    // Another tab's peer goes on, and tells its own from the beginning.
    worker.told = {
      speeds,
      events: [eventOf(0, { kind: 'phase', phase: 'complete', trouble: null })],
    };
    expect(lines()).toHaveLength(2);
  });

  it('[UI24] has the figures and the sentence, and leads to its own page and back', async () => {
    await shown({ phase: 'paused', role: 'receiving' });
    expect(sentence()).toMatch(/^Paused/);
    expect(fact('Size')).toBe('300 bytes');
    expect(screen.getByRole('link', { name: 'All transfers' }).getAttribute('href')).toBe('#/transfers');
    expect(screen.getByRole('link', { name: 'Download and saving' }).getAttribute('href')).toMatch(
      /^#[\w-]{43}$/,
    );
    flushSync();
  });
});
