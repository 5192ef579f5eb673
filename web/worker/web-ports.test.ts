/** What this worker may do with servers on the web, by what our own server and the browser say. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isMetered, nowAndThen, WebPorts } from './web-ports.ts';

let asked: string[];
let says: boolean | null;
let connection: { saveData?: boolean; type?: string } | undefined;
let known: number;

beforeEach(() => {
  [asked, says, connection, known] = [[], true, undefined, 0];
  vi.stubGlobal('self', { location: { origin: 'https://share.example' } });
  vi.stubGlobal('navigator', {
    get connection() {
      return connection;
    },
  });
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    if (says === null) throw new TypeError('Failed to fetch');
    return Response.json({ iceServers: [], urlSources: says });
  });
});
afterEach(() => vi.unstubAllGlobals());

const made = (): WebPorts => new WebPorts('/drop/', () => (known += 1));

describe('[WS40] web addresses', () => {
  test.each([
    [true, true],
    [false, false],
    [null, true],
  ])('where our server says %s they may be asked: %s', async (said, may) => {
    says = said;
    expect(await made().mayAsk()).toBe(may);
    expect(asked).toEqual(['https://share.example/drop/config']);
  });

  test('nothing is asked where the operator does not allow it, and never by http', async () => {
    const { ports } = made();
    expect(await ports.urlProbe?.probe('http://files.example/a')).toMatchObject({ why: 'mixed-content' });
    says = false;
    expect(await made().ports.urlProbe?.probe('https://files.example/a')).toMatchObject({
      why: 'not-from-here',
    });
    expect(asked.every((url) => url.startsWith('https://share.example/'))).toBe(true);
  });
});

describe('[WS35] lending', () => {
  test('is not before our server has said that it may be, and is then told', async () => {
    const { ports } = made();
    expect(asked).toEqual([]);
    expect(ports.mayLend?.()).toBe(false);
    await vi.waitUntil(() => known === 1);
    expect(ports.mayLend?.()).toBe(true);
    connection = { saveData: true };
    expect(ports.mayLend?.()).toBe(false);
    expect(asked).toHaveLength(1);
  });

  test('is not where the server does not allow it', async () => {
    says = false;
    const { ports } = made();
    ports.mayLend?.();
    await vi.waitUntil(() => known === 1);
    expect(ports.mayLend?.()).toBe(false);
  });

  test.each([
    [undefined, false],
    [{}, false],
    [{ type: 'wifi' }, false],
    [{ type: 'cellular' }, true],
    [{ saveData: true }, true],
  ])('a network of which the browser says %j is metered: %s', (said, metered) => {
    connection = said;
    expect(isMetered()).toBe(metered);
  });
});

test('[WS25] a stream is told of now and then', () => {
  let now = 0;
  const told: number[] = [];
  const tell = nowAndThen(
    ({ receivedBytes }) => told.push(receivedBytes),
    () => now,
  );
  for (; now <= 1_000; now += 50) tell({ receivedBytes: now, totalBytes: null });
  expect(told).toEqual([0, 200, 400, 600, 800, 1_000]);
});
