import { describe, expect, test } from 'vitest';
import type { UrlRefusal } from '../url/normal-form.ts';
import type { ProbeRefusal } from '../url/probe.ts';
import { probeRefusalSentence, urlRefusalSentence } from './url-refusals.ts';

const TYPED: Readonly<Record<UrlRefusal, RegExp>> = {
  'not-a-url': /not the web address/,
  scheme: /begin with https:/,
  credentials: /Take it out/,
  'too-long': /2,048 characters/,
  'private-address': /private network/,
  sha256: /64 characters/,
};

const ANSWERED: Readonly<Record<ProbeRefusal, RegExp>> = {
  'no-cors': /mirror\.example.*shoal fetch.*gives you a link/,
  unreachable: /mirror\.example cannot be reached/,
  silent: /does not answer/,
  'mixed-content': /https:.*shoal fetch/,
  'not-from-here': /has not allowed that.*shoal fetch/,
  'needs-login': /wants a login/,
  refused: /does not give this file out \(it answers 403\)/,
  busy: /Try again in a while/,
  'broken-server': /a fault of its own/,
  'too-many-redirects': /without an end/,
  'insecure-redirect': /from https to http/,
  'forbidden-address': /private network/,
  'not-a-file': /no file at this address/,
  proxy: /https_proxy/,
};

describe('[WS10] what was typed', () => {
  test.each(Object.entries(TYPED))('[WS10] %s has a sentence', (why, words) => {
    expect(urlRefusalSentence(why as UrlRefusal)).toMatch(words);
  });
});

describe('[WS11] what the server answers', () => {
  test.each(Object.entries(ANSWERED))('[WS11] %s has a sentence', (why, words) => {
    const refused = { kind: 'refused', why: why as ProbeRefusal, status: 403, retryMs: 0 } as const;
    expect(probeRefusalSentence(refused, 'mirror.example')).toMatch(words);
  });

  test('[WS11] a file that is not there is told as such', () => {
    const refused = { kind: 'refused', why: 'refused', status: 404, retryMs: 0 } as const;
    expect(probeRefusalSentence(refused, 'mirror.example')).toMatch(/has no file at this address \(404\)/);
  });
});
