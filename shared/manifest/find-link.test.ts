import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesToHex } from '../hex.ts';
import { infoHash } from '../ids.ts';
import type { InfoHash } from '../ids.ts';
import { findLink } from './find-link.ts';
import { linkFragment } from './link.ts';

const hash = infoHash('7e4f10f178009b25cca6370378242e2b74aeff82a187f151874d5bb57de06f04')!;
const other = infoHash('0e4f10f178009b25cca6370378242e2b74aeff82a187f151874d5bb57de06f04')!;
const id = linkFragment(hash);
const link = `https://shoal.example/drop/#${id}`;
const otherLink = `https://shoal.example/drop/#${linkFragment(other)}`;
const found = { kind: 'link', infoHash: hash };

const anyHash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => infoHash(bytesToHex(bytes)))
  .filter((one): one is InfoHash => one !== null);
/** As digests are: what fast-check likes best, nothing but zeros or bytes that repeat, has no letters to go by. */
const chance = anyHash.filter((one) => {
  const letters = [...linkFragment(one)];
  const count = (kind: RegExp) => letters.filter((letter) => kind.test(letter)).length;
  return count(/[A-Z]/) >= 6 && count(/[a-z]/) >= 6 && count(/\d/) >= 1;
});

describe('[LK4] a link is found', () => {
  test.each([
    id,
    `#${id}`,
    link,
    ` \n${link}\t`,
    `${link}.`,
    `${link},`,
    `${link}?`,
    `${link}!`,
    `${link}…`,
    `${link}"`,
    `“${link}”`,
    `'${link}'`,
    `(${link})`,
    `[${link}]`,
    `<${link}>`,
    `(see ${link}).`,
    `_${link}_`,
    `**${link}**`,
    `__${link}__`,
    `\`${link}\``,
    `[The photos](${link})`,
    `[${link}](${link})`,
    `<a href="${link}">${link}</a>`,
    `Here are the photos: ${link} – have fun, and tell me when #1 is done!`,
    `链接：${link}。`,
    `${link}/`,
    `${link}-`,
    `${link}=`,
    `#share/${id}`,
    `#/share/${id}`,
    `#/transfers/${id}`,
    `https://shoal.example/#/share/${id}.`,
    `https://shoal.example/#!/${id}`,
    `https://shoal.example//#${id}`,
    `https://shoal.example/?utm_source=mail&utm_id=7#${id}`,
    `${link}?fbclid=IwAR0aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789aBcDeFgHiJkLmNoPqRsTuVwXyZ`,
    `${link}&x=y`,
    `${link}:~:text=Photos`,
    `https://shoal.example/%23${id}`,
    `https://shoal.example/%2523${id}`,
    `https://shoal.example/%252523${id}`,
    encodeURIComponent(link),
    `https://l.example/l.php?u=${encodeURIComponent(link)}&h=AT0aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789aBcD`,
    `${link}%20`,
    `${link}%E2%80%8B`,
    `${link}%E2`,
    `https://shoal.example/&#35;${id}`,
    `https://shoal.example/&#x23;${id}`,
    `https://shoal.example/&num;${id}`,
    `https://shoal.example/&amp;#35;${id}`,
    `&lt;${link}&gt;`,
    `&quot;${id}&quot;`,
    `https:\\/\\/shoal.example\\/#${id}`,
    `https://shoal.example/＃${id}`,
    `${id.slice(0, 20)}\u200b${id.slice(20)}`,
    `\ufeff${link}\u200b`,
    `${link}\u200bmore`,
    `${link.slice(0, -20)}\u00ad${link.slice(-20)}`,
    `${link.slice(0, -20)}&shy;${link.slice(-20)}`,
    `${link.slice(0, -20)}\n${link.slice(-20)}`,
    `${link.slice(0, -20)}\r\n> > ${link.slice(-20)}\r\n> > Bye`,
    `${link.slice(0, -20)}=\r\n${link.slice(-20)}`,
    `${link.slice(0, -20)} ${link.slice(-20)} is the link`,
    `https://shoal.example/#\n${id}`,
    `${id.slice(0, 15)} ${id.slice(15, 30)}\n${id.slice(30)}`,
    `${link} ${link}`,
    `The code is ${id}, thanks.`,
    `(${id})`,
    `${link} and the cut one ${otherLink.slice(0, -3)}`,
  ])('in %j', (text) => {
    expect(findLink(text)).toEqual(found);
  });

  test('in every id, wrapped in many ways', () => {
    const before = ['', ' ', '"', '(', '<', '[x](', '_', '**', 'Here: ', '> ', '\u200b', 'See\n', '“', '- '];
    const behind = [
      '',
      '.',
      ',',
      '?',
      ')',
      '>',
      '"',
      '_',
      '**',
      ' and so on',
      '\n',
      '\u200b',
      '?a=b',
      '&a=b',
    ];
    const roads = ['https://shoal.example/#', '#', '/%23', '//#', '#/share/', '#share/', '/?utm=x#', '&#35;'];
    const wrapped = fc.tuple(
      fc.constantFrom(...before),
      fc.constantFrom(...roads),
      fc.constantFrom(...behind),
    );
    fc.assert(
      fc.property(anyHash, wrapped, (one, [start, road, end]) => {
        const text = `${start}${road}${linkFragment(one)}${end}`;
        expect(findLink(text)).toEqual({ kind: 'link', infoHash: one });
      }),
    );
  });

  test('broken by line breaks and spaces, unless its last part could be another word', () => {
    const gaps = fc.constantFrom(' ', '\n', '\r\n', '\r\n> ', '  ');
    fc.assert(
      fc.property(
        chance,
        gaps,
        fc.uniqueArray(fc.integer({ min: 1, max: 42 }), { maxLength: 5 }),
        (one, gap, cuts) => {
          const at = cuts.sort((a, b) => a - b);
          const parts = [...at, 43].map((end, nth) => linkFragment(one).slice(at[nth - 1] ?? 0, end));
          fc.pre(!/^[A-Za-z]?[a-z]{2,}$/.test(parts.at(-1) ?? ''));
          const broken = parts.join(gap);
          for (const text of [broken, `https://shoal.example/#${broken}`, `Here: #${broken}\nBye`]) {
            expect(findLink(text)).toEqual({ kind: 'link', infoHash: one });
          }
        },
      ),
    );
  });

  test('with the id alone in the text, whatever letters it has', () => {
    fc.assert(
      fc.property(anyHash, fc.constantFrom('', '"', ' ', '<', '_'), (one, mark) => {
        const text = `${mark}${linkFragment(one)}${mark}`;
        expect(findLink(text)).toEqual({ kind: 'link', infoHash: one });
      }),
    );
  });
});

describe('[LK4] links to different shares', () => {
  test.each([
    `${link} ${otherLink}`,
    `${link}\n${encodeURIComponent(otherLink)}`,
    `${link}${otherLink}`.replace(id, `${id} `),
    `${id} ${linkFragment(other)}`,
    `#${id}#${linkFragment(other)}`,
  ])('are not one: %j', (text) => {
    expect(findLink(text)).toEqual({ kind: 'several' });
  });

  test('what stands behind a # goes before what is only a word', () => {
    expect(findLink(`${linkFragment(other)} ${link}`)).toEqual(found);
    expect(findLink(`https://shoal.example/?key=${linkFragment(other)}#${id}`)).toEqual(found);
  });
});

describe('[LK4] no link is found', () => {
  test.each([
    ['inside a longer run', `x${id}`],
    ['inside a longer run', `${id}A`],
    ['inside a longer run behind a #', `#${id}${id}`],
    ['between letters and marks', `a_${id}`],
    ['in a word that is no id', `#${id.slice(0, -1)}B`],
    ['in the path of an address', `https://example.org/${id}`],
    ['in the query of an address', `https://example.org/reset?token=${id}`],
    ['in the last part of a token', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${id}`],
    ['in a digest with its name', `Photos [shoal:${id}]`],
    ['in a name in a program', 'call aVeryLongNameThatSomebodyGaveToAFunctionQ0 first'.replace('Q0', 'QAA')],
    ['in a name with marks', `see this-is-the-address-of-a-page-with-43-letterss`],
    ['in a cut link and what follows it', `#${id.slice(0, 37)} thanks`],
    ['in a heading', '# One 2 Three words that are as long as an idea is'],
  ])('%s: %j', (_, text) => {
    expect(['damaged', 'none']).toContain(findLink(text).kind);
  });

  test('in prose', () => {
    const word = fc.constantFrom(
      'Fish',
      'swim',
      'in',
      'shoals',
      '#1',
      '#',
      '-',
      '2024',
      'NASA',
      'https://example.org/a#b',
    );
    const prose = fc.array(word, { maxLength: 60 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.oneof(fc.lorem({ maxCount: 60 }), prose, fc.string({ maxLength: 200 })), (text) => {
        expect(['damaged', 'none']).toContain(findLink(text).kind);
      }),
    );
  });

  test('[LK2] in any of the 48 texts that would name the share again', () => {
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
    const kinds = letters.map((letter) => findLink(`(#${id.slice(0, 42)}${letter})`).kind);
    expect(kinds.filter((kind) => kind === 'link')).toHaveLength(16);
  });
});

describe('[LK1] what is wrong with a text that was meant as a link', () => {
  test.each([
    [link.slice(0, -3), 'short'],
    [`${link.slice(0, -3)}.`, 'short'],
    [`<${link.slice(0, -3)}…>`, 'short'],
    [`https://shoal.example/%23${id.slice(0, -1)}`, 'short'],
    [`https://shoal.example/#/share/${id.slice(1)}`, 'short'],
    [id.slice(0, 30), 'short'],
    [`${link}A`, 'long'],
    [`${link}${id}`, 'long'],
    [link.replace(id, id.replace('8', 'é')), 'alphabet'],
    [`${link.slice(0, -1)}%`, 'alphabet'],
    [`${link.slice(0, -1)}B`, 'not-canonical'],
  ])('%j: %s', (text, why) => {
    expect(findLink(text)).toEqual({ kind: 'damaged', why });
  });

  test.each([
    ['', 'empty'],
    ['#', 'empty'],
    ['#/share/', 'empty'],
    ['https://shoal.example/', 'empty'],
    [`https://shoal.example/${id}`, 'empty'],
    ['https://example.org/wiki/Fish#Schooling_and_shoaling', 'short'],
    ['hello', 'short'],
    ['#3aB4f2', 'short'],
    ['#/nowhere', 'alphabet'],
    ['£5', 'short'],
    [`Here it is: ${link.slice(0, -3)}`, 'short'],
  ])('%j was perhaps not meant as one, but would be %s', (text, why) => {
    expect(findLink(text)).toEqual({ kind: 'none', why });
  });
});

describe('[LK4] long texts', () => {
  const MANY = 100_000;
  test.each([
    ['words', 'word '.repeat(MANY)],
    ['one word', 'a'.repeat(10 * MANY)],
    ['marks of words', '-'.repeat(10 * MANY)],
    ['marks and words', `${'_'.repeat(30)}a`.repeat(MANY / 5)],
    ['numbers', '#1 '.repeat(MANY)],
    ['hashes', '#'.repeat(10 * MANY)],
    ['headings', '# a b c d e f g h i j k l m n o p q r s t\n'.repeat(MANY / 5)],
    ['percents', '%41'.repeat(MANY)],
    ['percents that are none', '%ff%'.repeat(MANY)],
    ['escapes', '&amp;'.repeat(MANY)],
    ['white space', ' '.repeat(10 * MANY)],
    ['links that were cut', `${link.slice(0, -2)} `.repeat(MANY / 10)],
    ['slashes', '#a/'.repeat(MANY)],
    ['what is not seen', '\u200b'.repeat(MANY)],
  ])('%s hold nothing up, and a link behind them is found', (_, text) => {
    expect(findLink(text).kind).toMatch(/^(?:none|damaged)$/);
    expect(findLink(`${text} ${link}`)).toEqual(found);
  });
});
