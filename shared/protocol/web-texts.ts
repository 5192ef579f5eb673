/**
 * What peers say to each other of a file at a web address ([WF13] [WF14]): what the server says of it, and that somebody
 * is asked to fetch it for others. Compact JSON, of which a reader takes what it knows; reading is total. Knows no
 * network: whether an address may be asked is not its business.
 */
import * as v from 'valibot';
import { MAX_URL_LENGTH } from '../limits.ts';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';

/** What a server says of a file. Browsers see less of it than others: what one does not see is null. */
export interface WebFacts {
  /** Bytes. */
  readonly size: number;
  /** A strong one, as the header has it, quotes and all (RFC 9110, 8.8.3). */
  readonly etag: string | null;
  /** As the header has it. */
  readonly lastModified: string | null;
}

/** [WF13] What a member says of the file, and of itself. */
export interface WebWord {
  readonly facts: WebFacts;
  /** It has nothing of its own, and fetches what it is asked for ([WS31]). */
  readonly lends: boolean;
}

/** [WF14] Fetch this for me, and for others who want it. */
export interface WebJob {
  /** In its normal form, which the reader has to check. */
  readonly url: string;
  /** Null: who asks cannot ask the server, and wants to know. */
  readonly facts: WebFacts | null;
}

/** [WF15] What a lender found at an address, for who asked without knowing it. */
export interface WebFound extends WebFacts {
  /** As the lender has it; the reader makes it safe. */
  readonly name: string;
}

/** [WF15] Whether somebody does. The order is that of the bytes on the wire. */
export const JOB_ANSWERS = ['taken', 'full', 'not-this-host', 'cannot-reach', 'other-file', 'done'] as const;
export type JobAnswer = (typeof JOB_ANSWERS)[number];

const MAX_VALIDATOR_LENGTH = 200;
const MAX_FOUND_NAME_LENGTH = 1_000;

const Validator = v.nullable(v.pipe(v.string(), v.maxLength(MAX_VALIDATOR_LENGTH)));
const Facts = v.object({
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  etag: Validator,
  lastModified: Validator,
});
const Word = v.object({ ...Facts.entries, lends: v.optional(v.boolean()) });
const Job = v.object({ url: v.pipe(v.string(), v.maxLength(MAX_URL_LENGTH)), facts: v.nullable(Facts) });
const Found = v.object({ ...Facts.entries, name: v.pipe(v.string(), v.maxLength(MAX_FOUND_NAME_LENGTH)) });

/** A validator that is longer than anybody needs is as good as none. */
export function encodeWebWord({ facts, lends }: WebWord): Uint8Array<ArrayBuffer> {
  return encodeUtf8(JSON.stringify({ ...shortened(facts), ...(lends ? { lends } : {}) }));
}

/** Null: it is none. */
export function parseWebWord(bytes: Uint8Array): WebWord | null {
  const read = v.safeParse(Word, jsonOf(bytes));
  if (!read.success) return null;
  const { lends = false, ...facts } = read.output;
  return { facts, lends };
}

export function encodeWebJob({ url, facts }: WebJob): Uint8Array<ArrayBuffer> {
  return encodeUtf8(JSON.stringify({ url, facts: facts === null ? null : shortened(facts) }));
}

export function parseWebJob(bytes: Uint8Array): WebJob | null {
  const read = v.safeParse(Job, jsonOf(bytes));
  return read.success ? read.output : null;
}

export function encodeWebFound({ name, ...facts }: WebFound): Uint8Array<ArrayBuffer> {
  return encodeUtf8(JSON.stringify({ ...shortened(facts), name: name.slice(0, MAX_FOUND_NAME_LENGTH) }));
}

/** Null: it is none. */
export function parseWebFound(bytes: Uint8Array): WebFound | null {
  const read = v.safeParse(Found, jsonOf(bytes));
  return read.success ? read.output : null;
}

/** [WS20] As far as both see it: of the same size, and no validator says otherwise. */
export function isSameFile(one: WebFacts, other: WebFacts): boolean {
  return (
    one.size === other.size && agree(one.etag, other.etag) && agree(one.lastModified, other.lastModified)
  );
}

function agree(one: string | null, other: string | null): boolean {
  return one === null || other === null || one === other;
}

function shortened({ size, etag, lastModified }: WebFacts): WebFacts {
  const short = (text: string | null): string | null =>
    text === null || text.length > MAX_VALIDATOR_LENGTH ? null : text;
  return { size, etag: short(etag), lastModified: short(lastModified) };
}

/** Undefined: no JSON in UTF-8. */
function jsonOf(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Somebody else's text: that it is none is the answer.
    return undefined;
  }
}
