/**
 * Reads the head of an HTTP answer to a request for a range (RFC 9110, section 14): whether what follows is the bytes that
 * were asked for, and what is in the way if not ([WS3]). A browser does not let a page see every header. Pure.
 */
import type { RangeTrouble } from '../engine/io.ts';
import { contentRangeOf, isEncoded } from '../url/headers.ts';
import type { HeaderOf } from '../url/headers.ts';
import { compared } from '../url/validator.ts';
import type { RangeOrder } from './ports.ts';

export interface RangeHead {
  readonly status: number;
  readonly header: HeaderOf;
  /** Every header can be seen, so that one that is missing was not sent; and the server was told which file is meant. */
  readonly seesAll: boolean;
}

/** Null: the bytes follow. */
export function rangeTroubleOf(order: RangeOrder, head: RangeHead): RangeTrouble | null {
  const { status } = head;
  if (isOther(order, head)) return 'changed';
  if (status === 206) return partTrouble(order, head);
  if (status === 200) return wholeTrouble(order, head);
  if (status === 401 || status === 407) return 'needs-login';
  if (status === 416) return 'other-size';
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'busy';
  return 'refused';
}

/**
 * [WS12] It is not the file any more that is meant. Who is told which one that is (`If-Range`) sends the whole where it is
 * another; so does who knows no ranges, but then it is still called the same.
 */
function isOther({ validator = null }: RangeOrder, { status, header, seesAll }: RangeHead): boolean {
  if (validator === null || (status !== 200 && status !== 206)) return false;
  const found = compared(validator, header);
  return found === 'other' || (found === 'unsaid' && status === 200 && seesAll);
}

/** [WS25] Of an answer to a request for all of it. Null: it follows. */
export function streamTroubleOf({
  status,
  header,
}: Pick<RangeHead, 'status' | 'header'>): RangeTrouble | null {
  if (status === 200) return isEncoded(header) ? 'refused' : null;
  if (status === 401 || status === 407) return 'needs-login';
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'busy';
  return 'refused';
}

function partTrouble({ from, length, size }: RangeOrder, head: RangeHead): RangeTrouble | null {
  if (isEncoded(head.header)) return 'no-ranges';
  const text = head.header('content-range');
  if (text === null) return head.seesAll || !isLong(head, length) ? 'no-ranges' : null;
  const place = contentRangeOf(text);
  if (place === null) return 'no-ranges';
  if (place.total !== null && place.total !== size) return 'other-size';
  return place.first === from && place.last >= from + length - 1 ? null : 'no-ranges';
}

/** It sends the whole: that is as good where the whole, or its beginning, is what was asked for. */
function wholeTrouble({ from, size }: RangeOrder, head: RangeHead): RangeTrouble | null {
  if (isEncoded(head.header)) return 'no-ranges';
  if (!isLong(head, size)) return 'other-size';
  return from === 0 ? null : 'no-ranges';
}

/** As far as it says. */
function isLong({ header }: RangeHead, bytes: number): boolean {
  const length = header('content-length');
  return length === null || Number(length) === bytes;
}
