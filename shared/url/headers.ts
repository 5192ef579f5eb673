/**
 * What the headers of an HTTP answer say (RFC 9110), as values. Total: whatever a server sends has a value, and what is not
 * as it should be counts as not said. Knows no requests.
 */
/** By its name in lower case; null: there is none, or it may not be seen. */
export type HeaderOf = (name: string) => string | null;

export interface ContentRange {
  readonly first: number;
  readonly last: number;
  /** Null: the server does not know, or does not say. */
  readonly total: number | null;
}

/** By what one state of a file is told from the next, as the server wrote it; null: not said, not to be seen, or of no use. */
export interface ChangeMarks {
  /** A weak one, too. */
  readonly etag: string | null;
  readonly lastModified: string | null;
}

const CONTENT_RANGE = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/i;
const UNSATISFIED_RANGE = /^bytes \*\/(\d{1,16})$/i;
const ETAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;
/** Characters of an entity tag that is kept and sent back. */
const MAX_ETAG_LENGTH = 512;
/** ms between the last change and an answer from which on the date tells one state of a file from the next. */
const DATE_GRAIN_MS = 1_000;
/** A server that says later than this is asked after this all the same. */
const MOST_RETRY_MS = 3_600_000;

/** Null: it is not said, or is no number of bytes that can be counted. */
export function byteCountOf(text: string | null): number | null {
  return text !== null && /^\d{1,16}$/.test(text) ? counted(text) : null;
}

/** Null: it is not said, or makes no sense. */
export function contentRangeOf(text: string | null): ContentRange | null {
  const [, from, to, all] = CONTENT_RANGE.exec(text ?? '') ?? [];
  if (from === undefined || to === undefined || all === undefined) return null;
  const [first, last, total] = [counted(from), counted(to), all === '*' ? null : counted(all)];
  if (first === null || last === null || (total === null && all !== '*')) return null;
  return first <= last && (total === null || last < total) ? { first, last, total } : null;
}

/** What a 416 says that the file has; null: it does not. */
export function unsatisfiedSizeOf(text: string | null): number | null {
  const [, all] = UNSATISFIED_RANGE.exec(text ?? '') ?? [];
  return byteCountOf(all ?? null);
}

/** The bytes that come are not the file's: it was compressed on the way, though nobody asked for it. */
export function isEncoded(header: HeaderOf): boolean {
  const encoding = header('content-encoding')?.trim().toLowerCase() ?? '';
  return encoding !== '' && encoding !== 'identity';
}

/** [WS12] */
export function changeMarksOf(header: HeaderOf): ChangeMarks {
  const etag = header('etag')?.trim() ?? '';
  const lastModified = header('last-modified')?.trim() ?? '';
  return {
    etag: etag.length <= MAX_ETAG_LENGTH && ETAG.test(etag) ? etag : null,
    lastModified: tellsStates(lastModified, header('date')) ? lastModified : null,
  };
}

/** A file that was changed in the second of the answer may be changed in it again. */
function tellsStates(lastModified: string, date: string | null): boolean {
  const changed = HTTP_DATE.test(lastModified) ? Date.parse(lastModified) : NaN;
  const answered = Date.parse(date ?? '');
  return !Number.isNaN(changed) && !(answered - changed < DATE_GRAIN_MS);
}

/** [WS3] `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3), in ms from now; 0: it says nothing. */
export function retryMsOf({ header }: { readonly header: HeaderOf }, today: number): number {
  const text = header('retry-after')?.trim() ?? '';
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - today;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MOST_RETRY_MS) : 0;
}

function counted(digits: string): number | null {
  const bytes = Number(digits);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
