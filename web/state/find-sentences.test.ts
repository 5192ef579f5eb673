import { describe, expect, it } from 'vitest';
import { cutSentence, findSentence, listingSentence } from './find-sentences.ts';
import { soughtBy } from './sought.ts';

const said = (typed: string, more: Partial<Parameters<typeof findSentence>[0]> = {}) =>
  findSentence({ sought: soughtBy(typed), isSearching: false, why: null, total: 0, ...more });

describe('[UI23] what the page Find says', () => {
  it('[UI23] searching, found, nothing found', () => {
    expect(said('film', { isSearching: true })).toBe('Searching…');
    expect([said('', { total: 1 }), said('film', { total: 1_234 })]).toEqual([
      '1 share on this server.',
      '1,234 shares found.',
    ]);
    expect(said('')).toMatch(/^Nobody lists a share.*“List publicly”/);
    expect(said('film')).toMatch(/^Nothing found\. Try fewer letters/);
  });

  it('[UI23] an id that nobody lists may still be opened, and a link need not be searched for', () => {
    expect(said('a'.repeat(64), { total: 1 })).toBe('The public share with this id:');
    expect(said('a'.repeat(64))).toMatch(/^No public share has this id\..*still be opened/);
    expect(said(`#${'A'.repeat(43)}`)).toMatch(/^This is a link to one share\./);
  });

  it('[UI23] why nothing came, and what follows', () => {
    const why = (['away', 'silent', 'too-often', 'off', 'refused'] as const).map((why) =>
      said('film', { why }),
    );
    expect(why).toEqual([
      "Can't reach the Shoal server. Searching again every 10 seconds.",
      'The server did not answer. Searching again every 10 seconds.',
      'The server is asked too often from your network. Searching again in half a minute.',
      'This server keeps no list of public shares. Ask the sender for the link.',
      'The search did not work. Searching again every 10 seconds.',
    ]);
  });

  it('[UI23] [TR2] what is too long to be searched for', () => {
    expect(cutSentence(soughtBy('x'.repeat(10_000)))).toBe('Only the first 255 characters are searched for.');
    expect([cutSentence(soughtBy('x')), cutSentence(soughtBy('a'.repeat(64)))]).toEqual(['', '']);
  });
});

describe('[LB18] what is said of listing', () => {
  it('[LB18] how it stands, and why it is not listed', () => {
    expect([listingSentence('no', true), listingSentence('listed', true)]).toEqual([
      'It is not listed now.',
      'It is listed now.',
    ]);
    expect(listingSentence('asked', true)).toMatch(/as soon as the server has taken it/);
    expect(listingSentence('asked', false)).toMatch(/when you share it again/);
    const refusals = (['name-not-listable', 'directory-full', 'directory-off', 'refused'] as const).map(
      (listed) => listingSentence(listed, true),
    );
    for (const sentence of refusals) expect(sentence).toMatch(/^It is not listed: /);
    expect(new Set(refusals).size).toBe(4);
  });
});
