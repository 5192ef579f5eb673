import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError, configFrom, defaultConfig } from './config.ts';

const read = (path: string) => {
  if (path.startsWith('/missing')) throw Object.assign(new Error(path), { code: 'ENOENT' });
  return path === '/cert' ? pem('cert') : path === '/key' ? pem('key') : 'no PEM';
};
const pem = (of: string) => readFileSync(new URL(`./testing/localhost-${of}.pem`, import.meta.url), 'utf8');

describe('configuration', () => {
  test('[SV7] nothing set: everything has a default, and no third party', () => {
    expect(defaultConfig()).toMatchObject({
      host: null,
      port: 8000,
      tls: null,
      iceServers: [],
      turn: null,
      redisUrl: null,
      publicUrl: null,
      allowedOrigins: null,
      rateLimit: 1,
      directory: true,
      metrics: true,
      listPeers: false,
      urlSources: false,
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
        URL_SOURCES: 'on',
        LOG_LEVEL: 'warn',
      },
      read,
    );
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 0,
      tls: { cert: pem('cert'), key: pem('key') },
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
      urlSources: true,
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
    ['ICE_SERVERS', '[{"urls":"turn:turn.example"}]'],
    ['ICE_SERVERS', '[{"urls":"turn:turn.example","username":"","credential":"c"}]'],
    ['ICE_SERVERS', '[{"urls":["stun:a.example","turns:turn.example"],"username":"u"}]'],
    ['ICE_SERVERS', '[{"urls":"stun:stun.example?transport=udp"}]'],
    ['ICE_SERVERS', '[{"urls":"stun:stun.example:abc"}]'],
    ['ICE_SERVERS', '[{"urls":"stun://stun.example"}]'],
    ['TURN_URLS', 'stun:x'],
    ['TURN_URLS', ','],
    ['TURN_URLS', 'turn:turn.example:0'],
    ['TURN_URLS', 'turn:turn.example, turn:turn.example?transport=tls'],
    ['TURN_TTL', '5'],
    ['REDIS_URL', 'localhost:6379'],
    ['REDIS_URL', 'redis://'],
    ['REDIS_URL', 'redis://:6379'],
    ['REDIS_URL', 'redis:///0'],
    ['REDIS_URL', 'redis://host:port'],
    ['REDIS_URL', 'redis://host:70000'],
    ['REDIS_URL', 'redis://[::1'],
    ['REDIS_URL', 'redis://host/zero'],
    ['REDIS_URL', 'redis://:pass#word@host'],
    ['REDIS_URL', 'redis://:%zz@host'],
    ['REDIS_URL', 'http://host'],
    ['ALLOWED_ORIGINS', 'share.example'],
    ['ALLOWED_ORIGINS', 'https://share.example/path'],
    ['ALLOWED_ORIGINS', ','],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'https://*.example'],
    ['ALLOWED_ORIGINS', 'https://share.example, nonsense'],
    ['PUBLIC_URL', 'share.example'],
    ['PUBLIC_URL', '//share.example/'],
    ['PUBLIC_URL', 'ftp://share.example/'],
    ['PUBLIC_URL', 'javascript:alert(1)'],
    ['PUBLIC_URL', 'https://'],
    ['PUBLIC_URL', 'https://share.example/?x'],
    ['PUBLIC_URL', 'https://share.example/?'],
    ['PUBLIC_URL', 'https://share.example/#'],
    ['PUBLIC_URL', 'https://somebody@share.example/'],
    ['PUBLIC_URL', 'https://share.example/, https://other.example/'],
    ['TRUSTED_PROXIES', ','],
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

  test.each([
    ['https://share.example', 'https://share.example/'],
    ['https://Share.Example/drop', 'https://share.example/drop/'],
    [' https://Bücher.example:443/drop/ ', 'https://xn--bcher-kva.example/drop/'],
    ['http://[::1]:8000/', 'http://[::1]:8000/'],
    ['https://share.example/"><script>', 'https://share.example/%22%3E%3Cscript%3E/'],
  ])('[SV7] PUBLIC_URL=%s is %s', (written, meant) => {
    expect(configFrom({ PUBLIC_URL: written }, read).publicUrl).toBe(meant);
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
    for (const [name, value] of [
      ['REDIS_URL', 'rds://:hunter2@x'],
      ['REDIS_URL', 'redis://:hunter2@x:y'],
      ['TURN_URLS', 'turn:u:hunter2@x'],
      ['ICE_SERVERS', '[{"urls":"turn:u:hunter2@x"}]'],
      ['ICE_SERVERS', '[{"urls":"turn:x","credential":"hunter2"}]'],
      ['ICE_SERVERS', 'hunter2'],
      ['ALLOWED_ORIGINS', 'https://u:hunter2@x'],
      ['PUBLIC_URL', 'https://u:hunter2@x'],
      ['TLS_CERT', '/missing hunter2'],
    ] as const) {
      const environment = { TLS_KEY: name === 'TLS_CERT' ? '/key' : undefined, [name]: value };
      expect(() => configFrom(environment, read)).toThrow(new RegExp(`^${name}(?!.*hunter2)`));
    }
  });

  test('[SV7] says what is wrong with one of several ICE servers', () => {
    const servers = [{ urls: 'stun:a.example' }, { urls: 'turn:t.example' }];
    expect(() => configFrom({ ICE_SERVERS: JSON.stringify(servers) }, read)).toThrow(
      'ICE_SERVERS must be a JSON array of RTCIceServer objects, each with "urls"; ' +
        'one of them is a TURN server without "username" and "credential".',
    );
    expect(() => configFrom({ TURN_URLS: 'turn:ok.example,turn:t.example:x' }, read)).toThrow(
      'TURN_URLS must be turn: or turns: URLs with commas between them; ' +
        'one of them has a port that is no number from 1 to 65535.',
    );
  });

  test('[SV7] certificate and key are read, and each fault names its variable', () => {
    const files: Record<string, string> = { cert: pem('cert'), key: pem('key'), none: 'nothing' };
    const started = (TLS_CERT: string, TLS_KEY: string) =>
      configFrom({ TLS_CERT, TLS_KEY }, (path) => files[path] ?? '').tls;
    expect(started('cert', 'key')).toEqual({ cert: files['cert'], key: files['key'] });
    expect(() => started('none', 'key')).toThrow(
      /^TLS_CERT must name a PEM file that holds a certificate\.$/,
    );
    expect(() => started('key', 'key')).toThrow(/^TLS_CERT must/);
    expect(() => started('cert', 'none')).toThrow(/^TLS_KEY must name a PEM file that holds a private key/);
    expect(() => started('cert', 'cert')).toThrow(/^TLS_KEY must/);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    files['other'] = String(other.export({ type: 'pkcs8', format: 'pem' }));
    expect(() => started('cert', 'other')).toThrow(/^TLS_CERT and TLS_KEY must name .* its own key\.$/);
    const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
    files['locked'] = String(other.export(locked));
    expect(() => started('cert', 'locked')).toThrow(/^TLS_KEY must .* without a passphrase\.$/);
    files['chain'] = `${pem('cert')}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`;
    expect(() => started('chain', 'key')).toThrow(/^TLS_CERT and TLS_KEY must/);
  });

  test('[SV7] whatever is set, it is a configuration or one sentence that names a variable', () => {
    const names = fc.constantFrom(
      ...['PORT', 'ICE_SERVERS', 'TURN_URLS', 'TURN_SECRET', 'TURN_TTL', 'REDIS_URL', 'ALLOWED_ORIGINS'],
      ...[
        'TRUSTED_PROXIES',
        'RATE_LIMIT',
        'DIRECTORY',
        'METRICS',
        'LIST_PEERS',
        'LOG_LEVEL',
        'TLS_CERT',
        'PUBLIC_URL',
      ],
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
