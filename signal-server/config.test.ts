import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError, configFrom, defaultConfig } from './config.ts';

const read = (path: string) => {
  if (path.startsWith('/missing')) throw new Error('ENOENT');
  return `text of ${path}`;
};

describe('configuration', () => {
  test('[SV7] nothing set: everything has a default, and no third party', () => {
    expect(defaultConfig()).toMatchObject({
      host: null,
      port: 8000,
      tls: null,
      iceServers: [],
      turn: null,
      redisUrl: null,
      allowedOrigins: null,
      rateLimit: 1,
      directory: true,
      metrics: true,
      listPeers: false,
      logLevel: 'info',
    });
    expect(configFrom({ PORT: '', HOST: '  ' }, read)).toMatchObject({ port: 8000, host: null });
  });

  test('[SV7] everything set', () => {
    const config = configFrom(
      {
        HOST: '127.0.0.1',
        PORT: '0',
        TLS_CERT: '/cert',
        TLS_KEY: '/key',
        ICE_SERVERS:
          '[{"urls":"stun:stun.example:3478"},{"urls":["turn:t.example"],"username":"u","credential":"c","more":1}]',
        TURN_URLS: 'turn:t.example:3478, turns:t.example:5349?transport=tcp',
        TURN_SECRET: 'north',
        TURN_TTL: '600',
        REDIS_URL: 'redis://:password@redis:6379/1',
        ALLOWED_ORIGINS: 'https://Share.example/, http://localhost:8000',
        TRUSTED_PROXIES: 'loopback, 10.1.0.0/16, 2001:db8::/32',
        RATE_LIMIT: '2.5',
        DIRECTORY: 'off',
        METRICS: 'no',
        LIST_PEERS: 'on',
        LOG_LEVEL: 'warn',
      },
      read,
    );
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 0,
      tls: { cert: 'text of /cert', key: 'text of /key' },
      iceServers: [
        { urls: 'stun:stun.example:3478' },
        { urls: ['turn:t.example'], username: 'u', credential: 'c' },
      ],
      turn: {
        urls: ['turn:t.example:3478', 'turns:t.example:5349?transport=tcp'],
        secret: 'north',
        lifeSeconds: 600,
      },
      redisUrl: 'redis://:password@redis:6379/1',
      allowedOrigins: new Set(['https://share.example', 'http://localhost:8000']),
      rateLimit: 2.5,
      directory: false,
      metrics: false,
      listPeers: true,
      logLevel: 'warn',
    });
    expect(config.trustedProxies.check('10.1.2.3')).toBe(true);
    expect(configFrom({ RATE_LIMIT: 'off' }, read).rateLimit).toBeNull();
  });

  test.each([
    ['PORT', '80000'],
    ['PORT', '8000x'],
    ['PORT', '-1'],
    ['PORT', '1e3'],
    ['ICE_SERVERS', 'stun:stun.example'],
    ['ICE_SERVERS', '{"urls":"stun:x"}'],
    ['ICE_SERVERS', '[{"url":"stun:x"}]'],
    ['ICE_SERVERS', '[{"urls":"https://x"}]'],
    ['ICE_SERVERS', '[{"urls":[]}]'],
    ['TURN_URLS', 'stun:x'],
    ['TURN_TTL', '5'],
    ['REDIS_URL', 'localhost:6379'],
    ['ALLOWED_ORIGINS', 'share.example'],
    ['ALLOWED_ORIGINS', 'https://share.example/path'],
    ['TRUSTED_PROXIES', 'proxy'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.0/'],
    ['RATE_LIMIT', 'maybe'],
    ['RATE_LIMIT', '-1'],
    ['RATE_LIMIT', 'Infinity'],
    ['DIRECTORY', '2'],
    ['METRICS', 'maybe'],
    ['LIST_PEERS', 'x'],
    ['LOG_LEVEL', 'loud'],
  ])('[SV7] %s=%s is refused by name', (name, value) => {
    expect(() => configFrom({ [name]: value }, read)).toThrow(ConfigError);
    expect(() => configFrom({ [name]: value }, read)).toThrow(new RegExp(`^${name} must be `));
  });

  test('[SV7] half of a pair is refused, and a file that is not there', () => {
    expect(() => configFrom({ TLS_CERT: '/cert' }, read)).toThrow(/TLS_KEY is not/);
    expect(() => configFrom({ TLS_KEY: '/key' }, read)).toThrow(/TLS_CERT is not/);
    expect(() => configFrom({ TLS_CERT: '/missing', TLS_KEY: '/key' }, read)).toThrow(
      /^TLS_CERT names a file/,
    );
    expect(() => configFrom({ TURN_SECRET: 'x' }, read)).toThrow(/TURN_URLS is not/);
    expect(() => configFrom({ TURN_URLS: 'turn:x' }, read)).toThrow(/TURN_SECRET is not/);
  });

  test('[SV7] a refused URL or secret is not repeated on the screen', () => {
    expect(() => configFrom({ REDIS_URL: 'rds://:hunter2@x' }, read)).toThrow(/^(?!.*hunter2)/);
  });

  test('[SV7] whatever is set, it is a configuration or one sentence that names a variable', () => {
    const names = fc.constantFrom(
      ...['PORT', 'ICE_SERVERS', 'TURN_URLS', 'TURN_SECRET', 'TURN_TTL', 'REDIS_URL', 'ALLOWED_ORIGINS'],
      ...['TRUSTED_PROXIES', 'RATE_LIMIT', 'DIRECTORY', 'METRICS', 'LIST_PEERS', 'LOG_LEVEL', 'TLS_CERT'],
    );
    const value = fc.oneof(
      fc.string(),
      fc.json(),
      fc.ipV6(),
      fc.webUrl(),
      fc.constantFrom('on', 'off', '8000', 'loopback', '[{"urls":"stun:x"}]', 'turn:x', 'redis://x'),
    );
    fc.assert(
      fc.property(fc.dictionary(names, value, { maxKeys: 4 }), (environment) => {
        try {
          const { port, rateLimit } = configFrom(environment, read);
          expect(Number.isInteger(port) && port >= 0 && port <= 65_535).toBe(true);
          expect(rateLimit === null || rateLimit > 0).toBe(true);
        } catch (failure) {
          expect(failure).toBeInstanceOf(ConfigError);
          const { message } = failure as ConfigError;
          expect(Object.keys(environment).some((name) => message.includes(name))).toBe(true);
          expect(message.length).toBeLessThan(300);
        }
      }),
      { numRuns: 300 },
    );
  });
});
