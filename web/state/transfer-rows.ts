/**
 * The table of all transfers ([UI20]): what each row says, under a label that no other row has, and what can be done.
 * Pure.
 */
import type { InfoHash } from '../../shared/ids.ts';
import { formatBytes, formatEta, formatRate, NOTHING } from '../../shared/words/format.ts';
import type { KeptRow } from './kept.svelte.ts';
import { peopleAmong } from '../../shared/words/people.ts';
import { receivedPercent } from './receiving.ts';
import { stateOf } from './row-states.ts';
import type { Broken, Transfer } from './session.ts';
import { shareLabels, shareTitle } from './share-labels.ts';

export type TransferAction = 'pause' | 'resume' | 'cancel' | 'remove' | 'undo';

export interface TransferRow {
  readonly infoHash: InfoHash;
  /** As a person reads it. */
  readonly title: string;
  /** The title, with a number behind it where others have the same: what buttons are called by. */
  readonly label: string;
  readonly size: string;
  /** 0–100. */
  readonly percent: number;
  readonly status: string;
  readonly seeds: string;
  readonly peers: string;
  readonly down: string;
  readonly up: string;
  readonly eta: string;
  readonly actions: readonly TransferAction[];
}

/** In the order of `rows`; a filter matches names and states, whatever their case. */
export function transferRows(
  rows: readonly KeptRow[],
  brokenFor: (infoHash: InfoHash) => Broken,
  filter = '',
): TransferRow[] {
  const labels = shareLabels(rows);
  const all = rows.map((row) => {
    const title = shareTitle(row.name);
    return rowOf(row, title, labels.get(row.infoHash) ?? title, brokenFor(row.infoHash));
  });
  const wanted = filter.trim().toLocaleLowerCase();
  return all.filter(({ label, status }) => `${label}\n${status}`.toLocaleLowerCase().includes(wanted));
}

function rowOf(row: KeptRow, title: string, label: string, broken: Broken): TransferRow {
  const { infoHash, transfer, entry } = row;
  const bytes = transfer?.totalBytes ?? entry?.totalBytes ?? null;
  const known = transfer !== null && transfer.phase !== 'stopped';
  return {
    infoHash,
    title,
    label,
    size: bytes === null || (bytes === 0 && row.name === null) ? NOTHING : formatBytes(bytes),
    percent: percentOfRow(row),
    status: statusOf(row, broken),
    seeds: known && transfer.online !== null ? String(transfer.online.seeds) : NOTHING,
    peers: known ? String(peopleAmong(transfer.peers)) : NOTHING,
    down: rate(transfer?.down),
    up: rate(transfer?.up),
    eta: transfer?.phase === 'downloading' && transfer.eta !== null ? formatEta(transfer.eta) : NOTHING,
    actions: actionsOf(row, broken),
  };
}

function rate(bytes: number | undefined): string {
  return bytes === undefined || bytes === 0 ? NOTHING : formatRate(bytes);
}

function percentOfRow({ role, transfer, entry }: KeptRow): number {
  if (role === 'sharing') return 100;
  if (transfer !== null) return receivedPercent(transfer);
  return entry !== null && entry.finishedAt !== null ? 100 : 0;
}

function statusOf(row: KeptRow, broken: Broken): string {
  const { transfer, leaving, role } = row;
  if (leaving || transfer === null || broken !== 'nothing' || transfer.filesMissing !== null)
    return stateOf(row, broken);
  switch (transfer.phase) {
    case 'looking':
      return 'looking for it';
    case 'ready':
      return 'not begun';
    case 'downloading':
      return transfer.stalled ? 'stalled' : 'downloading';
    case 'complete':
      return role === 'sharing' || transfer.trackerOnline ? 'sharing' : 'complete';
    case 'full':
      return 'waits for room';
    default:
      return transfer.phase;
  }
}

function actionsOf({ transfer, entry, role, leaving }: KeptRow, broken: Broken): TransferAction[] {
  if (leaving) return ['undo'];
  if (transfer === null || broken !== 'nothing') return entry === null ? [] : ['remove'];
  const unfinished = role === 'receiving' && receivedPercent(transfer) < 100;
  switch (transfer.phase) {
    case 'looking':
      return ['remove'];
    case 'downloading':
    case 'full':
      return ['pause', 'cancel'];
    case 'complete':
      return ['pause', 'remove'];
    case 'stopped':
      return transfer.filesMissing === null ? ['resume', 'remove'] : ['remove'];
    case 'ready':
      return ['resume', 'remove'];
    case 'paused':
    case 'failed':
      return unfinished ? ['resume', 'cancel'] : ['resume', 'remove'];
  }
}

/** Whether what is to go on is fetched, or only served again. */
export function resumesDownload({ phase, role }: Pick<Transfer, 'phase' | 'role'>): boolean {
  // Of one's own files what could not be read is tried again ([UP7]).
  return role === 'receiving' && (phase === 'ready' || phase === 'paused' || phase === 'failed');
}
