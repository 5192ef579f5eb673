import { describe, expect, it } from 'vitest';
import type { SharePhase } from '../../shared/engine/io.ts';
import type { KeptRow } from './kept.svelte.ts';
import type { LibraryEntry, Transfer } from './session.ts';
import { transferRows } from './transfer-rows.ts';
import { idOf, manifestOf, peersOf, transferOf } from './transfer.fixture.ts';

const manifest = manifestOf([1_000_000]);

function rowOf(changes: Partial<Transfer>, row: Partial<KeptRow> = {}): KeptRow {
  const transfer = transferOf({ manifest, ...changes });
  const { infoHash, role } = transfer;
  return { infoHash, role, name: 'Photos', entry: null, transfer, leaving: false, ...row };
}

function entryOf(changes: Partial<LibraryEntry>): LibraryEntry {
  return {
    ...{ infoHash: idOf('b'), role: 'receiving', intent: 'paused', name: 'Photos', totalBytes: 2_000 },
    ...{ fileCount: 1, addedAt: 1, finishedAt: null, savedAt: null },
    ...changes,
  };
}

const whole = () => 'nothing' as const;
const only = (row: KeptRow) => transferRows([row], whole)[0]!;

describe('[UI20] the table of transfers', () => {
  it('says of what runs how far and how fast it is', () => {
    const running = rowOf({
      ...{ phase: 'downloading', receivedBytes: 370_000, down: 1_500_000, up: 2_000, eta: 60 },
      ...{ online: { seeds: 2, leechers: 1 }, peers: peersOf(3) },
    });
    expect(only(running)).toEqual({
      ...{ infoHash: idOf('a'), title: 'Photos', label: 'Photos', size: '1.00\u00a0MB', percent: 37 },
      ...{ status: 'downloading', seeds: '2', peers: '3', down: '1.50\u00a0MB/s', up: '2.00\u00a0kB/s' },
      ...{ eta: '1 minute', actions: ['pause', 'cancel'] },
    });
  });

  it.each<[SharePhase, Partial<Transfer>, string, string[]]>([
    ['looking', {}, 'looking for it', ['remove']],
    ['ready', {}, 'not begun', ['resume', 'remove']],
    ['downloading', { stalled: true }, 'stalled', ['pause', 'cancel']],
    ['full', {}, 'waits for room', ['pause', 'cancel']],
    ['paused', {}, 'paused', ['resume', 'cancel']],
    ['failed', {}, 'failed', ['resume', 'cancel']],
    ['complete', {}, 'sharing', ['pause', 'remove']],
    ['stopped', {}, 'stopped', ['resume', 'remove']],
    ['stopped', { filesMissing: 'not-kept' }, 'needs its files again', ['remove']],
  ])('says what is so and what can be done when it is %s', (phase, changes, status, actions) => {
    expect(only(rowOf({ phase, ...changes }))).toMatchObject({ status, actions });
  });

  it('lists what is not open here, what is going and what broke', () => {
    const resting = rowOf({}, { transfer: null, entry: entryOf({}), infoHash: idOf('b') });
    expect(only(resting)).toMatchObject({ size: '2.00\u00a0kB', status: 'paused', actions: ['remove'] });
    expect(only({ ...resting, entry: entryOf({ finishedAt: 5, savedAt: 6 }) })).toMatchObject({
      ...{ percent: 100, status: 'saved' },
    });
    expect(only(rowOf({}, { leaving: true }))).toMatchObject({ status: 'removed', actions: ['undo'] });
    const [broken] = transferRows([rowOf({ phase: 'downloading' })], () => 'share');
    expect(broken).toMatchObject({ status: 'stopped', actions: [] });
  });

  it('gives each row a label of its own, also under a filter', () => {
    const [one, other] = [rowOf({}), rowOf({ infoHash: idOf('c') })];
    expect(transferRows([one, other], whole).map(({ label }) => label)).toEqual(['Photos', 'Photos (2)']);
    expect(transferRows([one, other], whole, ' PHOTOS (2)').map(({ infoHash }) => infoHash)).toEqual([
      idOf('c'),
    ]);
    expect(transferRows([one, other], whole, 'looking')).toHaveLength(2);
    expect(transferRows([one, other], whole, 'x'.repeat(10_000))).toEqual([]);
  });

  it('shows no mark of direction out of a name', () => {
    expect(only(rowOf({}, { name: 'a\u202egpj.exe' })).label).not.toContain('\u202e');
  });
});
