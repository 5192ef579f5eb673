/**
 * The creation date as TorrentInno hashes it ([MF5]): what CPython 3.11's `datetime.fromisoformat` reads and
 * `isoformat` prints. TorrentInno parses the resource's text and prints it again before it hashes, so a peer that
 * reads one character otherwise computes another info-hash. Python's reader is laxer than ISO 8601 and than its
 * own documentation; what looks odd below (marked "as Python") is measured, and kept on purpose. Knows no clock.
 */
import { encodeUtf8 } from '../utf8.ts';

const DASH = 0x2d;
const COLON = 0x3a;
const DOT = 0x2e;
const COMMA = 0x2c;
const PLUS = 0x2b;
const WEEK = 0x57;
const ZULU = 0x5a;
/** What stands behind the last byte: Python reads C strings. */
const END = 0;

const DAY_SECONDS = 86_400;
const LAST_YEAR = 9_999;
/** Days up to 9999-12-31; day 1 is 0001-01-01. */
const LAST_ORDINAL = 3_652_059;

interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
}

/** A clock, and whether the text went on where it should have ended. */
interface ReadTime extends TimeOfDay {
  readonly leftover: boolean;
}

const MIDNIGHT: TimeOfDay = { hour: 0, minute: 0, second: 0, microsecond: 0 };

/** The canonical text, `YYYY-MM-DDTHH:MM:SS[.ffffff][±HH:MM[:SS[.ffffff]]]`, or null where Python raises. */
export function normaliseCreationDate(text: string): string | null {
  const clean = withPlainSeparator(text);
  if (clean === null) return null;
  const bytes = encodeUtf8(clean);
  const separator = separatorIndex(bytes);
  const date = readDate(bytes, separator);
  if (date === null) return null;
  if (bytes.length <= separator) return printDate(date) + printTime(MIDNIGHT);
  const time = readTimeAndOffset(bytes, separator + characterBytes(at(bytes, separator)));
  return time === null ? null : printDate(date) + time;
}

/** As Python: one unpaired surrogate is let through, where a separator may stand, and nowhere else. */
function withPlainSeparator(text: string): string | null {
  const place = [7, 8, 10].find((index) => !text.charAt(index).isWellFormed() && !isHalfOfPair(text, index));
  const clean = place === undefined ? text : `${text.slice(0, place)}T${text.slice(place + 1)}`;
  return clean.isWellFormed() ? clean : null;
}

function isHalfOfPair(text: string, index: number): boolean {
  return text.slice(index, index + 2).isWellFormed() || text.slice(index - 1, index + 1).isWellFormed();
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? END;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** A number of exactly `count` digits; -1 where one of them is none. */
function digits(bytes: Uint8Array, from: number, count: number): number {
  let value = 0;
  for (let index = from; index < from + count; index++) {
    const byte = at(bytes, index);
    if (!isDigit(byte)) return -1;
    value = value * 10 + byte - 0x30;
  }
  return value;
}

function characterBytes(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}

/** Where the date ends and any one character separates it from the time: told from the bytes alone. */
function separatorIndex(bytes: Uint8Array): number {
  if (bytes.length === 7) return 7;
  if (at(bytes, 4) !== DASH) return at(bytes, 4) === WEEK ? basicWeekEnd(bytes) : 8;
  if (at(bytes, 5) !== WEEK) return 10;
  if (at(bytes, 8) !== DASH) return 8;
  // YYYY-Www-D, or YYYY-Www with a dash before HH: two digits after the dash are taken for an hour.
  return bytes.length > 10 && isDigit(at(bytes, 10)) ? 8 : 10;
}

/** YYYYWww or YYYYWwwD: the time has an even number of digits, so the parity of the run tells. */
function basicWeekEnd(bytes: Uint8Array): number {
  let end = 7;
  while (isDigit(at(bytes, end))) end++;
  if (end < 9) return end;
  return end % 2 === 0 ? 7 : 8;
}

/** The date that takes exactly the first `length` bytes. */
function readDate(bytes: Uint8Array, length: number): CalendarDate | null {
  const year = digits(bytes, 0, 4);
  if (year < 1) return null;
  const step = at(bytes, 4) === DASH ? 1 : 0;
  if (at(bytes, 4 + step) === WEEK) return readWeekDate(bytes, length, year, step);
  const month = digits(bytes, 4 + step, 2);
  const day = digits(bytes, 6 + 2 * step, 2);
  if (step === 1 && at(bytes, 7) !== DASH) return null;
  if (length !== 8 + 2 * step || month < 1 || month > 12) return null;
  return day >= 1 && day <= daysInMonth(year, month) ? { year, month, day } : null;
}

function readWeekDate(bytes: Uint8Array, length: number, year: number, step: 0 | 1): CalendarDate | null {
  const week = digits(bytes, 5 + step, 2);
  const weekEnd = 7 + step;
  let weekday = 1;
  if (length > weekEnd) {
    if (step === 1 && at(bytes, weekEnd) !== DASH) return null;
    weekday = digits(bytes, weekEnd + step, 1);
  }
  if (week < 1 || week > weeksInYear(year) || weekday < 1 || weekday > 7) return null;
  return dateOfOrdinal(firstMonday(year) + (week - 1) * 7 + weekday - 1);
}

/** HH[[:]MM[[:]SS]] with a fraction, then Z or an offset of the same form. Null where Python raises. */
function readTimeAndOffset(bytes: Uint8Array, start: number): string | null {
  let zone = start;
  while (zone < bytes.length && !startsZone(at(bytes, zone))) zone++;
  const clock = readClock(bytes, start, zone);
  if (clock === null || clock.hour > 23 || clock.minute > 59 || clock.second > 59) return null;
  // As Python: what is left over before an offset (`15:30:+01:00`, seven digits and a letter) is not looked at.
  if (zone >= bytes.length) return clock.leftover ? null : printTime(clock);
  const offset = readOffset(bytes, zone);
  return offset === null ? null : printTime(clock) + offset;
}

function startsZone(byte: number): boolean {
  return byte === PLUS || byte === DASH || byte === ZULU;
}

function readOffset(bytes: Uint8Array, zone: number): string | null {
  if (at(bytes, zone) === ZULU) return at(bytes, zone + 1) === END ? '+00:00' : null;
  const clock = readClock(bytes, zone + 1, bytes.length);
  if (clock === null || clock.leftover) return null;
  // As Python: minutes and seconds up to 99 are carried over; only the whole must be less than a day.
  const seconds = clock.hour * 3_600 + clock.minute * 60 + clock.second;
  if (seconds >= DAY_SECONDS) return null;
  // As Python: an offset of less than a second is none.
  if (seconds === 0) return '+00:00';
  return (at(bytes, zone) === DASH ? '-' : '+') + printOffset(seconds, clock.microsecond);
}

/** The clock in bytes [start, end). As Python, reads on behind `end` where only the text's end stops it. */
function readClock(bytes: Uint8Array, start: number, end: number): ReadTime | null {
  const fields = [0, 0, 0];
  const colons = at(bytes, start + 2) === COLON;
  let index = start;
  for (let field = 0; field < 3; field++) {
    const value = digits(bytes, index, 2);
    if (value < 0) return null;
    fields[field] = value;
    const next = at(bytes, index + 2);
    index += 3;
    if (index >= end) return clockOf(fields, 0, next !== END);
    if (colons && next === COLON) continue;
    if (next === DOT || next === COMMA) break;
    if (colons) return null;
    index--;
  }
  return readFraction(bytes, index, end, fields);
}

/** As Python: a fraction may also follow seconds after a colon, or after nothing where there are no colons. */
function readFraction(
  bytes: Uint8Array,
  start: number,
  end: number,
  fields: readonly number[],
): ReadTime | null {
  const count = Math.min(6, end - start);
  const fraction = digits(bytes, start, count);
  if (fraction < 0) return null;
  let index = start + count;
  while (isDigit(at(bytes, index))) index++;
  return clockOf(fields, fraction * 10 ** (6 - count), at(bytes, index) !== END);
}

function clockOf(fields: readonly number[], microsecond: number, leftover: boolean): ReadTime {
  const [hour = 0, minute = 0, second = 0] = fields;
  return { hour, minute, second, microsecond, leftover };
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function daysBeforeYear(year: number): number {
  const before = year - 1;
  return before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
}

/** 0 is Monday, as 0001-01-01 was. */
function weekdayOfNewYear(year: number): number {
  return daysBeforeYear(year) % 7;
}

/** ISO 8601: a year has 53 weeks when it begins on a Thursday, or is a leap year that begins on a Wednesday. */
function weeksInYear(year: number): number {
  const weekday = weekdayOfNewYear(year);
  return weekday === 3 || (weekday === 2 && isLeap(year)) ? 53 : 52;
}

/** The ordinal of the Monday of week 1, which is the week of the year's first Thursday. */
function firstMonday(year: number): number {
  const weekday = weekdayOfNewYear(year);
  const monday = daysBeforeYear(year) + 1 - weekday;
  return weekday > 3 ? monday + 7 : monday;
}

function dateOfOrdinal(ordinal: number): CalendarDate | null {
  if (ordinal < 1 || ordinal > LAST_ORDINAL) return null;
  let year = Math.min(LAST_YEAR, Math.floor(ordinal / 365.2425) + 1);
  while (daysBeforeYear(year) >= ordinal) year--;
  let day = ordinal - daysBeforeYear(year);
  if (day > (isLeap(year) ? 366 : 365)) {
    year++;
    day = ordinal - daysBeforeYear(year);
  }
  let month = 1;
  while (day > daysInMonth(year, month)) day -= daysInMonth(year, month++);
  return { year, month, day };
}

/** The canonical date of an instant: whole seconds, in UTC ([MF5]). Milliseconds since 1970; years 1 to 9999. */
export function canonicalDateOf(milliseconds: number): string | null {
  const seconds = Math.floor(milliseconds / 1_000);
  const days = Math.floor(seconds / DAY_SECONDS);
  const date = dateOfOrdinal(daysBeforeYear(1_970) + 1 + days);
  if (date === null) return null;
  const left = seconds - days * DAY_SECONDS;
  const clock = { hour: Math.floor(left / 3_600), minute: Math.floor(left / 60) % 60, second: left % 60 };
  return `${printDate(date)}${printTime({ ...clock, microsecond: 0 })}+00:00`;
}

function printDate(date: CalendarDate): string {
  return `${padded(date.year, 4)}-${padded(date.month, 2)}-${padded(date.day, 2)}T`;
}

function printTime(clock: TimeOfDay): string {
  const fraction = clock.microsecond === 0 ? '' : `.${padded(clock.microsecond, 6)}`;
  return `${padded(clock.hour, 2)}:${padded(clock.minute, 2)}:${padded(clock.second, 2)}${fraction}`;
}

function printOffset(seconds: number, microsecond: number): string {
  const minutes = `${padded(Math.floor(seconds / 3_600), 2)}:${padded(Math.floor(seconds / 60) % 60, 2)}`;
  if (seconds % 60 === 0 && microsecond === 0) return minutes;
  const fraction = microsecond === 0 ? '' : `.${padded(microsecond, 6)}`;
  return `${minutes}:${padded(seconds % 60, 2)}${fraction}`;
}

function padded(value: number, digitCount: number): string {
  return String(value).padStart(digitCount, '0');
}
