import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MAX_DATE_MS,
  MAX_FILES,
  MAX_MANIFEST_BYTES,
  MAX_PIECES,
  MAX_PIECE_BYTES,
  MAX_URLS,
} from '../limits.ts';
import { encodeUtf8 } from '../utf8.ts';
import vectors from '../vectors/torrentinno.json';
import { draftManifest } from './draft.ts';
import { firstClash } from './path-tree.ts';
import type { RefusalReason } from './refusal.ts';
import { fullComment, manifestPreimage, parseManifest, readManifest, serialiseManifest } from './resource.ts';
import type { Manifest } from './resource.ts';

type Json = Record<string, unknown>;

const SHA = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
const SALT = 'AAAAAAAAAAAAAAAAAAAAAA';
const DIGEST = 'A'.repeat(43);
const MARKER = ` [shoal:${DIGEST}]`;
const plain: Json = {
  trackerIp: '127.0.0.1',
  trackerPort: 8080,
  comment: 'demo',
  creationDate: '2025-04-26T15:30:00',
  name: 'hello.txt',
  pieces: [
    { sha256: SHA, size: 5 },
    { sha256: SHA, size: 6 },
  ],
};

function bytesOf(json: unknown): Uint8Array {
  return encodeUtf8(JSON.stringify(json));
}

function parse(changes: Json): ReturnType<typeof parseManifest> {
  return parseManifest(bytesOf({ ...plain, ...changes }));
}

/** A resource with a shoal key of that JSON. */
function parseShoal(key: unknown): ReturnType<typeof parseManifest> {
  const shoal = typeof key === 'string' ? key : JSON.stringify(key);
  return parse({ comment: `demo${MARKER}`, shoal });
}

function accepted(outcome: ReturnType<typeof parseManifest>): Manifest {
  if (outcome.kind === 'refused') expect.fail(`${outcome.reason}: ${outcome.detail}`);
  return outcome.manifest;
}

function expectRefused(outcome: ReturnType<typeof parseManifest>, reason: RefusalReason): void {
  expect(outcome).toMatchObject({ kind: 'refused', reason });
  if (outcome.kind === 'refused') expect(outcome.detail.length).toBeLessThanOrEqual(200);
}

function sha256(bytes: Uint8Array, encoding: 'hex' | 'base64url'): string {
  return createHash('sha256').update(bytes).digest(encoding);
}

describe('a TorrentInno resource', () => {
  const loadable = vectors.info_hash.filter((row) => !row.resource_json.comment.includes(';'));
  test.each(loadable)('[MF1] is read with its info-hash: $name', ({ resource_json, info_hash }) => {
    const upper = resource_json.pieces.some((piece) => piece.sha256 !== piece.sha256.toLowerCase());
    const outcome = parseManifest(bytesOf(resource_json));
    if (upper) {
      expectRefused(outcome, 'piece');
      return;
    }
    const manifest = accepted(outcome);
    expect(sha256(manifestPreimage(manifest), 'hex')).toBe(info_hash);
    if (outcome.kind === 'parsed') expect(sha256(outcome.preimage, 'hex')).toBe(info_hash);
    expect(manifest.files).toEqual([{ path: [manifest.name], size: manifest.totalBytes }]);
  });

  test('[MF1] keeps no unknown keys and passes none on', () => {
    const text = `{"__proto__":{"name":"x"},"fileSha256":"y","constructor":1,${JSON.stringify(plain).slice(1)}`;
    const manifest = accepted(parseManifest(encodeUtf8(text)));
    expect(JSON.parse(new TextDecoder().decode(serialiseManifest(manifest)!))).toEqual({
      ...plain,
      trackerPort: '8080',
    });
    expect(Object.keys(manifest.pieces[0]!)).toEqual(['sha256', 'size']);
  });

  test('[MF1] is printed in TorrentInno’s order', () => {
    const text = new TextDecoder().decode(serialiseManifest(accepted(parse({})))!);
    const keys = ['trackerIp', 'trackerPort', 'comment', 'creationDate', 'name', 'pieces'];
    expect(Object.keys(JSON.parse(text) as Json)).toEqual(keys);
  });

  test('[MF5] its date is kept canonical', () => {
    expect(accepted(parse({ creationDate: '2025-04-26 15:30Z' })).creationDate).toBe(
      '2025-04-26T15:30:00+00:00',
    );
  });

  test('[MF1] may be empty', () => {
    expect(accepted(parse({ pieces: [] }))).toMatchObject({
      totalBytes: 0,
      files: [{ path: ['hello.txt'], size: 0 }],
    });
  });

  test.each([0, '0', 65_535, '65535', '08080'])('[MF4] keeps the port %j as its text', (trackerPort) => {
    expect(accepted(parse({ trackerPort })).trackerPort).toBe(String(trackerPort));
  });
});

describe('what is not proved yet', () => {
  test('[MX3] is read as far as its hashes need it: what the shoal key holds is not looked at before', () => {
    for (const shoal of ['not JSON', '{"files":[{"path":["..",""],"size":-1}]}', '['.repeat(1_000_000)]) {
      const read = readManifest(bytesOf({ ...plain, comment: `x${MARKER}`, shoal }));
      if (read.kind === 'refused') throw new Error(read.detail);
      expect(Buffer.from(read.shoalText ?? []).toString()).toBe(shoal);
      expect(read.shoalDigest).toBe(DIGEST);
      expect(read.check()).toMatchObject({ kind: 'refused' });
    }
  });

  test('[MX3] hashes the same text as what is checked', () => {
    const read = readManifest(bytesOf(plain));
    if (read.kind === 'refused') throw new Error(read.detail);
    expect(read.check()).toEqual(accepted(parse({})));
    expect(Buffer.from(read.preimage)).toEqual(Buffer.from(manifestPreimage(accepted(parse({})))));
  });

  test.each(['. ', ' [shoal:', 'a\u0301', ';', '\ud800', 'con ', 'aaaaa\u200d'])(
    '[MF8] a text of 300,000 characters of %j is refused by its length, whatever stands in it',
    (unit) => {
      const long = unit.repeat(300_000 / unit.length);
      for (const key of ['trackerIp', 'comment', 'creationDate'])
        expectRefused(parse({ [key]: long }), 'text');
      expectRefused(parse({ name: long }), 'name');
      expectRefused(parse({ trackerPort: long }), 'port');
      expectRefused(parseShoal({ files: [{ path: [long], size: 5 }] }), 'path');
      expectRefused(parseShoal({ folders: [[long]] }), 'path');
      expectRefused(parseShoal({ urls: [{ url: long, file: 0 }] }), 'url');
      expectRefused(parseShoal({ salt: long }), 'shoal-key');
    },
  );

  test('[MF6] a path of a million names is counted before any of them is looked at', () => {
    const path = Array<number>(1_000_000).fill(1);
    expectRefused(parseShoal({ files: [{ path, size: 5 }] }), 'path');
    expectRefused(parseShoal({ folders: [path] }), 'path');
  });
});

describe('bad manifests', () => {
  const piece = { sha256: SHA, size: 5 };
  test.each<[string, Json, RefusalReason]>([
    ['a semicolon in the comment', { comment: 'x;y' }, 'text'],
    ['a semicolon in the tracker', { trackerIp: '1;2' }, 'text'],
    ['a semicolon in the date', { creationDate: '2025-04-26;15:30' }, 'text'],
    ['half a character in the comment', { comment: 'a\ud800' }, 'text'],
    ['half a character in the tracker', { trackerIp: '\udc00' }, 'text'],
    ['half a character in the name', { name: '\udc00' }, 'name'],
    ['half a character in the date', { creationDate: '2025-04-26\ud80015:30' }, 'text'],
    ['a comment of 1,001 characters', { comment: 'x'.repeat(1_001) }, 'text'],
    ['a tracker of 254 characters', { trackerIp: 'x'.repeat(254) }, 'text'],
    ['a port with letters', { trackerPort: '80a' }, 'port'],
    ['a port with a space', { trackerPort: ' 80' }, 'port'],
    ['an empty port', { trackerPort: '' }, 'port'],
    ['a negative port', { trackerPort: -1 }, 'port'],
    ['half a port', { trackerPort: 80.5 }, 'port'],
    ['port 65536', { trackerPort: 65_536 }, 'port'],
    ['port 65536 as text', { trackerPort: '65536' }, 'port'],
    ['digits of another script', { trackerPort: '٨٠' }, 'port'],
    ['no date', { creationDate: 'yesterday' }, 'date'],
    ['upper-case digests', { pieces: [{ ...piece, sha256: SHA.toUpperCase() }] }, 'piece'],
    ['digests of 63 digits', { pieces: [{ ...piece, sha256: SHA.slice(1) }] }, 'piece'],
    ['digests with a line break', { pieces: [{ ...piece, sha256: `${SHA}\n` }] }, 'piece'],
    ['a size of zero', { pieces: [{ ...piece, size: 0 }] }, 'piece'],
    ['a negative size', { pieces: [piece, { ...piece, size: -5 }] }, 'piece'],
    ['half a byte', { pieces: [{ ...piece, size: 0.5 }] }, 'piece'],
    ['a size over the bound', { pieces: [{ ...piece, size: MAX_PIECE_BYTES + 1 }] }, 'piece'],
    ['a size of 1e300', { pieces: [{ ...piece, size: 1e300 }] }, 'piece'],
    ['a size as text', { pieces: [{ ...piece, size: '5' }] }, 'shape'],
    ['a piece that is null', { pieces: [null] }, 'shape'],
    ['pieces that are an object', { pieces: { length: 1, 0: piece } }, 'shape'],
    ['no name', { name: undefined }, 'shape'],
    ['a comment that is a number', { comment: 5 }, 'shape'],
    ['a comment that is null', { comment: null }, 'shape'],
    ['a port that is a list', { trackerPort: [80] }, 'shape'],
    ['a shoal key that is an object', { shoal: {} }, 'shape'],
    ['a name with a folder', { name: 'a/b' }, 'name'],
    ['a name that climbs', { name: '..' }, 'name'],
    ['a name with a NUL', { name: 'a\0.txt' }, 'name'],
    ['a device for a name', { name: 'NUL' }, 'name'],
    ['a piece too many', { pieces: Array.from({ length: MAX_PIECES + 1 }, () => piece) }, 'too-many-pieces'],
    ['a marker without a key', { comment: `demo${MARKER}` }, 'marker'],
    ['a key without a marker', { shoal: '{}' }, 'marker'],
    ['a marker without its space', { comment: MARKER.trim(), shoal: '{}' }, 'marker'],
    ['something behind the marker', { comment: `demo${MARKER} `, shoal: '{}' }, 'marker'],
    ['a line break behind the marker', { comment: `demo${MARKER}\n`, shoal: '{}' }, 'marker'],
    ['a marker that is not canonical', { comment: ` [shoal:${DIGEST.slice(1)}B]`, shoal: '{}' }, 'marker'],
  ])('[MF1] %s', (_, changes, reason) => {
    expectRefused(parse(changes), reason);
  });

  test.each<[string, unknown, RefusalReason]>([
    ['not JSON', '{', 'shoal-key'],
    ['a list', '[]', 'shoal-key'],
    ['a short salt', { salt: SALT.slice(1) }, 'shoal-key'],
    ['a salt that is not canonical', { salt: `${SALT.slice(1)}B` }, 'shoal-key'],
    ['a salt with padding', { salt: `${SALT.slice(2)}==` }, 'shoal-key'],
    ['half a character', '{"x":"\ud800"}', 'text'],
    ['no files', { files: [] }, 'files'],
    ['files that are short of the pieces', { files: [{ path: ['a'], size: 10 }] }, 'files'],
    ['files that go beyond the pieces', { files: [{ path: ['a'], size: 12 }] }, 'files'],
    [
      'a negative size that adds up',
      {
        files: [
          { path: ['a'], size: 12 },
          { path: ['b'], size: -1 },
        ],
      },
      'files',
    ],
    [
      'half bytes that add up',
      {
        files: [
          { path: ['a'], size: 10.5 },
          { path: ['b'], size: 0.5 },
        ],
      },
      'files',
    ],
    ['a size beyond 2^53', { files: [{ path: ['a'], size: 2 ** 60 }] }, 'files'],
    [
      'a file twice',
      {
        files: [
          { path: ['a'], size: 5 },
          { path: ['A'], size: 6 },
        ],
      },
      'files',
    ],
    [
      'a file that is a folder',
      {
        files: [
          { path: ['a'], size: 5 },
          { path: ['a', 'b'], size: 6 },
        ],
      },
      'files',
    ],
    ['a path that climbs', { files: [{ path: ['a', '..', 'b'], size: 11 }] }, 'path'],
    ['an absolute path', { files: [{ path: ['', 'etc', 'passwd'], size: 11 }] }, 'path'],
    ['a path in one text', { files: [{ path: ['a/b'], size: 11 }] }, 'path'],
    ['a drive', { files: [{ path: ['C:', 'x'], size: 11 }] }, 'path'],
    ['a device', { files: [{ path: ['a', 'com1.txt'], size: 11 }] }, 'path'],
    ['a NUL', { files: [{ path: ['a\0'], size: 11 }] }, 'path'],
    ['an empty path', { files: [{ path: [], size: 11 }] }, 'path'],
    ['a path that is a text', { files: [{ path: 'a', size: 11 }] }, 'shoal-key'],
    ['33 folders', { files: [{ path: Array.from({ length: 33 }, () => 'a'), size: 11 }] }, 'path'],
    ['a date that is a text', { modified: '2026-01-01' }, 'shoal-key'],
    ['a date that is null', { modified: null }, 'shoal-key'],
    ['half a millisecond', { modified: 0.5 }, 'files'],
    ['a date beyond what a Date holds', { modified: MAX_DATE_MS + 1 }, 'files'],
    ['a date before what a Date holds', { modified: -MAX_DATE_MS - 1 }, 'files'],
    ['a date without end', '{"modified":1e400}', 'files'],
    ['a date of a file without end', '{"files":[{"path":["a"],"size":11,"modified":-1e400}]}', 'files'],
    ['half a millisecond of a file', { files: [{ path: ['a'], size: 11, modified: 1.5 }] }, 'files'],
    ['a date of a file that is a list', { files: [{ path: ['a'], size: 11, modified: [] }] }, 'shoal-key'],
    ['a folder that is a text', { folders: ['a'] }, 'shoal-key'],
    ['folders that are an object', { folders: { a: ['b'] } }, 'shoal-key'],
    ['a folder without a name', { folders: [[]] }, 'path'],
    ['a folder that climbs', { folders: [['a', '..']] }, 'path'],
    ['a folder that is a device', { folders: [['nul']] }, 'path'],
    ['a folder twice', { folders: [['a'], ['A']] }, 'files'],
    ['a folder in an empty one', { folders: [['a'], ['a', 'b']] }, 'files'],
    ['an empty folder that is above one', { folders: [['a', 'b'], ['a']] }, 'files'],
    ['a folder that is the file', { folders: [['HELLO.txt']] }, 'files'],
    ['a folder in the file', { folders: [['hello.txt', 'a']] }, 'files'],
    [
      'an empty folder with a file in it',
      { files: [{ path: ['a', 'b'], size: 11 }], folders: [['A']] },
      'files',
    ],
    ['a folder in a file', { files: [{ path: ['a'], size: 11 }], folders: [['a', 'b']] }, 'files'],
    [
      'a folder too many',
      { folders: Array.from({ length: MAX_FILES }, (_, nth) => [`${nth}`]) },
      'too-many-files',
    ],
    ['a list of folders that is too long', { folders: Array(MAX_FILES + 1).fill(['a']) }, 'too-many-files'],
    ['an address of the wrong kind', { urls: [{ url: 'ftp://a/', file: 0 }] }, 'url'],
    ['an address with a password', { urls: [{ url: 'https://u:p@a/', file: 0 }] }, 'url'],
    ['an address that is a text', { urls: ['https://a/'] }, 'shoal-key'],
    ['an address for nothing', { urls: [{ url: 'https://a/' }] }, 'shoal-key'],
    ['an address for a file that is not there', { urls: [{ url: 'https://a/', file: 1 }] }, 'url'],
    ['an address for a file before the first', { urls: [{ url: 'https://a/', file: -1 }] }, 'url'],
    ['an address for half a file', { urls: [{ url: 'https://a/', file: 0.5 }] }, 'url'],
    ['an address for no number', '{"urls":[{"url":"https://a/","file":1e400}]}', 'url'],
    ['an address for __proto__', '{"urls":[{"__proto__":{"url":"https://a/","file":0}}]}', 'shoal-key'],
    ['an address too many', { urls: Array(MAX_URLS + 1).fill({ url: 'https://a/', file: 0 }) }, 'url'],
    [
      'a file too many',
      { files: Array.from({ length: MAX_FILES + 1 }, () => ({ path: ['a'], size: 0 })) },
      'too-many-files',
    ],
  ])('[MF2] a shoal key with %s', (_, key, reason) => {
    expectRefused(parseShoal(key), reason);
  });

  test.each<[string, Uint8Array, RefusalReason]>([
    ['bytes that are not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), 'not-utf8'],
    ['no bytes', new Uint8Array(0), 'not-json'],
    ['a byte order mark', encodeUtf8(`\ufeff${JSON.stringify(plain)}`), 'not-json'],
    ['half of it', bytesOf(plain).subarray(0, 100), 'not-json'],
    ['null', bytesOf(null), 'shape'],
    ['a list', bytesOf([plain]), 'shape'],
    ['a text', bytesOf('x'), 'shape'],
    ['two million brackets', encodeUtf8('['.repeat(2_000_000)), 'not-json'],
    ['a deep nest in an unknown key', encodeUtf8(`{"x":${'['.repeat(1e6)}${']'.repeat(1e6)}}`), 'shape'],
    ['a byte over the bound', encodeUtf8(JSON.stringify(plain).padEnd(MAX_MANIFEST_BYTES + 1)), 'too-large'],
    ['10 million pieces', encodeUtf8(`{"pieces":[${'0,'.repeat(10_000_000)}0]}`), 'too-large'],
    [
      '2 million pieces within the bound',
      bytesOf({ ...plain, pieces: Array(2_000_000).fill(0) }),
      'too-many-pieces',
    ],
  ])('[MF1] %s', (_, bytes, reason) => {
    expectRefused(parseManifest(bytes), reason);
  });

  test('[MF1] what would be over the bound once it is printed again is refused', () => {
    const row = (size: string) => `{"sha256":"${SHA}","size":${size}}`;
    const text = (size: string) => JSON.stringify({ ...plain, pieces: [] }).replace('[]', `[${size}]`);
    const rows = (size: string) => text(Array(10_000).fill(row(size)).join(','));
    const filled = (size: string) => {
      const shoal = JSON.stringify({ files: [{ path: ['a'], size: 1e10 }] });
      const room = MAX_MANIFEST_BYTES - encodeUtf8(rows(size)).length - 200;
      const whole = rows(size).replace('"demo"', `"demo${MARKER}"`);
      const padding = shoal.slice(0, -1) + `,"x":"${'x'.repeat(room - shoal.length)}"}`;
      return encodeUtf8(`${whole.slice(0, -1)},"shoal":${JSON.stringify(padding)}}`);
    };
    const short = filled('1e6');
    expect(short.length).toBeLessThanOrEqual(MAX_MANIFEST_BYTES);
    expectRefused(parseManifest(short), 'too-large');
    const long = filled('1000000');
    expect(long.length).toBeLessThanOrEqual(MAX_MANIFEST_BYTES);
    expect(serialiseManifest(accepted(parseManifest(long)))).not.toBeNull();
  });

  test('[MF1] exactly at the bounds everything is still accepted', () => {
    const padded = encodeUtf8(JSON.stringify(plain).padEnd(MAX_MANIFEST_BYTES));
    expect(accepted(parseManifest(padded)).name).toBe('hello.txt');
    const pieces = Array.from({ length: MAX_PIECES }, () => ({ sha256: SHA, size: MAX_PIECE_BYTES }));
    expect(accepted(parse({ pieces })).totalBytes).toBe(MAX_PIECES * MAX_PIECE_BYTES);
    expect(accepted(parse({ comment: 'x'.repeat(1_000) })).comment).toHaveLength(1_000);
  });
});

describe('the shoal key', () => {
  test('[MF2] is kept as it stands, with keys that are not known yet', () => {
    const text = `{ "salt":"${SALT}", "later": {"x": [1]}, "files":[{"path":["f","a;b"],"size":0,"y":1},{"path":["c"],"size":11}] }`;
    const outcome = parseShoal(text);
    const manifest = accepted(outcome);
    expect(manifest.shoal).toEqual({ text, digest: DIGEST });
    expect(outcome).toMatchObject({ shoalText: encodeUtf8(text) });
    expect(manifest.files).toEqual([
      { path: ['f', 'a;b'], size: 0 },
      { path: ['c'], size: 11 },
    ]);
  });

  test('[MF2] dates: each file has its own, or the one at the top', () => {
    const files = [
      { path: ['a'], size: 5, modified: -1 },
      { path: ['b'], size: 6 },
    ];
    const dates = (key: unknown) => accepted(parseShoal(key)).files.map((file) => file.modified);
    expect(dates({ files })).toEqual([-1, undefined]);
    expect(dates({ files, modified: 1e12 })).toEqual([-1, 1e12]);
    expect(dates({ modified: MAX_DATE_MS })).toEqual([MAX_DATE_MS]);
    expect(dates('{"modified":-0}')).toEqual([-0]);
    expect(dates('{"__proto__":{"modified":5}}')).toEqual([undefined]);
    expect('modified' in accepted(parseShoal({ files })).files[1]!).toBe(false);
  });

  test('[MF2] empty folders, beside one file or several, as many as there may be', () => {
    const folders = [['a', 'none'], ['__proto__'], ['constructor', 'x']];
    const files = [{ path: ['a', 'b'], size: 11 }];
    expect(accepted(parseShoal({ files, folders })).folders).toEqual(folders);
    expect(accepted(parseShoal({ folders }))).toMatchObject({
      folders,
      files: [{ path: ['hello.txt'], size: 11 }],
    });
    expect(accepted(parseShoal({ folders: [] })).folders).toEqual([]);
    const most = Array.from({ length: MAX_FILES - 1 }, (_, nth) => [`${nth}`]);
    expect(accepted(parseShoal({ folders: most })).folders).toHaveLength(MAX_FILES - 1);
  });

  test('[MF2] addresses of the content, each with its file', () => {
    const files = [
      { path: ['a'], size: 5 },
      { path: ['b'], size: 6 },
    ];
    const urls = [
      { url: 'https://a.example/b', file: 1 },
      { url: 'http://[::1]:8000/a?x', file: 0 },
      { url: 'http://[::1]:8000/a?x', file: 0 },
    ];
    expect(accepted(parseShoal({ files, urls })).urls).toEqual(urls);
    expect(accepted(parseShoal({ urls: urls.slice(1) })).urls).toHaveLength(2);
    expect(accepted(parseShoal({ files })).urls).toEqual([]);
    const most = Array.from({ length: MAX_URLS }, () => ({ url: 'https://a/', file: 0 }));
    expect(accepted(parseShoal({ urls: most })).urls).toHaveLength(MAX_URLS);
  });

  test('[MF3] only the last marker counts; the comment is what stands before it', () => {
    const comment = `typed [shoal:${'B'.repeat(42)}A]`;
    const manifest = accepted(parse({ comment: comment + MARKER, shoal: '{}' }));
    expect(manifest.comment).toBe(comment);
    expect(fullComment(manifest)).toBe(comment + MARKER);
    expect(accepted(parse({ comment: MARKER, shoal: '{}' })).comment).toBe('');
    expect(accepted(parse({ comment: `${MARKER} and more` })).comment).toBe(`${MARKER} and more`);
  });
});

const anyName = fc.array(
  fc.constantFrom('a', 'B', '.', ' ', '/', 'é', '😀', 'con', '\ud800', 'x'.repeat(100)),
  { maxLength: 5 },
);
const draftRequest = fc.record({
  name: anyName.map((parts) => parts.join('')),
  comment: fc
    .array(fc.constantFrom('hi', ';', '\n', '\udc00', MARKER, 'é'.repeat(400)), { maxLength: 5 })
    .map((parts) => parts.join('')),
  trackerHost: fc.constantFrom('localhost', '[::1]', 'a;b', ''),
  trackerPort: fc.constantFrom('8000', '', '443'),
  createdAt: fc.integer({ min: 0, max: 4e12 }),
  files: fc.array(
    fc.record({
      path: fc.array(
        anyName.map((parts) => parts.join('')),
        { minLength: 1, maxLength: 3 },
      ),
      size: fc.integer({ min: 0, max: 3_000_000 }),
      modified: fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, MAX_DATE_MS + 1, -0)),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  folders: fc.array(
    fc.array(
      anyName.map((parts) => parts.join('')),
      { minLength: 1, maxLength: 3 },
    ),
    { maxLength: 5 },
  ),
  salt: fc.option(fc.constant(SALT)),
});

describe('round trips', () => {
  test('[MF1] every drafted manifest is read back as it was, with the same info-hash', () => {
    fc.assert(
      fc.property(draftRequest, (request) => {
        const total = request.files.reduce((sum, file) => sum + file.size, 0);
        const pieces = total === 0 ? [] : [{ sha256: SHA, size: total }];
        const draft = draftManifest({ ...request, pieces });
        const digest = draft.shoalText === null ? null : sha256(encodeUtf8(draft.shoalText), 'base64url');
        const manifest = draft.finish(digest);
        const outcome = parseManifest(serialiseManifest(manifest)!);
        expect(accepted(outcome)).toEqual(manifest);
        if (outcome.kind === 'refused') return;
        expect(outcome.preimage).toEqual(manifestPreimage(manifest));
        expect(outcome.shoalText === null ? null : sha256(outcome.shoalText, 'base64url')).toBe(digest);
      }),
      { numRuns: 200 },
    );
  });

  test('[MF1] random bytes have an answer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(parseManifest(bytes).kind).toBe('refused');
      }),
    );
  });

  test('[MF1] a manifest with any value anywhere, or any byte changed, has an answer that reads back', () => {
    const shoal = JSON.stringify({
      salt: SALT,
      files: [
        { path: ['f', 'a'], size: 4, modified: 1_790_000_000_000 },
        { path: ['b'], size: 7 },
      ],
      folders: [['f', 'none']],
      urls: [{ url: 'https://a.example/b', file: 1 }],
    });
    const whole = { ...plain, comment: `demo${MARKER}`, shoal };
    const bytes = bytesOf(whole);
    const readsBack = (raw: Uint8Array): void => {
      const outcome = parseManifest(raw);
      if (outcome.kind === 'refused') return;
      const again = parseManifest(serialiseManifest(outcome.manifest)!);
      expect(accepted(again)).toEqual(outcome.manifest);
      expect(again).toMatchObject({ preimage: outcome.preimage, shoalText: outcome.shoalText });
    };
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(whole)), fc.jsonValue(), (key, value) => {
        readsBack(bytesOf({ ...whole, [key]: value }));
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const spoilt = bytes.slice();
        spoilt[at] = value;
        readsBack(spoilt);
      }),
      { numRuns: 1_000 },
    );
  });

  test('[MF2] a shoal key with any value anywhere has an answer, and what is accepted keeps the rules', () => {
    const number = fc.constantFrom(
      ...['0', '-0', '1', '1e6', '1e400', '-1e400', '0.5', '8.64e15', '8.64e15', '11'],
    );
    const anything = fc.oneof(
      { weight: 3, arbitrary: number },
      fc.json(),
      fc.constantFrom(
        ...['"https://a/"', '"https://u@a/"', '["f"]', '["a"]', '["a","b"]', '[".."]', '[[]]', '{}'],
      ),
    );
    const url = fc.tuple(anything, anything).map(([at, file]) => `{"url":${at},"file":${file}}`);
    const file = fc
      .tuple(anything, anything, anything)
      .map(([path, size, date]) => `{"path":${path},"size":${size},"modified":${date}}`);
    const list = (item: fc.Arbitrary<string>) =>
      fc.array(item, { maxLength: 4 }).map((items) => `[${items.join(',')}]`);
    const name = fc.constantFrom(
      ...['modified', 'files', 'folders', 'urls', 'salt', '__proto__', 'toString'],
    );
    const member = fc
      .tuple(name, fc.oneof(anything, list(url), list(file), list(anything)))
      .map(([key, value]) => `"${key}":${value}`);
    const seen = { parsed: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(member, { maxLength: 4 }), (members) => {
        const outcome = parseShoal(`{${members.join(',')}}`);
        seen[outcome.kind]++;
        if (outcome.kind === 'refused') return;
        const { files, folders, urls } = outcome.manifest;
        expect(firstClash([...files.map(({ path }) => path), ...folders])).toBeNull();
        for (const { modified } of files) {
          if (modified !== undefined) expect(new Date(modified).getTime()).toBe(modified + 0);
        }
        for (const { url: at, file: index } of urls) {
          expect(new URL(at).username).toBe('');
          expect(files[index]).toBeDefined();
        }
      }),
      { numRuns: 1_500 },
    );
    expect(Math.min(seen.parsed, seen.refused)).toBeGreaterThan(100);
  });
});
