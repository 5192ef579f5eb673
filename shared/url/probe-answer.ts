/**
 * Reads the answers to the requests of a probe ([WS11]): what is known of the file then, or why nothing is. Pure.
 */
import { fileNameOf } from './file-name.ts';
import {
  byteCountOf,
  changeMarksOf,
  contentRangeOf,
  isEncoded,
  retryMsOf,
  unsatisfiedSizeOf,
} from './headers.ts';
import type { HeaderOf } from './headers.ts';
import type { ProbeRefusal, ProbeRefused, UrlFacts } from './probe.ts';

export interface ProbeHead {
  readonly status: number;
  readonly header: HeaderOf;
}

/** What an answer shows of the file itself. */
export type Seen = Pick<UrlFacts, 'size' | 'ranges'>;

/** What was asked for, and where the answer came from. */
type Asked = Pick<UrlFacts, 'url' | 'finalUrl'>;

const NOTHING: Seen = { size: null, ranges: false };

/** Without an answer. */
export function refusedFor(why: ProbeRefusal): ProbeRefused {
  return { kind: 'refused', why, status: null, retryMs: 0 };
}

/** Null: there is a file. `today`: milliseconds since 1970. */
export function refusalOf(head: ProbeHead, today: number): ProbeRefused | null {
  const { status, header } = head;
  const why = isEmptyFile(head) ? null : whyRefused(status);
  return why === null ? null : { kind: 'refused', why, status, retryMs: retryMsOf({ header }, today) };
}

function whyRefused(status: number): ProbeRefusal | null {
  if (status === 200 || status === 206) return null;
  if (status < 400) return 'not-a-file';
  if (status === 401) return 'needs-login';
  if (status === 407) return 'proxy';
  if (status === 408 || status === 425 || status === 429 || status === 503) return 'busy';
  return status < 500 ? 'refused' : 'broken-server';
}

/** Not one byte can be had of it. */
function isEmptyFile({ status, header }: ProbeHead): boolean {
  return status === 416 && unsatisfiedSizeOf(header('content-range')) === 0;
}

/** To a request for the first byte, of which every header can be seen. */
export function seenByFirstByte(head: ProbeHead): Seen {
  if (isEmptyFile(head)) return { size: 0, ranges: false };
  if (head.status !== 206) return seenByWhole(head);
  const place = contentRangeOf(head.header('content-range'));
  // Of another place, or of bytes that are not the file's: nothing it says can be relied on.
  if (place?.first !== 0 || isEncoded(head.header)) return NOTHING;
  return { size: place.total, ranges: true };
}

/** To a request for all of it, or for all from the first byte on. */
export function seenByWhole({ status, header }: ProbeHead): Seen {
  if (isEncoded(header)) return NOTHING;
  const place = contentRangeOf(header('content-range'));
  const length = byteCountOf(header('content-length'));
  return { size: status === 206 ? (place?.total ?? length) : length, ranges: false };
}

export function factsOf(asked: Asked, { header }: ProbeHead, seen: Seen): UrlFacts {
  const { url, finalUrl } = asked;
  const name = fileNameOf(header('content-disposition'), finalUrl);
  return { url, finalUrl, ...seen, name, ...changeMarksOf(header) };
}
