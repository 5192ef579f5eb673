/**
 * The web addresses that a person names for the files of a share ([WS8]): one file at the address itself, or each file below
 * an address that ends in `/`. Says which of them no link can name, and why. Pure: how a URL is read is an argument.
 */
import { MAX_URLS } from '../limits.ts';
import { isContentUrl } from './content-url.ts';
import type { ContentUrl } from './manifest.ts';

/** What the platform's parser of URLs makes of a text; null: it is none. */
export type ReadUrl = (text: string) => UrlParts | null;

interface UrlParts {
  readonly href: string;
  readonly username: string;
  readonly password: string;
  readonly hash: string;
}

interface NamedFile {
  readonly path: readonly string[];
}

/**
 * `text`: what was typed. `no-address`: it is no web address that a link can name; `one-file`: it is that of one file, and
 * there are `files` of them; `too-long`: that of the file at `path` would be; `too-many`: there are more than a share may name.
 */
export type NamedUrlRefusal =
  | { readonly kind: 'no-address'; readonly text: string }
  | { readonly kind: 'one-file'; readonly text: string; readonly files: number }
  | { readonly kind: 'too-long'; readonly path: readonly string[] }
  | { readonly kind: 'too-many' };

export type NamedUrls =
  | { readonly kind: 'named'; readonly urls: readonly ContentUrl[] }
  | { readonly kind: 'refused'; readonly why: NamedUrlRefusal };

/** In the order in which they were typed. */
export function namedUrls(
  typed: readonly string[],
  files: readonly NamedFile[],
  readUrl: ReadUrl,
): NamedUrls {
  const urls: ContentUrl[] = [];
  for (const text of typed) {
    const base = contentUrlOf(text, readUrl);
    if (base === null) return refused({ kind: 'no-address', text });
    if (!base.endsWith('/')) {
      if (files.length !== 1) return refused({ kind: 'one-file', text, files: files.length });
      urls.push({ url: base, file: 0 });
      continue;
    }
    for (const [file, { path }] of files.entries()) {
      const url = base + path.map((segment) => encodeURIComponent(segment.toWellFormed())).join('/');
      if (!isContentUrl(url)) return refused({ kind: 'too-long', path });
      urls.push({ url, file });
    }
  }
  return urls.length > MAX_URLS ? refused({ kind: 'too-many' }) : { kind: 'named', urls };
}

/** As every parser reads it: the standard's form. Null: a link cannot name it. */
export function contentUrlOf(text: string, readUrl: ReadUrl): string | null {
  const url = readUrl(text);
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return null;
  return isContentUrl(url.href) ? url.href : null;
}

function refused(why: NamedUrlRefusal): NamedUrls {
  return { kind: 'refused', why };
}
