/** What a server says of a file ([WS12]), brought into the form in which it is compared. Pure. */
import type { WebFacts } from '../protocol/web-texts.ts';
import type { UrlFacts } from '../url/probe.ts';

export function factsOf({ size, etag, lastModified }: WebFacts): WebFacts {
  return { size, etag, lastModified };
}

/** What is there now, as far as it is told; what is not told is taken to be as it was. */
export function nowOf({ size, etag, lastModified }: UrlFacts, before: WebFacts): WebFacts {
  return { size: size ?? before.size, etag: strong(etag), lastModified };
}

/** One that says only that the file is much the same is worth nothing to who puts parts of it together (RFC 9110, 8.8.1). */
export function strong(etag: string | null): string | null {
  return etag?.startsWith('"') === true ? etag : null;
}
