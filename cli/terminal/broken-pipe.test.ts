/** Readers that go away, and faults that are none of theirs. */
import { Writable } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { endsOnBrokenPipe } from './broken-pipe.ts';

test.each(['EPIPE', 'EIO'])(
  '[HL6] a pipe without a reader and a terminal that was closed end it: %s',
  (code) => {
    const [output, gone] = [new Writable(), vi.fn()];
    endsOnBrokenPipe([output], gone);
    output.emit('error', Object.assign(new Error('write'), { code }));
    expect(gone).toHaveBeenCalledOnce();
  },
);

test('[HL6] what else goes wrong with an output is not passed over', () => {
  const [output, gone] = [new Writable(), vi.fn()];
  endsOnBrokenPipe([output], gone);
  const fault = Object.assign(new Error('write'), { code: 'ENOSPC' });
  expect(() => output.emit('error', fault)).toThrow('write');
  expect(gone).not.toHaveBeenCalled();
});
