import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../shared/base64url.ts';
import { idOf } from './transfer.fixture.ts';
import { soughtBy } from './sought.ts';

const A = idOf('a');
const CHARACTERS = encodeBase64url(new Uint8Array(32).fill(0xaa));

describe('[UI23] what is looked for', () => {
  it('[UI23] a name, or everything', () => {
    expect(soughtBy(' Summer film ')).toEqual({ kind: 'name', query: 'Summer film', isCut: false });
    expect(soughtBy(' \n ')).toEqual({ kind: 'name', query: '', isCut: false });
  });

  it.each([A, A.toUpperCase(), `  ${A}\n`, CHARACTERS, ` ${CHARACTERS} `])('[UI23] an id: %s', (typed) => {
    expect(soughtBy(typed)).toEqual({ kind: 'id', query: A, infoHash: A });
  });

  it.each([
    `https://shoal.example/#${CHARACTERS}`,
    `look: https://shoal.example/drop/#${CHARACTERS}.`,
    `#${CHARACTERS}`,
    `magnet:?xt=urn:torrentinno:${A}&dn=film`,
  ])('[UI23] a link leads to its share, and is not told to the directory: %s', (typed) => {
    expect(soughtBy(typed)).toEqual({ kind: 'link', infoHash: A });
  });

  it.each([A.slice(1), `${A}0`, CHARACTERS.slice(1), 'magnet:?xt=urn:btih:abc', '{"pieces":[]}'])(
    '[UI23] what is no id and no link is a name: %s',
    (typed) => {
      expect(soughtBy(typed)).toEqual({ kind: 'name', query: typed, isCut: false });
    },
  );

  it('[UI23] ten thousand characters are cut, and a million cost no more than a glance', () => {
    expect(soughtBy('x'.repeat(255))).toMatchObject({ isCut: false });
    expect(soughtBy('x'.repeat(256))).toEqual({ kind: 'name', query: 'x'.repeat(255), isCut: true });
    expect(soughtBy(`${'😀 '.repeat(3_333)}!`)).toMatchObject({ kind: 'name', isCut: true });
    expect(soughtBy('#/'.repeat(500_000))).toMatchObject({ kind: 'name', isCut: true });
  });
});
