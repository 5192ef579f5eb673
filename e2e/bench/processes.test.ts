import { describe, expect, test } from 'vitest';
import { kindOf } from './processes.ts';
import { byProcess, ProcessorUse, totalOf } from './processor-use.ts';

describe('processes of a browser', () => {
  test('are told apart by their command lines', () => {
    const lines: [string, string][] = [
      ['chromium --user-data-dir=/profile', 'browser'],
      ['chromium --type=renderer --user-data-dir=/profile', 'renderer'],
      ['chromium --type=gpu-process', 'gpu'],
      ['chromium --type=utility --utility-sub-type=network.mojom.NetworkService', 'network'],
      ['chromium --type=utility --utility-sub-type=storage.mojom.StorageService', 'storage'],
      ['chromium --type=zygote', 'other'],
      ['crashpad_handler', 'other'],
    ];
    for (const [line, kind] of lines) expect(kindOf(line), line).toBe(kind);
  });

  test('of a use the whole processes count, and their threads are parts of that', () => {
    const use = { renderer: 30, 'renderer: main thread': 20, 'renderer: threads that ended': 10, network: 5 };
    expect(byProcess(use)).toEqual({ renderer: 30, network: 5 });
    expect(totalOf(use)).toBe(35);
  });

  test.skipIf(process.platform !== 'linux')('a browser that is not there uses nothing', () => {
    expect(new ProcessorUse('no command line has this in it').sofar()).toEqual({});
  });
});
