/**
 * The web app manifest ([AP1]): what the system may do with Shoal once it is installed. No address begins with a slash,
 * and there is no `id`: browsers take one from the origin's root, so that all Shoals of an origin would be one app
 * ([UI12]). Read by the build alone.
 */
import { FIELDS, OPEN, SHARE_TARGET } from './worker/handed/addresses.ts';

const [HOME, TRANSFERS, SETTINGS] = ['./#/', './#/transfers', './#/settings'];
/** The text stands behind `#`: no server sees which share is opened. */
const OPEN_TEXT = `./${OPEN}%s`;

export const webManifest = {
  name: 'Shoal',
  short_name: 'Shoal',
  description: 'Drop a file, send the link. It goes straight from browser to browser.',
  lang: 'en',
  dir: 'ltr' as const,
  categories: ['utilities', 'productivity'],
  display: 'standalone' as const,
  start_url: './',
  scope: './',
  background_color: '#06171d',
  theme_color: '#0a6b75',
  icons: [
    { src: 'icon-192.png', sizes: '192x192', type: 'image/png' },
    { src: 'icon-512.png', sizes: '512x512', type: 'image/png' },
    { src: 'icon-maskable.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
  ],
  // A window that is open keeps its transfers: it is told what to open ([AP4]).
  launch_handler: { client_mode: ['focus-existing' as const, 'auto' as const] },
  shortcuts: [
    { name: 'Share files', url: HOME },
    { name: 'Transfers', url: TRANSFERS },
    { name: 'Settings', url: SETTINGS },
  ],
  share_target: {
    action: `./${SHARE_TARGET}`,
    method: 'POST' as const,
    enctype: 'multipart/form-data',
    params: {
      ...{ title: FIELDS.title, text: FIELDS.text, url: FIELDS.url },
      files: [{ name: FIELDS.files, accept: ['*/*'] }],
    },
  },
  file_handlers: [{ action: './', accept: { 'application/x-torrentinno+json': ['.torrentinno'] } }],
  protocol_handlers: [
    { protocol: 'web+shoal', url: OPEN_TEXT },
    { protocol: 'magnet', url: OPEN_TEXT },
  ],
};
