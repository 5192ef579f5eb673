/**
 * The web addresses that a person names for the files of a share ([HL65]): one file at the address itself, or each file below
 * an address that ends in `/`. Pure.
 */
import { isContentUrl } from '../../shared/manifest/content-url.ts';
import { displayName } from '../../shared/manifest/display.ts';
import { MAX_URLS } from '../../shared/limits.ts';
import type { ContentUrl } from '../../shared/manifest/manifest.ts';
import { wrongCall } from './exit.ts';
import type { Options } from './options.ts';

export const URL_OPTION: Options = {
  url: {
    kind: 'list',
    value: 'URL',
    about:
      'a web address where the same file can be had, too, or with / at its end one below which all of them can: receivers may fetch from it. It makes another link',
  },
};

interface NamedFile {
  readonly path: readonly string[];
}

/** In the order in which they were typed. */
export function urlsOf(typed: readonly string[], files: readonly NamedFile[]): ContentUrl[] {
  const urls = typed.flatMap((text) => {
    const base = addressOf(text);
    if (base.endsWith('/')) return files.map(({ path }, file) => ({ url: below(base, path), file }));
    if (files.length === 1) return [{ url: base, file: 0 }];
    throw wrongCall(
      `“${displayName(text)}” is the address of one file, and these are ${files.length}. Name the address of the folder that they lie in, with / at its end.`,
    );
  });
  if (urls.length > MAX_URLS)
    throw wrongCall(`A share names at most ${MAX_URLS} web addresses. Leave some out.`);
  return urls;
}

/** As every parser reads it: the standard's form, without a fragment. */
function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url !== null && url.username === '' && url.password === '' && url.hash === '';
  if (url !== null && isPlain && isContentUrl(url.href)) return url.href;
  throw wrongCall(
    `“${displayName(text)}” is no web address that a link can name: http:// or https://, a host and a path, without a name, a password or a part behind #.`,
  );
}

function below(base: string, path: readonly string[]): string {
  const url = base + path.map(encodeURIComponent).join('/');
  if (isContentUrl(url)) return url;
  throw wrongCall(
    `The web address of “${displayName(path.join('/'))}” would be too long for a link to name it.`,
  );
}
