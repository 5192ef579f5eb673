/**
 * Numbers as people read them. Sizes are decimal (1 MB = 1,000,000 bytes), as the files' own systems and the
 * piece sizes of a resource have them, with three digits, so that a figure that moves keeps its width. Knows no
 * state and no view ([UI7]).
 */
import { displayName } from '../../shared/manifest/display.ts';

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];
/** In place of a figure that there is not. */
export const NOTHING = '–';
const NO_BREAK_SPACE = '\u00a0';
const SECONDS_IN = { minute: 60, hour: 3_600, day: 86_400 };

/** By their digits after the point. Made once, since making one costs more than all that a snapshot formats. */
const numbers = new Map<number, Intl.NumberFormat>();

/** `value` >= 0. The first format of a page costs more than the rest of its start: only what needs a comma has one. */
function withDigits(value: number, digits: 0 | 1 | 2): string {
  if (value < 999) return value.toFixed(digits);
  const format =
    numbers.get(digits) ??
    new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  numbers.set(digits, format);
  return format.format(value);
}

/** `bytes` >= 0, whole or not. `1 byte`, `999 bytes`, `1.00 kB`, `95.3 MB`, `953 MB`. */
export function formatBytes(bytes: number): string {
  const whole = Math.round(bytes);
  if (whole < 1_000) return `${whole}${NO_BREAK_SPACE}${whole === 1 ? 'byte' : 'bytes'}`;
  let value = whole;
  let unit = 0;
  while (unit < UNITS.length - 1 && value >= 999.5) {
    value /= 1_000;
    unit++;
  }
  const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${withDigits(value, digits)}${NO_BREAK_SPACE}${UNITS[unit] ?? ''}`;
}

/** Bytes a second. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

type Unit = 'second' | 'minute' | 'hour' | 'day';

function amount(value: number, unit: Unit, unitDisplay: 'long' | 'short' = 'long'): string {
  return new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay }).format(value);
}

/** Short: spelled out they take more room than a figure has. */
function twoUnits(seconds: number, large: 'hour' | 'day', small: 'minute' | 'hour'): string {
  const inSmall = Math.round(seconds / SECONDS_IN[small]);
  const smallPerLarge = SECONDS_IN[large] / SECONDS_IN[small];
  const rest = inSmall % smallPerLarge;
  const whole = Math.floor(inSmall / smallPerLarge);
  if (rest === 0) return amount(whole, large);
  return `${amount(whole, large, 'short')} ${amount(rest, small, 'short')}`;
}

/** Seconds still to go, in one or two units; null where no rate is known. Under a second counts as one. */
export function formatEta(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return 'unknown';
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < SECONDS_IN.minute) return amount(whole, 'second');
  if (whole < 59.5 * SECONDS_IN.minute) return amount(Math.round(whole / SECONDS_IN.minute), 'minute');
  if (whole < 23.5 * SECONDS_IN.hour) return twoUnits(whole, 'hour', 'minute');
  if (whole < 100 * SECONDS_IN.day) return twoUnits(whole, 'day', 'hour');
  return 'over 100 days';
}

/** Whole percent, 0–100; 100 only when everything is there, 0 only when nothing is. An empty share has no part. */
export function percentOf(done: number, total: number): number {
  if (total <= 0 || done <= 0) return 0;
  if (done >= total) return 100;
  return Math.min(99, Math.max(1, Math.floor((done / total) * 100)));
}

/** `1 person`, `2 people`: a count with the right word after it. */
export function counted(count: number, one: string, many: string): string {
  return `${withDigits(count, 0)} ${count === 1 ? one : many}`;
}

const MOST_IN_SENTENCE = 48;
const KEPT_AT_END = 16;

/** A name within a sentence, which a long one would hide: its beginning and its end. */
export function nameInSentence(name: string): string {
  const drawn = [...displayName(name)];
  if (drawn.length <= MOST_IN_SENTENCE) return drawn.join('');
  const first = drawn.slice(0, MOST_IN_SENTENCE - KEPT_AT_END - 1);
  return `${first.join('')}…${drawn.slice(-KEPT_AT_END).join('')}`;
}
