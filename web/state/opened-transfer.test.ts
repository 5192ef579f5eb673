import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkFragment } from '../../shared/manifest/link.ts';
import { magnetText } from '../../shared/manifest/magnet.ts';
import { openedText } from '../../shared/manifest/opened-text.ts';
import { openedTransfer } from './opened-transfer.ts';
import { idOf } from './transfer.fixture.ts';

const id = idOf('a');
const link = `https://example.org/drop/#${linkFragment(id)}`;
const otherLink = `https://example.org/drop/#${linkFragment(idOf('b'))}`;
const magnet = magnetText({ infoHash: id, name: 'Photos', bytes: 5, link });
const resource = '{"trackerIp":"shoal.example","pieces":[]}';

describe('[UI2] what a text is', () => {
  it.each<[string, object]>([
    ['', { kind: 'nothing' }],
    [' \n\ufeff', { kind: 'nothing' }],
    [link, { kind: 'link', infoHash: id }],
    [`Here are the photos (${link}).`, { kind: 'link', infoHash: id }],
    [`${link} ${otherLink}`, { kind: 'several-links' }],
    [magnet, { kind: 'magnet', infoHash: id, name: 'Photos', bytes: 5 }],
    [
      `Take magnet:?xt=urn:torrentinno:${id}&dn=a, please`,
      { kind: 'magnet', infoHash: id, name: 'a,', bytes: null },
    ],
    [`magnet:?xt=urn:torrentinno:${id}&xt=urn:torrentinno:${idOf('b')}`, { kind: 'several-links' }],
    ['magnet:?xt=urn:btih:0&dn=Film', { kind: 'bittorrent-magnet' }],
    ['This one: magnet:?xt=urn:btih:0&dn=Film', { kind: 'bittorrent-magnet' }],
    ['magnet:?dn=Film', { kind: 'unknown-magnet' }],
    ['d8:announce35:https://t.example/announce4:infod', { kind: 'torrent-file' }],
    ['d4:infod6:lengthi5e', { kind: 'torrent-file' }],
    ['PK\u0003\u0004\u0014\u0000', { kind: 'other-file' }],
    [resource, { kind: 'resource', text: resource }],
    [`\ufeff\n${resource}`, { kind: 'resource', text: `\ufeff\n${resource}` }],
    // Its digest has 43 characters as well.
    [`{"comment":"${link}","pieces":[]`, { kind: 'resource', text: `{"comment":"${link}","pieces":[]` }],
    [`{"link":"${link}"}`, { kind: 'link', infoHash: id }],
    [`${link}A`.replace('#', '#Ab1'), { kind: 'damaged-link', why: 'long' }],
    ['https://example.org/#Ab1Cd2', { kind: 'damaged-link', why: 'short' }],
    ['hello', { kind: 'text', text: 'hello', why: 'short' }],
    ['{ "a": 1 }', { kind: 'text', text: '{ "a": 1 }', why: 'short' }],
    ['d12:', { kind: 'text', text: 'd12:', why: 'short' }],
    ['https://example.org/', { kind: 'text', text: 'https://example.org/', why: 'empty' }],
    ['two\n\tlines', { kind: 'text', text: 'two\n\tlines', why: 'short' }],
  ])('%j', (text, opened) => {
    expect(openedText(text)).toEqual(opened);
  });

  it('is something for every text', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { maxLength: 60 }), (units) => {
        expect(openedText(String.fromCharCode(...units)).kind).toBeTypeOf('string');
      }),
    );
  });

  it.each([
    ['a search word of 10,000 characters', 'Photos2024'.repeat(1_000), 'text'],
    ['4 MB of words', 'Fish swim in shoals. '.repeat(200_000), 'text'],
    ['4 MB of a resource', `{"pieces":[${'1,'.repeat(2_000_000)}`, 'resource'],
    ['4 MB of what is no text', `a${'\0'.repeat(4_000_000)}`, 'other-file'],
    ['4 MB that begin like a magnet', `magnet:?${'xt=a&'.repeat(800_000)}`, 'unknown-magnet'],
  ])('does not hang at %s', (_, text, kind) => {
    expect(openedText(text).kind).toBe(kind);
  });
});

describe('what is dropped or pasted', () => {
  const opened = (texts: Record<string, string>) => openedTransfer({ getData: (type) => texts[type] ?? '' });

  it.each<[string, Record<string, string>]>([
    ['alone', { 'text/plain': link }],
    ['with white space around it', { 'text/plain': `\n ${link} ` }],
    ['as an address, beside another text', { 'text/uri-list': link, 'text/plain': 'The photos' }],
    ['in a text, beside another address', { 'text/uri-list': 'https://example.org/', 'text/plain': link }],
    [
      'behind a comment and another address',
      { 'text/uri-list': `# mine\r\nhttps://example.org/\r\n${link}\r\n` },
    ],
  ])('[UI2] a link is found %s', (_, texts) => {
    expect(opened(texts)).toEqual({ kind: 'link', infoHash: id });
  });

  it.each<[string, Record<string, string>, string]>([
    ['nothing', {}, 'nothing'],
    ['text', { 'text/plain': 'hello' }, 'text'],
    [
      'another address',
      { 'text/uri-list': 'https://example.org/', 'text/plain': 'https://example.org/' },
      'text',
    ],
    ['another address alone', { 'text/uri-list': 'https://example.org/' }, 'text'],
    ['a link in a comment', { 'text/uri-list': `#${linkFragment(id)}` }, 'nothing'],
    ['a damaged link', { 'text/plain': link.slice(0, -1) }, 'text'],
  ])('[UI2] there is none in %s', (_, texts, kind) => {
    expect(opened(texts).kind).toBe(kind);
  });
});
