/**
 * Reads the head of an HTTP answer to a request for a range (RFC 9110, section 14): whether what follows is the bytes that
 * were asked for, and what is in the way if not. Pure.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { RangeTrouble } from '../../shared/engine/io.ts';
import type { RangeOrder } from '../../shared/peer/ports.ts';

const CONTENT_RANGE = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/i;
/** A server that says later than this is asked after this all the same. */
const MOST_RETRY_MS = 3_600_000;

/** Null: the bytes follow. */
export function rangeTroubleOf(
  order: RangeOrder,
  status: number,
  headers: IncomingHttpHeaders,
): RangeTrouble | null {
  if (status === 206) return partTrouble(order, headers);
  if (status === 200) return wholeTrouble(order, headers);
  if (status === 401 || status === 407) return 'needs-login';
  if (status === 416) return 'other-size';
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'busy';
  return 'refused';
}

function partTrouble({ from, length, size }: RangeOrder, headers: IncomingHttpHeaders): RangeTrouble | null {
  if (isEncoded(headers)) return 'no-ranges';
  const [, first, last, total] = CONTENT_RANGE.exec(headers['content-range'] ?? '') ?? [];
  if (first === undefined || last === undefined) return 'no-ranges';
  if (total !== '*' && Number(total) !== size) return 'other-size';
  return Number(first) === from && Number(last) >= from + length - 1 ? null : 'no-ranges';
}

/** It sends the whole: that is as good where the whole, or its beginning, is what was asked for. */
function wholeTrouble({ from, size }: RangeOrder, headers: IncomingHttpHeaders): RangeTrouble | null {
  if (isEncoded(headers)) return 'no-ranges';
  const length = headers['content-length'];
  if (length !== undefined && Number(length) !== size) return 'other-size';
  return from === 0 ? null : 'no-ranges';
}

function isEncoded(headers: IncomingHttpHeaders): boolean {
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  return encoding !== undefined && encoding !== '' && encoding !== 'identity';
}

/** [WS3] `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3), in ms from now; 0: it says nothing. */
export function retryMsOf(header: string | undefined, today: number): number {
  if (header === undefined) return 0;
  const text = header.trim();
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - today;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MOST_RETRY_MS) : 0;
}
