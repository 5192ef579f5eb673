import { describe, expect, test } from 'vitest';
import { Ended } from './exit.ts';
import { countOf, listenOf, pieceBytesOf, rateOf, serverUrlOf, timeOf } from './quantities.ts';

function refuses(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof Ended && error.exit === 2) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe('[HL2] quantities', () => {
  test.each<[string, number]>([
    ['500k', 500_000],
    ['500KB', 500_000],
    ['2MB/s', 2_000_000],
    ['1.5 MB', 1_500_000],
    ['64KiB', 65_536],
    ['1', 1],
  ])('[HL2] a rate of %s', (text, bytes) => {
    expect(rateOf('limit-up', text)).toBe(bytes);
  });

  test.each(['0', '-1', '', 'fast', '1e9', '99999999999999999999', '10TB', '٣k', '1k\n2k'])(
    '[HL2] %j is no rate',
    (text) => {
      expect(refuses(() => rateOf('limit-up', text))).toMatch(/^--limit-up takes bytes a second/);
    },
  );

  test.each<[string, number]>([
    ['30s', 30_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['3d', 259_200_000],
    ['45', 45_000],
    ['0', 0],
    ['forever', Infinity],
  ])('[HL2] a time of %s', (text, ms) => {
    expect(timeOf('seed-for', text)).toBe(ms);
  });

  test.each(['-5s', 's', 'soon', '999999999d', '1h30m', ''])('[HL2] %j is no time', (text) => {
    expect(refuses(() => timeOf('seed-for', text))).toMatch(/^--seed-for takes a time/);
  });

  test('[HL2] counts begin at one', () => {
    expect(countOf('until', '3')).toBe(3);
    expect(countOf('until', null)).toBeNull();
    for (const text of ['0', '-1', '1.5', '', '9999999999', 'one']) {
      expect(refuses(() => countOf('until', text))).toMatch(/^--until takes a whole number from 1 on/);
    }
  });

  test('[HL2] pieces have a size that a share can have', () => {
    expect(pieceBytesOf('256KiB')).toBe(262_144);
    expect(pieceBytesOf('auto')).toBeNull();
    for (const text of ['1', '16383', '65MiB', '1GB', 'big']) refuses(() => pieceBytesOf(text));
  });

  test('[HL16] an address to listen on is this machine’s unless another is given', () => {
    expect(listenOf('health', '9100')).toEqual({ host: '127.0.0.1', port: 9100 });
    expect(listenOf('health', '0.0.0.0:9100')).toEqual({ host: '0.0.0.0', port: 9100 });
    expect(listenOf('health', '[::]:9100')).toEqual({ host: '::', port: 9100 });
    for (const text of ['70000', 'x', ':', '1:2:3', '-1', '::9100']) refuses(() => listenOf('health', text));
  });

  test.each<[string, string]>([
    ['https://share.example.org', 'https://share.example.org/'],
    ['https://share.example.org/drop#x', 'https://share.example.org/drop/'],
    ['http://localhost:8000/?a=b', 'http://localhost:8000/'],
    ['localhost:8000', 'http://localhost:8000/'],
    ['share.example.org/drop/', 'https://share.example.org/drop/'],
  ])('[HL1] the server %s', (text, url) => {
    expect(serverUrlOf(text, '--server')).toBe(url);
  });

  test.each(['ftp://a', 'http://', 'http://a:b@c/', 'javascript:alert(1)', 'not a url', ''])(
    '[HL1] %j is no server',
    (text) => {
      expect(refuses(() => serverUrlOf(text, 'SHOAL_SERVER'))).toMatch(/^SHOAL_SERVER takes/);
    },
  );
});
