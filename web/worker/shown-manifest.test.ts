/** [WK3] As much of a manifest as a page is told. */
import { describe, expect, it } from 'vitest';
import { makeShare } from '../../shared/engine/testing/share.ts';
import { shownManifest } from './shown-manifest.ts';

const shownWith = (urls: readonly string[]) =>
  shownManifest(makeShare({ pieces: [10], urls: urls.map((url) => ({ url, file: 0 })) }).manifest).web;

describe('[WS7] the web addresses of a share', () => {
  it('[WS7] are told each once, and the servers that a page can ask before the others', () => {
    const urls = [
      'http://plain.example/a',
      'https://mirror.example:8443/a',
      'https://mirror.example:8443/b',
      'https://mirror.example:8443/a',
    ];
    expect(shownWith(urls)).toEqual({
      urls: urls.slice(0, 3),
      urlCount: 3,
      hosts: [
        { host: 'mirror.example:8443', https: true },
        { host: 'plain.example', https: false },
      ],
      hostCount: 2,
    });
  });

  it('[WS7] are counted where there are more than a page shows', () => {
    const web = shownWith(Array.from({ length: 300 }, (_, nth) => `https://${nth}.example/a`));
    expect([web.urls.length, web.urlCount, web.hosts.length, web.hostCount]).toEqual([200, 300, 200, 300]);
  });
});
