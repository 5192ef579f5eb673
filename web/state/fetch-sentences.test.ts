import { describe, expect, it } from 'vitest';
import { fetchFailure, fetchOffer, streamedFigure, streamedPercent } from './fetch-sentences.ts';

const plain = (text: string): string => text.replaceAll(/\s/g, ' ');

describe('[WS40] what is said of a web address', () => {
  it('names who is asked, with its port, and who learns of it', () => {
    const offer = fetchOffer('https://Files.example:8443/a', true);
    expect(offer.kind).toBe('offered');
    expect(offer.sentence).toMatch(/from files\.example:8443, .*learn that your internet address/);
  });

  it('[WS26] says that a digest in the address is compared', () => {
    const { sentence } = fetchOffer(`https://files.example/a#sha256=${'ab'.repeat(32)}`, true);
    expect(sentence).toMatch(/is compared with the SHA-256 in this address, as a whole/);
  });

  it.each([
    ['https://user:secret@files.example/a', true, /user name or a password/],
    ['https://127.0.0.1/a', null, /private network/],
    ['https://files.example/a#sha256=12', true, /no SHA-256/],
  ])('%s cannot be begun (allowed: %s)', (text, allowed, said) => {
    expect(fetchOffer(text, allowed)).toEqual({ kind: 'told', sentence: expect.stringMatching(said) });
  });

  it.each([
    ['https://files.example/a', false, /This site does not load/],
    ['http://files.example/a', true, /begins with http:/],
  ])('[WS36] %s is asked of those who lend (allowed: %s)', (text, allowed, said) => {
    const offer = fetchOffer(text, allowed);
    expect(offer).toEqual({ kind: 'offered', sentence: expect.stringMatching(said) });
    expect(offer.sentence).toMatch(
      /fetch the file from files\.example for you: they learn your internet address .* that server does not/,
    );
  });

  it.each([
    [null, /Reload the page/],
    [{ kind: 'no-ranges' }, /only the whole file/],
    [{ kind: 'nobody-lends', refusal: null }, /^Nobody who lends their connection/],
    [
      { kind: 'nobody-lends', refusal: { kind: 'refused', why: 'no-cors', status: null, retryMs: 0 } },
      /\(CORS\).*“shoal fetch”.* Nobody who lends/,
    ],
    [{ kind: 'too-large' }, /larger than a share/],
    [{ kind: 'no-address', why: 'scheme' }, /https:\/\/ or http:\/\//],
    [{ kind: 'not-streamed', why: 'no-room' }, /no room/],
    [{ kind: 'not-streamed', why: 'cut-short' }, /broke off.*try again/],
    [
      { kind: 'not-there', refusal: { kind: 'refused', why: 'no-cors', status: null, retryMs: 0 } },
      /files\.example.*\(CORS\)/,
    ],
  ] as const)('%j is told with what can be done', (outcome, said) => {
    expect(fetchFailure(outcome, 'files.example')).toMatch(said);
  });

  it('tells how far a stream is, as far as anybody knows', () => {
    const half = { receivedBytes: 5_000_000, totalBytes: 10_000_000 };
    expect([streamedPercent(half), plain(streamedFigure(half))]).toEqual([50, '5.00 MB of 10.0 MB']);
    const open = { receivedBytes: 5_000_000, totalBytes: null };
    expect(streamedPercent(open)).toBeNull();
    expect(streamedFigure(open)).toMatch(/does not say of how much/);
  });
});
