/** The web addresses that a person names for the files of a share ([HL65]), and why one is refused. Pure. */
import { unreachable } from '../../shared/assert.ts';
import { displayName } from '../../shared/manifest/display.ts';
import { MAX_URLS } from '../../shared/limits.ts';
import type { ContentUrl } from '../../shared/manifest/manifest.ts';
import { namedUrls } from '../../shared/manifest/named-urls.ts';
import type { NamedUrlRefusal } from '../../shared/manifest/named-urls.ts';
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
export function urlsOf(typed: readonly string[], files: readonly NamedFile[]): readonly ContentUrl[] {
  const named = namedUrls(typed, files, (text) => (URL.canParse(text) ? new URL(text) : null));
  if (named.kind === 'refused') throw wrongCall(refusalOf(named.why));
  return named.urls;
}

function refusalOf(why: NamedUrlRefusal): string {
  switch (why.kind) {
    case 'no-address':
      return `“${displayName(why.text)}” is no web address that a link can name: http:// or https://, a host and a path, without a name, a password or a part behind #.`;
    case 'one-file':
      return `“${displayName(why.text)}” is the address of one file, and these are ${why.files}. Name the address of the folder that they lie in, with / at its end.`;
    case 'too-long':
      return `The web address of “${displayName(why.path.join('/'))}” would be too long for a link to name it.`;
    case 'too-many':
      return `A share names at most ${MAX_URLS} web addresses. Leave some out.`;
    default:
      return unreachable(why);
  }
}
