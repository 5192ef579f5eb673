import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import vectors from '../vectors/torrentinno.json';
import { infoHashPreimage } from './info-hash.ts';

const small = vectors.info_hash[0]!.resource_json;

describe('info-hash', () => {
  test.each(vectors.info_hash)(
    '[MF4] is TorrentInno’s: $name',
    ({ resource_json, preimage_utf8, info_hash }) => {
      const preimage = infoHashPreimage(resource_json);
      expect(preimage).toBe(preimage_utf8);
      expect(createHash('sha256').update(preimage!, 'utf8').digest('hex')).toBe(info_hash);
    },
  );

  test('[MF4] the port as number or text is the same, upper-case digests stand as written', () => {
    expect(infoHashPreimage({ ...small, trackerPort: '8080' })).toBe(
      infoHashPreimage({ ...small, trackerPort: 8080 }),
    );
    const upper = [{ sha256: 'AB'.repeat(32), size: 1 }];
    expect(infoHashPreimage({ ...small, pieces: upper })).toContain(
      `Path(sha256=${'AB'.repeat(32)},size_bytes=1)`,
    );
  });

  test('[MF4] refuses a date that Python refuses and text that UTF-8 cannot hold', () => {
    expect(infoHashPreimage({ ...small, creationDate: 'yesterday' })).toBeNull();
    expect(infoHashPreimage({ ...small, name: 'a\ud800' })).toBeNull();
    expect(infoHashPreimage({ ...small, comment: '\udc00b' })).toBeNull();
  });
});
