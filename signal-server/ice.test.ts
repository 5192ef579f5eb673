import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { iceServer, iceServersNow, turnCredentials } from './ice.ts';

const turn = { urls: ['turn:turn.example', 'turns:turn.example'], secret: 'north', lifeSeconds: 600 };

describe('[SV3] TURN credentials', () => {
  test("are coturn's: the end of their life, a label, and HMAC-SHA1 under the secret", () => {
    const { username, credential } = turnCredentials(turn, 'label', 1_700_000_000_999);
    expect(username).toBe('1700000600:label');
    expect(credential).toBe(createHmac('sha1', 'north').update('1700000600:label').digest('base64'));
  });

  test('end when they should, whenever they are made', () => {
    fc.assert(
      fc.property(fc.nat(4_102_444_800_000), fc.integer({ min: 60, max: 86_400 }), (now, lifeSeconds) => {
        const { username } = turnCredentials({ ...turn, lifeSeconds }, 'x', now);
        const left = Number(username.split(':')[0]) - now / 1000;
        expect(left).toBeGreaterThan(lifeSeconds - 1);
        expect(left).toBeLessThanOrEqual(lifeSeconds);
      }),
    );
  });

  test('are another user for each page, and never the secret', () => {
    const answers = Array.from({ length: 20 }, () => iceServersNow([], turn, 0));
    expect(new Set(answers.map(([server]) => server?.username)).size).toBe(20);
    expect(JSON.stringify(answers)).not.toContain('north');
  });
});

describe('[SV3] which ICE servers a page is told of', () => {
  test('are the operator’s, and the TURN server behind them', () => {
    const fixed = [{ urls: 'stun:stun.example' }];
    expect(iceServersNow(fixed, null, 0)).toEqual(fixed);
    expect(iceServersNow(fixed, turn, 0)).toEqual([
      ...fixed,
      { urls: turn.urls, username: expect.any(String), credential: expect.any(String) },
    ]);
    expect(iceServersNow([], null, 0)).toEqual([]);
  });

  test.each([
    [{ urls: 'stun:a' }, true],
    [{ urls: ['turn:a', 'turns:b?transport=tcp'], username: 'u', credential: 'c' }, true],
    [{ urls: 'stuns:a', credential: 'c' }, true],
    [{ urls: ['turn:a', 'turns:b?transport=tcp'], username: 'u' }, false],
    [{ urls: 'turn:a', username: '', credential: 'c' }, false],
    [{ urls: 'turn:a', username: 'u'.repeat(509), credential: 'c' }, false],
    [{ urls: 'turn:a', username: 'u', credential: 'c', credentialType: 'password' }, true],
    [{ urls: [] }, false],
    [{ urls: '' }, false],
    [{ urls: 'https://a' }, false],
    [{ urls: 'turn: a' }, false],
    [{ urls: 'turn:a', username: 1 }, false],
    [{ urls: ['turn:a', 'javascript:a'] }, false],
    [{}, false],
    ['turn:a', false],
  ])('%j: %s', (value, valid) => {
    expect(v.is(iceServer, value)).toBe(valid);
  });
});
