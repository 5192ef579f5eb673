import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { routeOf } from './state/route.ts';
import { webManifest } from './web-manifest.ts';

const folder = fileURLToPath(new URL('public/', import.meta.url));
const { start_url, scope, icons, shortcuts, share_target, file_handlers, protocol_handlers } = webManifest;
const addresses = [
  ...[start_url, scope, share_target.action],
  ...icons.map(({ src }) => src),
  ...shortcuts.map(({ url }) => url),
  ...file_handlers.map(({ action }) => action),
  ...protocol_handlers.map(({ url }) => url),
];

describe('[AP1] the web app manifest', () => {
  test.each(['https://share.example/', 'https://share.example/drop/'])(
    '[UI12] names nothing outside of the page’s folder: %s',
    (page) => {
      const from = new URL('manifest.webmanifest', page);
      for (const address of addresses) expect(new URL(address, from).href.startsWith(page)).toBe(true);
      expect(new URL(start_url, from).href).toBe(page);
      expect(new URL(scope, from).href).toBe(page);
    },
  );

  test('[UI12] has no id, which would be the same for all Shoals of an origin', () => {
    expect(webManifest).not.toHaveProperty('id');
  });

  test('has its pictures, in the sizes that it says, one of them for any shape', () => {
    for (const { src, sizes } of icons) {
      expect(existsSync(join(folder, src))).toBe(true);
      // A PNG's width and height stand behind its signature and the name of its first chunk.
      const bytes = readFileSync(join(folder, src));
      expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`).toBe(sizes);
    }
    expect(icons.filter(({ purpose }) => purpose === 'maskable')).toHaveLength(1);
  });

  test('leads to pages that there are', () => {
    for (const { url } of shortcuts)
      expect(routeOf(new URL(url, 'https://x/').hash).page).not.toBe('damaged');
    expect(shortcuts.map(({ name }) => name)).toEqual(['Share files', 'Transfers', 'Settings']);
  });

  test('[AP2] opens links of its own and of magnets behind the #, which no server sees', () => {
    expect(protocol_handlers.map(({ protocol }) => protocol)).toEqual(['web+shoal', 'magnet']);
    for (const { url } of protocol_handlers) {
      const { hash, pathname, search } = new URL(url.replace('%s', 'magnet%3A%3Fxt%3D1'), 'https://x/');
      expect([pathname, search]).toEqual(['/', '']);
      expect(routeOf(hash)).toMatchObject({ page: 'damaged', typed: 'magnet:?xt=1' });
    }
  });

  test('[AP3] takes files and words by a form that is posted', () => {
    expect(share_target).toMatchObject({ method: 'POST', enctype: 'multipart/form-data' });
    expect(share_target.params.files).toEqual([{ name: 'files', accept: ['*/*'] }]);
  });
});

describe('[SV17] the picture of a link’s preview', () => {
  test('is 1200 × 630 and small', () => {
    const bytes = readFileSync(join(folder, 'preview.png'));
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([1200, 630]);
    expect(bytes.length).toBeLessThan(60_000);
  });
});
