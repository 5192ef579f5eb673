/**
 * What went on, as files to take along ([UI22]): one table for spreadsheets, one object for programs. Pure. Names are
 * strangers': in a spreadsheet none of them may be a formula.
 */
import { dayOf } from '../../shared/peer/activity-store.ts';
import { reasonOf, resultOf, typeOf } from './activity-rows.ts';
import type { HistoryEntry, LoggedTransfer, Totals } from './session.ts';
import { shareTitle } from './share-labels.ts';

export interface ActivityRecord {
  /** The newest first. */
  readonly history: readonly HistoryEntry[];
  /** All that is kept, the newest first. */
  readonly transfers: readonly LoggedTransfer[];
  readonly totals: Totals;
}

type Field = string | number;

const BYTE_ORDER_MARK = '\ufeff';
/** RFC 4180. */
const LINE_END = '\r\n';
const COLUMNS = [
  ...['Record', 'Time', 'Begun', 'Name', 'Share', 'Type', 'Result', 'Reason', 'Peer', 'Piece'],
  ...['Size (bytes)', 'Downloaded (bytes)', 'Uploaded (bytes)', 'Duration (s)', 'Speed (bytes/s)'],
] as const;
type Column = (typeof COLUMNS)[number];
type Cells = Partial<Record<Column, Field>>;

export function activityCsv({ history, transfers, totals }: ActivityRecord): string {
  const rows = [
    ...history.map(historyCells),
    ...transfers.map(transferCells),
    ...totals.days.map(({ day, down, up }) => ({
      ...{ Record: 'day', Time: dayText(day), 'Downloaded (bytes)': down, 'Uploaded (bytes)': up },
    })),
    { Record: 'total', 'Downloaded (bytes)': totals.down, 'Uploaded (bytes)': totals.up },
  ];
  const lines = rows.map((cells: Cells) => COLUMNS.map((column) => csvField(cells[column] ?? '')).join(','));
  return `${BYTE_ORDER_MARK}${[COLUMNS.map(csvField).join(','), ...lines].join(LINE_END)}${LINE_END}`;
}

function historyCells(entry: HistoryEntry): Cells {
  return {
    Record: 'history',
    Time: timeText(entry.endedAt),
    Begun: timeText(entry.begunAt),
    Name: shareTitle(entry.name),
    Share: entry.infoHash,
    Type: typeOf(entry),
    Result: resultOf(entry),
    Reason: reasonOf(entry.end),
    'Size (bytes)': entry.totalBytes,
    'Downloaded (bytes)': entry.receivedBytes,
    'Uploaded (bytes)': entry.sentBytes,
    'Duration (s)': entry.movedMs / 1_000,
    'Speed (bytes/s)': entry.bytesPerSecond === null ? '' : Math.round(entry.bytesPerSecond),
  };
}

function transferCells({
  at,
  name,
  infoHash,
  direction,
  isRight,
  peer,
  piece,
  bytes,
}: LoggedTransfer): Cells {
  return {
    Record: 'transfer',
    Time: timeText(at),
    Name: shareTitle(name),
    Share: infoHash,
    Type: direction,
    Result: isRight ? 'right' : 'damaged',
    Peer: peer,
    Piece: piece,
    [direction === 'down' ? 'Downloaded (bytes)' : 'Uploaded (bytes)']: bytes,
  };
}

/** What begins like a formula gets an apostrophe before it, which makes it text; then quoted where it must be. */
export function csvField(field: Field): string {
  if (typeof field === 'number') return String(field);
  const safe = /^[=+\-@\t\r]/.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function activityJson({ history, transfers, totals }: ActivityRecord, now: number): string {
  const record = {
    exported: timeText(now),
    totals: {
      downloadedBytes: totals.down,
      uploadedBytes: totals.up,
      days: totals.days.map(({ day, down, up }) => ({
        ...{ day: dayText(day), downloadedBytes: down, uploadedBytes: up },
      })),
    },
    history: history.map((entry) => ({
      ...{ name: entry.name, share: entry.infoHash, type: typeOf(entry), result: resultOf(entry) },
      reason: entry.end.kind === 'failed' ? reasonOf(entry.end) : null,
      ...{ begun: timeText(entry.begunAt), ended: timeText(entry.endedAt), sizeBytes: entry.totalBytes },
      ...{ downloadedBytes: entry.receivedBytes, uploadedBytes: entry.sentBytes },
      ...{ durationSeconds: entry.movedMs / 1_000, bytesPerSecond: entry.bytesPerSecond },
    })),
    transferLog: transfers.map(({ at, direction, peer, infoHash, name, piece, bytes, isRight }) => ({
      ...{ time: timeText(at), direction, peer, share: infoHash, name, piece, bytes, damaged: !isRight },
    })),
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** `shoal-activity-2026-11-27.csv`; the day in UTC, as all that is in it. */
export function exportName(now: number, ending: 'csv' | 'json'): string {
  return `shoal-activity-${dayText(now)}.${ending}`;
}

/** What no date can hold was noted under a clock that was far off: it has no text. */
function timeText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}

function dayText(ms: number): string {
  return timeText(dayOf(ms)).slice(0, 10);
}
