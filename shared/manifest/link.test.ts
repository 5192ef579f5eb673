import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesToHex } from '../hex.ts';
import { infoHash } from '../ids.ts';
import { linkFragment, parseLink, swarmOf } from './link.ts';

const hash = infoHash('7e4f10f178009b25cca6370378242e2b74aeff82a187f151874d5bb57de06f04')!;
const fragment = Buffer.from(hash, 'hex').toString('base64url');

describe('link', () => {
  test('[LK1] is the info-hash in 43 characters, and reads back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const id = infoHash(bytesToHex(bytes))!;
        expect(linkFragment(id)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(linkFragment(id)).toHaveLength(43);
        expect(parseLink(linkFragment(id))).toEqual({ kind: 'link', infoHash: id });
      }),
    );
  });

  test.each([
    fragment,
    `#${fragment}`,
    `  #${fragment}\n`,
    `http://localhost:8000/#${fragment}`,
    `https://shoal.example/some/path?x=1#${fragment} `,
  ])('[LK1] takes %j', (text) => {
    expect(parseLink(text)).toEqual({ kind: 'link', infoHash: hash });
  });

  test.each([
    ['', 'empty'],
    [' \t', 'empty'],
    ['#', 'empty'],
    ['https://shoal.example/', 'empty'],
    [`https://shoal.example/${fragment}`, 'empty'],
    [fragment.slice(0, -1), 'short'],
    [`${fragment}A`, 'long'],
    [fragment.slice(0, 41), 'short'],
    [hash, 'long'],
    [`${fragment.slice(0, -1)}=`, 'alphabet'],
    [`${fragment.slice(0, 20)} ${fragment.slice(21)}`, 'alphabet'],
    [`${fragment.slice(0, 20)}é${fragment.slice(21)}`, 'alphabet'],
    [`#${fragment}#${fragment}`, 'alphabet'],
    ['#/transfers', 'alphabet'],
  ])('[LK1] refuses %j: %s', (text, why) => {
    expect(parseLink(text)).toEqual({ kind: 'bad', why });
  });

  test('[LK2] refuses the 48 last characters that would name the same share again', () => {
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
    const outcomes = letters.map((letter) => parseLink(fragment.slice(0, 42) + letter));
    expect(outcomes.filter((outcome) => outcome.kind === 'link')).toHaveLength(16);
    for (const outcome of outcomes) if (outcome.kind === 'bad') expect(outcome.why).toBe('not-canonical');
  });

  test('[LK1] is total', () => {
    const text = fc.array(fc.oneof(fc.nat(0xffff), fc.integer({ min: 0x21, max: 0x7a })), { maxLength: 60 });
    fc.assert(
      fc.property(text, (units) => {
        expect(['link', 'bad']).toContain(parseLink(String.fromCharCode(...units)).kind);
      }),
    );
  });

  test('[LK3] the tracker’s swarm id is the info-hash', async () => {
    expect(await swarmOf(hash)).toBe(hash);
  });
});
