import { describe, expect, test } from 'vitest';
import { MAX_DATE_MS } from '../limits.ts';
import { draftManifest } from './draft.ts';
import type { DraftRequest } from './draft.ts';
import { parseManifest, serialiseManifest } from './resource.ts';

const SALT = 'AAAAAAAAAAAAAAAAAAAAAA';
const DIGEST = 'A'.repeat(43);
const single: DraftRequest = {
  name: 'a.txt',
  comment: 'hi',
  trackerHost: 'localhost',
  trackerPort: '8000',
  createdAt: Date.parse('2026-11-21T07:15:00.999Z'),
  files: [{ path: ['a.txt'], size: 3 }],
  pieces: [{ sha256: '0'.repeat(64), size: 3 }],
  salt: SALT,
};

describe('drafting a manifest', () => {
  test('[MF2] one file with a salt has only the salt in its key', () => {
    const draft = draftManifest(single);
    expect(draft.shoalText).toBe(`{"salt":"${SALT}"}`);
    expect(draft.finish(DIGEST)).toMatchObject({
      comment: 'hi',
      creationDate: '2026-11-21T07:15:00+00:00',
      trackerPort: '8000',
      shoal: { digest: DIGEST },
    });
  });

  test('[MF2] a date adds one number to it', () => {
    const files = [{ path: ['a.txt'], size: 3, modified: 1_790_000_000_000 }];
    const draft = draftManifest({ ...single, files });
    expect(draft.shoalText).toBe(`{"salt":"${SALT}","modified":1790000000000}`);
    expect(draft.finish(DIGEST).files).toEqual(files);
  });

  test('[MF2] without a salt the same content gives the same text, whatever its dates', () => {
    const dated = draftManifest({
      ...single,
      files: [{ path: ['a.txt'], size: 3, modified: 1_790_000_000_000 }],
      salt: null,
    });
    expect(dated.shoalText).toBeNull();
    expect(dated.finish(null)).toEqual(draftManifest({ ...single, salt: null }).finish(null));
    const files = [{ path: ['d', 'a.txt'], size: 3, modified: 5 }];
    expect(draftManifest({ ...single, files, salt: null }).shoalText).not.toContain('modified');
  });

  test.each([NaN, Infinity, 0.5, MAX_DATE_MS + 1, -MAX_DATE_MS - 1])(
    '[MF2] a date of %d is left out',
    (modified) => {
      const files = [{ path: ['a.txt'], size: 3, modified }];
      expect(draftManifest({ ...single, files }).shoalText).toBe(`{"salt":"${SALT}"}`);
    },
  );

  test('[MF2] empty folders stand behind the files, made safe and distinct', () => {
    const files = [{ path: ['d', 'a.txt'], size: 3, modified: 7 }];
    const folders = [['d', 'none.'], ['d', 'NONE'], ['d'], ['e', 'f']];
    const draft = draftManifest({ ...single, files, folders });
    expect(draft.shoalText).toBe(
      `{"salt":"${SALT}","files":[{"path":["d","a.txt"],"size":3,"modified":7}],` +
        `"folders":[["d","none (2)"],["d","NONE"],["e","f"]]}`,
    );
    expect(draft.finish(DIGEST).folders).toEqual([
      ['d', 'none (2)'],
      ['d', 'NONE'],
      ['e', 'f'],
    ]);
    expect(draftManifest({ ...single, folders: [['e']] }).shoalText).toBe(
      `{"salt":"${SALT}","folders":[["e"]]}`,
    );
  });

  test('[MF2] one file without a salt is a plain TorrentInno resource', () => {
    const draft = draftManifest({ ...single, salt: null });
    expect(draft.shoalText).toBeNull();
    expect(draft.finish(null).shoal).toBeNull();
  });

  test('[MF2] several files, a folder, or a share with a name of its own have the list', () => {
    const files = [
      { path: ['d', 'a.txt'], size: 1 },
      { path: ['d', 'A.txt'], size: 2 },
    ];
    const list = '"files":[{"path":["d","a.txt"],"size":1},{"path":["d","A (2).txt"],"size":2}]';
    expect(draftManifest({ ...single, files }).shoalText).toBe(`{"salt":"${SALT}",${list}}`);
    expect(draftManifest({ ...single, files, salt: null }).shoalText).toBe(`{${list}}`);
    const named = draftManifest({ ...single, name: 'Holiday' });
    expect(named.shoalText).toContain('"path":["a.txt"]');
    expect(named.finish(DIGEST)).toMatchObject({ name: 'Holiday', files: [{ path: ['a.txt'], size: 3 }] });
  });

  test('[MF8] what was typed is cleaned: semicolons, half characters, lengths, names', () => {
    const comment = `a;b\ud800${'😀'.repeat(600)}`;
    const manifest = draftManifest({
      ...single,
      comment,
      trackerHost: 'x;y',
      trackerPort: '',
      name: 'con',
    }).finish(DIGEST);
    expect(manifest.comment.startsWith('a,b\ufffd😀')).toBe(true);
    expect(manifest.comment.isWellFormed()).toBe(true);
    expect(manifest.comment.length).toBe(1_000);
    expect(manifest).toMatchObject({ trackerIp: 'x,y', trackerPort: '0', name: '_con' });
    const odd = draftManifest({ ...single, comment: `x${comment}` }).finish(DIGEST);
    expect(odd.comment.length).toBe(999);
    expect(odd.comment.isWellFormed()).toBe(true);
  });

  test('[MF3] a typed marker stays before the real one, and is taken off where there is none', () => {
    const comment = `look [shoal:${DIGEST}] [shoal:${DIGEST}]`;
    const salted = draftManifest({ ...single, comment }).finish(DIGEST);
    expect(parseManifest(serialiseManifest(salted)!)).toMatchObject({ manifest: { comment } });
    expect(draftManifest({ ...single, comment, salt: null }).finish(null).comment).toBe('look');
  });

  test('[MF2] a digest that does not belong is a bug of ours', () => {
    expect(() => draftManifest(single).finish(null)).toThrow('43 characters');
    expect(() => draftManifest(single).finish('x')).toThrow('43 characters');
    expect(() => draftManifest({ ...single, salt: null }).finish(DIGEST)).toThrow('no digest');
    expect(() => draftManifest({ ...single, pieces: [] })).toThrow('the pieces run over the files');
  });

  test('[MF1] a share whose manifest would be too large is not printed', () => {
    const files = Array.from({ length: 10_000 }, (_, nth) => ({
      path: ['x'.repeat(250), `${'y'.repeat(240)}${nth}`],
      size: 0,
    }));
    expect(serialiseManifest(draftManifest({ ...single, files, pieces: [] }).finish(DIGEST))).toBeNull();
  });
});
