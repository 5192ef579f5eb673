import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkVectors } from './conformance-checks.ts';

type Row = Record<string, unknown>;

function read(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../shared/vectors/${file}`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >;
}

const vectors = read('torrentinno.json');
const KEYS = ['handshake', 'request', 'piece', 'bitfield', 'info_hash', 'peer_order'];

function rows(key: string): Row[] {
  return vectors[key] as Row[];
}

/** Any other value of the same kind. */
function altered(value: unknown): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value === 0 ? 1 : value - 1;
  if (typeof value !== 'string') return undefined;
  if (value === '') return '00';
  const last = value.at(-1) === '0' ? '1' : '0';
  return value.slice(0, -1) + last;
}

describe('conformance', () => {
  test('[WF1] TorrentInno’s vectors pass, every row of every key', () => {
    const dates = (vectors.creation_date as { rows: Row[] }).rows;
    const count = KEYS.reduce((sum, key) => sum + rows(key).length, dates.length);
    expect(checkVectors(vectors)).toEqual({ passed: count, failures: [] });
  });

  test('[MF5] creation dates may be a list without a wrapper', () => {
    const measured = read('creation-date.json');
    expect(checkVectors(measured)).toEqual({
      passed: (measured.creation_date as Row[]).length,
      failures: [],
    });
  });

  const fields = KEYS.flatMap((key) =>
    Object.keys(rows(key)[0]!)
      .filter((field) => !['name', 'note', 'set', 'resource_json', 'pieces', 'a', 'b'].includes(field))
      .map((field) => [key, field] as const),
  );
  test.each(fields)('[WF1] %s rows fail when %s is another', (key, field) => {
    const [row] = rows(key);
    const { passed, failures } = checkVectors({ [key]: [{ ...row, [field]: altered(row![field]) }] });
    expect({ passed, count: failures.length }).toEqual({ passed: 0, count: 1 });
    expect(failures[0]).toContain(`${key}[0]`);
  });

  test('[HS3] a peer order row fails when its ids change places, or are none', () => {
    const [row] = rows('peer_order');
    for (const change of [{ a: row!.b, b: row!.a }, { b: row!.a }, { a: 'x' }]) {
      expect(checkVectors({ peer_order: [{ ...row, ...change }] }).failures).toHaveLength(1);
    }
  });

  test('[BF1] a bitfield row fails when its set or its number of pieces is another', () => {
    const [row] = rows('bitfield');
    for (const change of [
      { set: [0, 3] },
      { set: [0, 3, 8] },
      { set: [0, 3, 12] },
      { pieces: 17 },
      { pieces: 9 },
      { pieces: -1 },
    ]) {
      expect(checkVectors({ bitfield: [{ ...row, ...change }] }).failures).toHaveLength(1);
    }
  });

  test('[MF4] an info-hash row fails when its resource is another', () => {
    const [row] = rows('info_hash');
    const resource = row!.resource_json as Row;
    for (const change of [
      { name: 'x' },
      { trackerPort: 1 },
      { creationDate: 'no date' },
      { pieces: [] },
      { pieces: [{ size: 1 }] },
      { comment: 5 },
    ]) {
      expect(
        checkVectors({ info_hash: [{ ...row, resource_json: { ...resource, ...change } }] }).failures,
      ).toHaveLength(1);
    }
  });

  test('[MF5] a date row fails when it is another, and may expect a refusal', () => {
    const check = (row: Row) => checkVectors({ creation_date: { rows: [row] } });
    expect(check({ in: '2025-04-26', out: '2025-04-26' }).failures).toHaveLength(1);
    expect(check({ in: '2025-04-26', out: null }).failures).toHaveLength(1);
    expect(check({ in: '2025-04-31', out: null })).toEqual({ passed: 1, failures: [] });
  });

  test('[WF1] other keys, and rows that lack what their check needs, are passed over', () => {
    const lacking = Object.fromEntries(KEYS.map((key) => [key, [{}, { note: 'nothing' }, 5, null]]));
    const nothing = { passed: 0, failures: [] };
    expect(
      checkVectors({ ...lacking, creation_date: [{ in: '2025-04-26' }], tracker: [{}], about: {} }),
    ).toEqual(nothing);
    expect(checkVectors({ request: 5, piece: {}, bitfield: null })).toEqual(nothing);
    for (const odd of [null, [], 'x', 5]) expect(checkVectors(odd)).toEqual(nothing);
  });
});
