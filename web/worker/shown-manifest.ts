/**
 * As much of a manifest as a page shows. The whole of it, 310,000 names and more when a stranger made it, would keep the
 * page busy for as long as it takes to copy ([WK3], [UI14]).
 */
import { hostOf } from '../../shared/engine/web/mirrors.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';

/** Files and empty folders that are listed; the rest is counted. */
const SHOWN_ROWS = 200;

export interface ShownManifest extends Pick<
  Manifest,
  'name' | 'comment' | 'totalBytes' | 'files' | 'folders'
> {
  /** Of all of the share: `files` and `folders` are the first of them, 200 together. */
  readonly fileCount: number;
  readonly folderCount: number;
  /** Bytes of the largest piece; 0 where there is none. */
  readonly pieceBytes: number;
  readonly web: ShownWeb;
}

/** [WS7] Where its content can be had by address. Each once, and the first 200 of them. */
export interface ShownWeb {
  readonly urls: readonly string[];
  readonly urlCount: number;
  /** With their ports; those that a page can ask, which are reached by https, first. */
  readonly hosts: readonly WebHost[];
  readonly hostCount: number;
}

export interface WebHost {
  readonly host: string;
  readonly https: boolean;
}

export function shownManifest({
  name,
  comment,
  totalBytes,
  files,
  folders,
  pieces,
  urls,
}: Manifest): ShownManifest {
  return {
    name,
    comment,
    totalBytes,
    files: files.slice(0, SHOWN_ROWS),
    folders: folders.slice(0, Math.max(0, SHOWN_ROWS - files.length)),
    fileCount: files.length,
    folderCount: folders.length,
    pieceBytes: pieces.reduce((most, { size }) => Math.max(most, size), 0),
    web: shownWeb(urls),
  };
}

function shownWeb(named: Manifest['urls']): ShownWeb {
  const urls = [...new Set(named.map(({ url }) => url))];
  const hosts = [true, false].flatMap((https) => {
    const alike = urls.filter((url) => url.startsWith('https:') === https);
    return [...new Set(alike.map(hostOf))].map((host) => ({ host, https }));
  });
  return {
    urls: urls.slice(0, SHOWN_ROWS),
    urlCount: urls.length,
    hosts: hosts.slice(0, SHOWN_ROWS),
    hostCount: hosts.length,
  };
}
