/**
 * Reads the head of an HTTP answer to a request for a range (RFC 9110, section 14): whether what follows is the bytes that
 * were asked for, and what is in the way if not ([WS3]). A browser does not let a page see every header. Pure.
 */
import type { RangeTrouble } from '../engine/io.ts';
import type { RangeOrder } from './ports.ts';

export interface RangeHead {
  readonly status: number;
  /** By its name in lower case; null: there is none, or it may not be seen. */
  readonly header: (name: string) => string | null;
  /** Every header can be seen, so that one that is missing was not sent. */
  readonly seesAll: boolean;
}

const CONTENT_RANGE = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/i;
/** A server that says later than this is asked after this all the same. */
const MOST_RETRY_MS = 3_600_000;

/** Null: the bytes follow. */
export function rangeTroubleOf(order: RangeOrder, head: RangeHead): RangeTrouble | null {
  const { status } = head;
  if (status === 206) return partTrouble(order, head);
  if (status === 200) return wholeTrouble(order, head);
  if (status === 401 || status === 407) return 'needs-login';
  if (status === 416) return 'other-size';
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'busy';
  return 'refused';
}

function partTrouble({ from, length, size }: RangeOrder, head: RangeHead): RangeTrouble | null {
  if (isEncoded(head)) return 'no-ranges';
  const place = head.header('content-range');
  if (place === null) return head.seesAll || !isLong(head, length) ? 'no-ranges' : null;
  const [, first, last, total] = CONTENT_RANGE.exec(place) ?? [];
  if (first === undefined || last === undefined) return 'no-ranges';
  if (total !== '*' && Number(total) !== size) return 'other-size';
  return Number(first) === from && Number(last) >= from + length - 1 ? null : 'no-ranges';
}

/** It sends the whole: that is as good where the whole, or its beginning, is what was asked for. */
function wholeTrouble({ from, size }: RangeOrder, head: RangeHead): RangeTrouble | null {
  if (isEncoded(head)) return 'no-ranges';
  if (!isLong(head, size)) return 'other-size';
  return from === 0 ? null : 'no-ranges';
}

/** As far as it says. */
function isLong({ header }: RangeHead, bytes: number): boolean {
  const length = header('content-length');
  return length === null || Number(length) === bytes;
}

function isEncoded({ header }: RangeHead): boolean {
  const encoding = header('content-encoding')?.trim().toLowerCase() ?? '';
  return encoding !== '' && encoding !== 'identity';
}

/** [WS3] `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3), in ms from now; 0: it says nothing. */
export function retryMsOf({ header }: Pick<RangeHead, 'header'>, today: number): number {
  const text = header('retry-after')?.trim() ?? '';
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - today;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MOST_RETRY_MS) : 0;
}
