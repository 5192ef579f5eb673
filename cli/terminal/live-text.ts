/**
 * The one line that moves ([HL6]): a bar with figures as wide as the terminal is, or what is waited for. What matters
 * least gives way first where there is no room. Pure.
 */
import { counted, formatBytes, formatEta, formatRate, percentOf } from '../../shared/words/format.ts';
import { unreachable } from '../../shared/assert.ts';
import type { Moving, Status } from './said.ts';

export interface Live {
  readonly moving: Moving | null;
  readonly status: Pick<Status, 'state' | 'message'> | null;
}

export interface Room {
  readonly columns: number;
  /** The terminal has block characters. */
  readonly blocks: boolean;
}

const LONGEST_BAR = 40;
const SHORTEST_BAR = 8;
/** States in which bytes move: the figures say more than a sentence. */
const MOVING_STATES: ReadonlySet<string> = new Set(['downloading', 'checking', 'sending']);

/** One line without a line break, never wider than there is room for; one column stays free for the cursor. */
export function liveText({ moving, status }: Live, room: Room): string {
  const columns = Math.max(1, room.columns - 1);
  const isStill = status !== null && !MOVING_STATES.has(status.state);
  if (moving === null) return cut(status?.message ?? '', columns);
  if (moving.type === 'progress') {
    const { percent } = moving;
    // Bytes that come say more than a sentence of a moment ago.
    if (!isStill || moving.down > 0) return barred(percent, figuresOf(moving), { ...room, columns });
    return moving.totalBytes > 0
      ? cut(`${percent} %  ${status.message}`, columns)
      : cut(status.message, columns);
  }
  if (moving.type === 'reading') {
    return barred(percentOf(moving.readBytes, moving.totalBytes), figuresOf(moving), { ...room, columns });
  }
  if (moving.type === 'streaming' && moving.totalBytes !== null) {
    const percent = Math.min(99, percentOf(moving.receivedBytes, moving.totalBytes));
    return barred(percent, figuresOf(moving), { ...room, columns });
  }
  if (moving.type === 'sending' && isStill) return cut(status.message, columns);
  return fitting(figuresOf(moving), columns);
}

/** What matters most first. */
export function figuresOf(moving: Moving): string[] {
  switch (moving.type) {
    case 'progress':
      return [
        formatRate(moving.down),
        moving.eta === null ? '' : `${formatEta(moving.eta)} left`,
        people(moving.peers),
        `${formatBytes(moving.receivedBytes)} of ${formatBytes(moving.totalBytes)}`,
        moving.up > 0 ? `${formatRate(moving.up)} up` : '',
        moving.fromServer === undefined ? '' : `${formatBytes(moving.fromServer)} from the server`,
        moving.fromLenders === undefined ? '' : `${formatBytes(moving.fromLenders)} from lenders`,
        moving.fromOthers === undefined ? '' : `${formatBytes(moving.fromOthers)} from others`,
        (moving.lenders ?? 0) > 0 ? `${counted(moving.lenders ?? 0, 'lender', 'lenders')}` : '',
      ].filter((part) => part !== '');
    case 'streaming':
      return [
        moving.totalBytes === null
          ? `${formatBytes(moving.receivedBytes)}; the server does not say of how much`
          : `${formatBytes(moving.receivedBytes)} of ${formatBytes(moving.totalBytes)}`,
      ];
    case 'reading':
      return [`${formatBytes(moving.readBytes)} of ${formatBytes(moving.totalBytes)} read`];
    case 'sending':
      return [
        `${formatRate(moving.up)} up`,
        people(moving.peers),
        `${formatBytes(moving.uploadedBytes)} sent`,
        `delivered to ${people(moving.delivered)}`,
      ];
    case 'serving':
      return [
        counted(moving.shares, 'share', 'shares'),
        `${formatRate(moving.up)} up`,
        people(moving.peers),
        `${formatBytes(moving.uploadedBytes)} sent`,
      ];
    default:
      return unreachable(moving);
  }
}

export function people(count: number): string {
  return counted(count, 'person', 'people');
}

function barred(percent: number, figures: readonly string[], { columns, blocks }: Room): string {
  const head = `${percent} %`.padStart(5);
  const room = columns - head.length - 2;
  const behind = fitting(figures, room - SHORTEST_BAR - 2);
  const length = Math.min(LONGEST_BAR, room - width(behind) - 2);
  if (length < SHORTEST_BAR) return cut(fitting([head.trim(), ...figures], columns), columns);
  const full = Math.round((percent / 100) * length);
  const bar = (blocks ? '█' : '#').repeat(full) + (blocks ? '░' : '-').repeat(length - full);
  return behind === '' ? `${head}  ${bar}` : `${head}  ${bar}  ${behind}`;
}

/** As many of the parts, from the first on, as there is room for. */
function fitting(parts: readonly string[], columns: number): string {
  let text = '';
  for (const part of parts) {
    const longer = text === '' ? part : `${text}  ${part}`;
    if (width(longer) > columns) break;
    text = longer;
  }
  return plainSpaces(text);
}

/** Letters of East Asia, pictures, and what some terminals draw as such. */
const WIDE =
  /[\u1100-\u115f\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\u2e80-\ud7ff\uf900-\ufaff\ufe30-\ufe6f\uff00-\uffe6\u{10000}-\u{10ffff}]/u;

/** Columns that a text takes at most: what may be wide is taken to be. */
export function width(text: string): number {
  let columns = 0;
  for (const letter of text) columns += WIDE.test(letter) ? 2 : 1;
  return columns;
}

export function cut(text: string, columns: number): string {
  const plain = plainSpaces(text);
  if (width(plain) <= columns) return plain;
  const room = columns < 2 ? columns : columns - 1;
  let short = '';
  for (const letter of plain) {
    if (width(short + letter) > room) break;
    short += letter;
  }
  return columns < 2 ? short : `${short}…`;
}

/** Figures have spaces that do not break: a terminal needs none of them, and who searches the text types none. */
export function plainSpaces(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}
