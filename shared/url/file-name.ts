/**
 * What a file from the web is called: as its server says (`Content-Disposition`, RFC 6266 and 8187), else as its address ends,
 * else as the host. Total; whatever it is told, it is one name that a file may have everywhere ([MF6]), without what deceives
 * the eye. Knows no disk.
 */
import { savedName } from '../manifest/saved-paths.ts';
import { decodeUtf8 } from '../utf8.ts';
import { hasVisible } from '../visible.ts';
import { parsedUrl } from './parsed-url.ts';

/** Characters of a header that is read: the name in it may have 255. */
const MAX_DISPOSITION_LENGTH = 16_384;
/** A name of a parameter, and its value in quotes or without. */
const PARAMETER = /;\s*([!#$%&'*+\-.^_`|~\w]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))/gs;
const EXTENDED = /^([\w-]+)'[^']*'(.*)$/s;

/** `url`: where the answer came from. */
export function fileNameOf(disposition: string | null, url: string): string {
  return givenName(disposition ?? '') ?? nameInUrl(url);
}

function nameInUrl(url: string): string {
  const { pathname = '', hostname = '' } = parsedUrl(url) ?? {};
  const last = pathname.split('/').findLast((segment) => segment !== '') ?? '';
  return plain(decoded(last, 'utf-8') ?? last) ?? savedName(hostname);
}

/** Null: it names nothing that could be used. */
function givenName(disposition: string): string | null {
  if (disposition.length > MAX_DISPOSITION_LENGTH) return null;
  const named = (wanted: string): string | undefined => {
    for (const [, name, quoted, token] of `;${disposition}`.matchAll(PARAMETER))
      if (name?.toLowerCase() === wanted) return quoted?.replace(/\\(.)/gs, '$1') ?? token?.trim() ?? '';
    return undefined;
  };
  const [, charset = '', escaped = ''] = EXTENDED.exec(named('filename*') ?? '') ?? [];
  const extended = plain(decoded(escaped, charset.toLowerCase()) ?? '');
  if (extended !== null) return extended;
  // Many servers write UTF-8 where the standard knows Latin-1.
  const text = named('filename') ?? '';
  return plain(decodedBytes(text) ?? text);
}

/** As somebody else says that it is called, who is believed as little as a server. */
export function saferName(name: string, url: string): string {
  return plain(name) ?? nameInUrl(url);
}

/** The last part of what may be a whole path; null: there is nothing of a name in it. */
function plain(name: string): string | null {
  const last = name.split(/[/\\]/).findLast((part) => part !== '') ?? '';
  return last === '.' || last === '..' || !hasVisible(last) ? null : savedName(last);
}

/** Percent-escapes as text; null: they are none in that encoding. */
function decoded(text: string, charset: string): string | null {
  const unescaped = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  if (charset === 'iso-8859-1') return unescaped;
  return charset === 'utf-8' ? decodedBytes(unescaped) : null;
}

/** Each character as one byte of UTF-8; null: they are not. */
function decodedBytes(text: string): string | null {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  return bytes.length === text.length && !/[^\0-\xff]/.test(text) ? decodeUtf8(bytes) : null;
}
