/** Rows of what went on, for the tests of the page of activity: one of each list, to vary. */
import type { HistoryEntry, LoggedTransfer } from './session.ts';
import { idOf } from './transfer.fixture.ts';

/** Noon. */
export const TODAY = Date.UTC(2026, 10, 27, 12);

export function entryOf(changes: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    ...{ id: 1, infoHash: idOf('a'), role: 'receiving', name: 'film.mkv', totalBytes: 3_000_000 },
    ...{ begunAt: TODAY - 60_000, endedAt: TODAY, end: { kind: 'finished' } },
    ...{ receivedBytes: 3_000_000, sentBytes: 0, movedMs: 30_000, bytesPerSecond: 100_000 },
    ...changes,
  };
}

export function pieceOf(changes: Partial<LoggedTransfer> = {}): LoggedTransfer {
  return {
    ...{ id: 1, at: TODAY, direction: 'down', peer: 'ab12cd34', infoHash: idOf('a'), name: 'film.mkv' },
    ...{ piece: 0, bytes: 262_144, isRight: true },
    ...changes,
  };
}

/** The newest first, from `newest` down to 1. */
export function piecesTo(newest: number): LoggedTransfer[] {
  return Array.from({ length: newest }, (_, index) => pieceOf({ id: newest - index, piece: newest - index }));
}
