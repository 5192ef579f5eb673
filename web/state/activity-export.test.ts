import { describe, expect, it } from 'vitest';
import { entryOf, pieceOf, TODAY } from './activity.fixture.ts';
import { activityCsv, activityJson, csvField, exportName } from './activity-export.ts';
import { idOf } from './transfer.fixture.ts';

const record = {
  history: [
    entryOf({ name: '=cmd|"/C calc"!A0, x', end: { kind: 'failed', why: 'store' } }),
    entryOf({ id: 2, role: 'sharing', name: '', bytesPerSecond: null, movedMs: 0 }),
  ],
  transfers: [pieceOf(), pieceOf({ id: 2, direction: 'up', isRight: false })],
  totals: { down: 10, up: 20, days: [{ day: Date.UTC(2026, 10, 26), down: 1, up: 2 }] },
};
const [A] = [idOf('a')];

describe('[UI22] the export for spreadsheets', () => {
  it('[UI22] is one table in UTF-8 with a mark, by RFC 4180', () => {
    const text = activityCsv(record);
    expect(text.startsWith('\ufeffRecord,Time,Begun,Name,Share,')).toBe(true);
    expect(text.endsWith('\r\n')).toBe(true);
    const [, ...lines] = text.slice(1, -2).split('\r\n');
    expect(lines).toEqual([
      `history,2026-11-27T12:00:00.000Z,2026-11-27T11:59:00.000Z,"'=cmd|""/C calc""!A0, x",${A},download,failed,the browser could not store what came,,,3000000,3000000,0,30,100000`,
      `history,2026-11-27T12:00:00.000Z,2026-11-27T11:59:00.000Z,A share without a name,${A},share,shared,,,,3000000,3000000,0,0,`,
      `transfer,2026-11-27T12:00:00.000Z,,film.mkv,${A},down,right,,ab12cd34,0,,262144,,,`,
      `transfer,2026-11-27T12:00:00.000Z,,film.mkv,${A},up,damaged,,ab12cd34,0,,,262144,,`,
      'day,2026-11-26,,,,,,,,,,1,2,,',
      'total,,,,,,,,,,,10,20,,',
    ]);
  });

  it.each([
    ['plain', 'plain'],
    ['=1+1', "'=1+1"],
    ['+49 30', "'+49 30"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
  ])('[UI22] nothing in it is a formula: %j', (field, written) => {
    expect(csvField(field)).toBe(written);
  });

  it('[UI22] numbers are numbers', () => {
    expect(csvField(-5)).toBe('-5');
  });
});

describe('[UI22] the export for programs', () => {
  it('[UI22] is one object with all that is kept, names as they are', () => {
    expect(JSON.parse(activityJson(record, TODAY))).toEqual({
      exported: '2026-11-27T12:00:00.000Z',
      totals: {
        ...{ downloadedBytes: 10, uploadedBytes: 20 },
        days: [{ day: '2026-11-26', downloadedBytes: 1, uploadedBytes: 2 }],
      },
      history: [
        {
          ...{ name: '=cmd|"/C calc"!A0, x', share: A, type: 'download', result: 'failed' },
          reason: 'the browser could not store what came',
          ...{ begun: '2026-11-27T11:59:00.000Z', ended: '2026-11-27T12:00:00.000Z', sizeBytes: 3_000_000 },
          ...{ downloadedBytes: 3_000_000, uploadedBytes: 0, durationSeconds: 30, bytesPerSecond: 100_000 },
        },
        expect.objectContaining({ name: '', type: 'share', reason: null, bytesPerSecond: null }),
      ],
      transferLog: [
        {
          ...{ time: '2026-11-27T12:00:00.000Z', direction: 'down', peer: 'ab12cd34', share: A },
          ...{ name: 'film.mkv', piece: 0, bytes: 262_144, damaged: false },
        },
        expect.objectContaining({ direction: 'up', damaged: true }),
      ],
    });
  });

  it('[UI22] is called by its day; a date that is none is left out', () => {
    expect(exportName(TODAY, 'csv')).toBe('shoal-activity-2026-11-27.csv');
    const wrong = { ...record, history: [entryOf({ begunAt: 1e20 })] };
    expect(JSON.parse(activityJson(wrong, TODAY)).history[0].begun).toBe('');
  });
});
