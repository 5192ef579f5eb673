/**
 * What those who lend their connection, and those who look for them, have in common ([WS30]): a tiny share that everybody
 * makes, and that nobody fetches. Who lends has it whole and is a seed there, who looks for lenders has nothing of it. Its
 * swarm's id is `swarmOfLenders`: never that of this manifest, which is sent to nobody.
 */
import type { Manifest } from '../manifest/manifest.ts';
import { encodeUtf8 } from '../utf8.ts';
import type { BlockSource } from './block-sources.ts';

const NAME = 'lenders';
export const LENDERS_BYTES = encodeUtf8('shoal lenders');
const SHA256 = 'afde8269e948ed3cb08e1e2f4ad2d39bc20eeb8dcb58b8abb3659a908ac28379';

export const LENDERS_SHARE: Manifest = {
  trackerIp: '',
  trackerPort: '0',
  comment: '',
  creationDate: '1970-01-01T00:00:00',
  name: NAME,
  pieces: [{ sha256: SHA256, size: LENDERS_BYTES.length }],
  files: [{ path: [NAME], size: LENDERS_BYTES.length }],
  folders: [],
  urls: [],
  totalBytes: LENDERS_BYTES.length,
  shoal: null,
};

/** For strangers: nobody of us asks for it. */
export const LENDERS_SOURCE: BlockSource = {
  isStored: false,
  read: async (_, offset, length) => ({ kind: 'block', bytes: LENDERS_BYTES.slice(offset, offset + length) }),
};
