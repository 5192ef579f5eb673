import { describe, expect, it } from 'vitest';
import { linkFragment } from '../../shared/manifest/link.ts';
import { idOf } from './transfer.fixture.ts';
import { webAddressIn } from './web-address.ts';

const HERE = 'https://share.example/drop/';
const LINK = `#${linkFragment(idOf('a'))}`;

describe('[WS40] a web address', () => {
  it.each([
    'https://files.example/film.bin',
    'http://files.example/?a',
    '  HTTPS://Files.example:8443/a?b=c#d \n',
    `https://files.example/a#sha256=${'Ab12'.repeat(16)}`,
    `https://files.example/${linkFragment(idOf('a'))}/film.bin`,
    'https://share.example/drop/film.bin',
  ])('is %s', (text) => {
    expect(webAddressIn(text, HERE)).toBe(text.trim());
  });

  it.each([
    '',
    'https://files.example',
    'https://files.example/',
    'https://files.example/#',
    'https://files.example/drop/#photos',
    'files.example/film.bin',
    'ftp://files.example/film.bin',
    'https://files.example/a and more',
    'look: https://files.example/a',
    `https://other.example/${LINK}`,
    `https://other.example/${LINK.slice(0, 30)}`,
    HERE,
    'https://share.example/drop',
    `${HERE}#`,
  ])('is not %s', (text) => {
    expect(webAddressIn(text, HERE)).toBeNull();
  });
});
