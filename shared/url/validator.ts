/**
 * By what it is seen that the file at an address is another one now ([WS12]): its entity tag or, where it has no strong one,
 * the date of its last change (RFC 9110, sections 8.8 and 13.1.5). Knows no requests.
 */
import type { ChangeMarks, HeaderOf } from './headers.ts';

/** What `If-Range` is to say; null: a change would not be noticed. */
export function validatorOf({ etag, lastModified }: ChangeMarks): string | null {
  return etag?.startsWith('"') === true ? etag : lastModified;
}

/** What an answer says of the file that a validator was of. */
export function compared(validator: string, header: HeaderOf): 'same' | 'other' | 'unsaid' {
  const isTag = validator.startsWith('"');
  const now =
    header(isTag ? 'etag' : 'last-modified')
      ?.trim()
      .replace(/^W\//, '') ?? null;
  if (now === null) return 'unsaid';
  return now === validator ? 'same' : 'other';
}
