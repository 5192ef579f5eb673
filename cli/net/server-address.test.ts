import { describe, expect, test } from 'vitest';
import { serverAddress } from './server-address.ts';

describe('[HL24] the address of a server', () => {
  test.each([
    ['http://localhost:8000', 'http://localhost:8000/', 'ws://localhost:8000/tracker', 'localhost', '8000'],
    ['localhost:8000', 'http://localhost:8000/', 'ws://localhost:8000/tracker', 'localhost', '8000'],
    [
      'https://share.example',
      'https://share.example/',
      'wss://share.example/tracker',
      'share.example',
      '443',
    ],
    [
      'share.example/drop',
      'https://share.example/drop/',
      'wss://share.example/drop/tracker',
      'share.example',
      '443',
    ],
    [
      'https://share.example/drop/',
      'https://share.example/drop/',
      'wss://share.example/drop/tracker',
      'share.example',
      '443',
    ],
    [
      'http://share.example/a/index.html?x#/y',
      'http://share.example/a/',
      'ws://share.example/a/tracker',
      'share.example',
      '80',
    ],
    [
      'wss://share.example:8443/tracker/',
      'https://share.example:8443/tracker/',
      'wss://share.example:8443/tracker/tracker',
      'share.example',
      '8443',
    ],
    ['http://[::1]:8000', 'http://[::1]:8000/', 'ws://[::1]:8000/tracker', '[::1]', '8000'],
    [
      ' HTTPS://Share.Example ',
      'https://share.example/',
      'wss://share.example/tracker',
      'share.example',
      '443',
    ],
  ])('%s', (text, page, tracker, host, port) => {
    expect(serverAddress(text)).toEqual({
      kind: 'server',
      address: { page, tracker, config: `${page}config`, host, port },
    });
  });

  test.each([
    '',
    'http://',
    'ftp://share.example',
    'https://me:secret@share.example',
    'a b',
    'http://share.example:99999',
  ])('%j is none, and the sentence says what one looks like', (text) => {
    const outcome = serverAddress(text);
    expect(outcome).toMatchObject({
      kind: 'refused',
      sentence: expect.stringContaining('https://share.example'),
    });
  });
});
