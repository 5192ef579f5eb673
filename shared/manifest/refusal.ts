/** Why a resource is refused ([MF1]–[MF8]): a code to decide on and a sentence to read. A value, never thrown. */

export type RefusalReason =
  /** More bytes than a manifest may have; not even parsed. */
  | 'too-large'
  | 'not-utf8'
  | 'not-json'
  /** A key is missing or of another type. */
  | 'shape'
  | 'too-many-pieces'
  | 'too-many-files'
  /** Ill-formed Unicode, or a `;` where it would make the hashed text ambiguous, or too long a text. */
  | 'text'
  | 'port'
  | 'date'
  /** A digest that is not 64 lowercase hex digits, or an impossible size. */
  | 'piece'
  | 'name'
  | 'path'
  /** Sizes that do not add up, impossible sizes or dates, or two paths that meet. */
  | 'files'
  /** Too many addresses of the content, or one that is none. */
  | 'url'
  /** A marker without its key, or a key without its marker. */
  | 'marker'
  | 'shoal-key';

export interface Refusal {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  /** English, one line, at most `MAX_DETAIL_LENGTH` characters; may quote the resource: show it as text. */
  readonly detail: string;
}

const MAX_DETAIL_LENGTH = 200;

export function refused(reason: RefusalReason, detail: string): Refusal {
  return { kind: 'refused', reason, detail: detail.slice(0, MAX_DETAIL_LENGTH).toWellFormed() };
}
