import { createSecureContext } from 'node:tls';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError } from './config.ts';
import { startFailureSentence } from './start-failure.ts';

const system = (code: string, more: object = {}) =>
  Object.assign(new Error(`listen ${code}`), { code, ...more });

/** What Node throws for a certificate and a key. */
function tlsFailure(cert: string, key: string): unknown {
  try {
    createSecureContext({ cert, key });
  } catch (failure) {
    return failure;
  }
  throw new Error('they were taken');
}

describe('[SV7] a start that fails is one sentence', () => {
  test.each([
    [new ConfigError('PORT must be a number.'), /^PORT must be a number\.$/],
    [system('EADDRINUSE', { port: 8000 }), /^Port 8000 is taken: .* PORT=8001\.$/],
    [system('EACCES', { port: 80 }), /^Port 80 may not be opened by this user\. Choose one above 1023/],
    [system('EADDRNOTAVAIL', { address: '203.0.113.1' }), /^HOST names .* not have: 203\.0\.113\.1\.$/],
    [system('ENOTFOUND'), /^HOST names an address that this machine does not have: share\.example\.$/],
    [system('EAI_AGAIN'), /^HOST names .* share\.example\.$/],
    [system('EMFILE'), /^The server could not start: listen EMFILE$/],
    [new Error('anything else'), /^The server could not start: anything else$/],
    ['a text', /^The server could not start: a text$/],
    [null, /^The server could not start: null$/],
  ])('%s', (failure, sentence) => {
    expect(startFailureSentence(failure, 'share.example')).toMatch(sentence);
  });

  test('that names both variables where certificate and key are no pair, or none', () => {
    const cert = readFileSync(new URL('./testing/localhost-cert.pem', import.meta.url), 'utf8');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const otherKey = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    for (const failure of [
      tlsFailure(cert, otherKey),
      tlsFailure(cert, 'no key'),
      tlsFailure('none', otherKey),
    ]) {
      const sentence = startFailureSentence(failure, null);
      expect(sentence).toMatch(/^TLS_CERT and TLS_KEY must name PEM files/);
      expect(sentence).not.toContain('BEGIN');
    }
  });
});
