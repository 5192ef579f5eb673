/**
 * What the page of activity shows ([UI22]) of the history, the transfer log and the totals ([LB11]–[LB13]), in words and
 * figures. Pure: knows no session and no clock.
 */
import type { InfoHash } from '../../shared/ids.ts';
import { DAY_MS } from '../../shared/peer/limits.ts';
import type { LogLevel } from '../../shared/peer/settings.ts';
import { counted, formatBytes, formatEta, formatRate, NOTHING } from '../../shared/words/format.ts';
import type { HistoryEnd, HistoryEntry, LoggedTransfer, Totals } from './session.ts';

export interface HistoryLine {
  readonly id: number;
  readonly infoHash: InfoHash;
  readonly label: string;
  readonly type: string;
  readonly result: string;
  /** What else there is to say of how it ended; empty: nothing. */
  readonly detail: string;
  /** ms since 1970. */
  readonly endedAt: number;
  readonly size: string;
  readonly duration: string;
  readonly speed: string;
}

export interface LogLine {
  readonly id: number;
  /** ms since 1970. */
  readonly at: number;
  readonly direction: string;
  readonly peer: string;
  readonly label: string;
  readonly piece: string;
  readonly bytes: string;
  /** The piece was not what it should be. */
  readonly damaged: boolean;
}

export type Labels = ReadonlyMap<InfoHash, string>;

export interface Traffic30 {
  /** Seconds since 1970 of the beginning of each day in UTC, all of them; empty where nothing moved. */
  readonly times: readonly number[];
  readonly down: readonly number[];
  readonly up: readonly number[];
}

export const CHART_DAYS = 30;
const WHOLE_NUMBERS = new Intl.NumberFormat('en');
const DAY = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });

export function typeOf({ role }: Pick<HistoryEntry, 'role'>): string {
  return role === 'sharing' ? 'share' : 'download';
}

/** A share is made, and then goes on for as long as somebody likes. */
export function resultOf({ role, end }: Pick<HistoryEntry, 'role' | 'end'>): string {
  return role === 'sharing' && end.kind === 'finished' ? 'shared' : end.kind;
}

/** Why it failed; empty: it did not. */
export function reasonOf(end: HistoryEnd): string {
  if (end.kind !== 'failed') return '';
  switch (end.why) {
    case 'store':
      return 'the browser could not store what came';
    case 'source':
      return 'files could not be read';
    case 'broken':
      return 'something in this page broke';
    case 'other-file':
      return 'its server has another file now';
  }
}

function detailOf({ role, end, receivedBytes, sentBytes }: HistoryEntry): string {
  if (end.kind === 'failed') return reasonOf(end);
  if (end.kind === 'cancelled') return `${formatBytes(receivedBytes)} arrived`;
  if (sentBytes > 0) return `${formatBytes(sentBytes)} sent`;
  return role === 'sharing' ? 'nothing sent' : '';
}

/** In the order of `entries`; a filter matches names, types, ends and reasons, whatever their case. */
export function historyLines(
  entries: readonly HistoryEntry[],
  labels: Labels,
  filter = '',
): readonly HistoryLine[] {
  const wanted = filter.trim().toLocaleLowerCase();
  const lines = entries.map((entry) => historyLine(entry, labels));
  if (wanted === '') return lines;
  return lines.filter(({ label, type, result, detail }) =>
    `${label}\n${type}\n${result}\n${detail}`.toLocaleLowerCase().includes(wanted),
  );
}

function historyLine(entry: HistoryEntry, labels: Labels): HistoryLine {
  const { id, infoHash, endedAt, totalBytes, movedMs, bytesPerSecond } = entry;
  return {
    id,
    infoHash,
    label: labels.get(infoHash) ?? '',
    type: typeOf(entry),
    result: resultOf(entry),
    detail: detailOf(entry),
    endedAt,
    size: entry.name === '' && totalBytes === 0 ? NOTHING : formatBytes(totalBytes),
    duration: movedMs > 0 ? formatEta(movedMs / 1_000) : NOTHING,
    speed: bytesPerSecond === null ? NOTHING : formatRate(bytesPerSecond),
  };
}

/** How many of each kind there are: `2 downloads finished, 1 failed, 3 shares`. */
export function historySummary(entries: readonly HistoryEntry[]): string {
  const downloads = entries.filter(({ role }) => role === 'receiving');
  const ended = (kind: HistoryEnd['kind']): number => downloads.filter(({ end }) => end.kind === kind).length;
  const [cancelled, failed] = [ended('cancelled'), ended('failed')];
  const shares = entries.length - downloads.length;
  return [
    counted(ended('finished'), 'finished download', 'finished downloads'),
    ...(cancelled > 0 ? [`${cancelled} cancelled`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(shares > 0 ? [counted(shares, 'share', 'shares')] : []),
  ].join(', ');
}

export function logLines(rows: readonly LoggedTransfer[], labels: Labels): readonly LogLine[] {
  return rows.map(({ id, at, direction, peer, infoHash, piece, bytes, isRight }) => ({
    ...{ id, at, direction, peer },
    label: labels.get(infoHash) ?? '',
    piece: WHOLE_NUMBERS.format(piece),
    bytes: WHOLE_NUMBERS.format(bytes),
    damaged: !isRight,
  }));
}

/** What the log level means for what is not in the log; empty: nothing. */
export function logLevelSentence(level: LogLevel, isEmpty: boolean): string {
  switch (level) {
    case 'all':
      return isEmpty ? 'No piece has come or gone yet. Each one that does is listed here.' : '';
    case 'errors':
      return isEmpty
        ? 'The log level is “Errors”: only pieces that arrive damaged are logged, and none has.'
        : 'The log level is “Errors”: only pieces that arrive damaged are logged now.';
    case 'off':
      return isEmpty
        ? 'The log level is “Nothing”: pieces that come or go are not logged.'
        : 'The log level is “Nothing”: what comes and goes now is not logged.';
  }
}

/** Of the last 30 days, the present one last. */
export function trafficOf({ days }: Totals, today: number): Traffic30 {
  const last = Math.floor(today / DAY_MS) * DAY_MS;
  const shown = Array.from({ length: CHART_DAYS }, (_, index) => last - (CHART_DAYS - 1 - index) * DAY_MS);
  const known = new Map(days.map((one) => [one.day, one]));
  if (!shown.some((day) => known.has(day))) return { times: [], down: [], up: [] };
  return {
    times: shown.map((day) => day / 1_000),
    down: shown.map((day) => known.get(day)?.down ?? 0),
    up: shown.map((day) => known.get(day)?.up ?? 0),
  };
}

/** Seconds since 1970 as a day of the chart. */
export function formatDay(seconds: number): string {
  return DAY.format(seconds * 1_000);
}

export function trafficSentence({ times, down, up }: Traffic30): string {
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  const both = times.map((_, index) => (down[index] ?? 0) + (up[index] ?? 0));
  const most = Math.max(0, ...both);
  const busiest = times[both.indexOf(most)];
  const totals = `In the last ${CHART_DAYS} days ${formatBytes(sum(down))} downloaded and ${formatBytes(sum(up))} uploaded`;
  return busiest === undefined
    ? `${totals}.`
    : `${totals}, most of it on ${formatDay(busiest)} (${formatBytes(most)}).`;
}
