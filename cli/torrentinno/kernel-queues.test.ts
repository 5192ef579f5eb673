/** The kernel's tables of connections: found, read, and looked at no more often than needed. */
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/peer/testing/fake-clock.ts';
import { addressInTable, KernelQueues } from './kernel-queues.ts';
import type { QueueListener } from './kernel-queues.ts';

/** As Linux prints it. */
const TABLE = [
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
  '  53: 0100007F:A484 0100007F:9469 01 00000000:0001F400 00:00000000 00000000     0        0 1624887 2 00000000afba9921 21 8 0 10 -1',
  '  67: 0100007F:9469 0100007F:A484 01 001C0C00:00000000 04:00000010 00000000     0        0 1624888 2 00000000692517e6 31 0 0 15 -1',
  '',
].join('\n');
const ENDS = { localAddress: '127.0.0.1', localPort: 0x9469, remoteAddress: '127.0.0.1', remotePort: 0xa484 };

function listener(): QueueListener & {
  looks: number[][];
  unknowns: number;
  isWaiting: boolean;
  isMoving: boolean;
} {
  const one = {
    isWaiting: true,
    isMoving: true,
    looks: [] as number[][],
    unknowns: 0,
    looked: (...figures: number[]) => void one.looks.push(figures),
    unknown: () => void (one.unknowns += 1),
  };
  return one;
}

describe('[HL59] what the kernel says', () => {
  test.each([
    ['127.0.0.1', '0100007F'],
    ['192.168.1.20', '1401A8C0'],
    ['::1', '00000000000000000000000001000000'],
    ['::ffff:127.0.0.1', '0000000000000000FFFF00000100007F'],
    ['fe80::1:2%eth0', '000080FE000000000000000002000100'],
    ['2001:db8::8:800:200c:417a', 'B80D012000000000000808007A410C20'],
  ])('of %s stands in the table as %s', (address, digits) => {
    expect(addressInTable(address)).toBe(digits);
  });

  test('is told of the socket with these two ends: bytes that are not acknowledged, and the round trip', async () => {
    const clock = new FakeClock();
    const queues = new KernelQueues(clock, () => TABLE);
    const one = listener();
    queues.watch(ENDS, one);
    queues.wake();
    await clock.advance(10);
    expect(one.looks).toEqual([[0x1c0c00, 110, 20]]);
  });

  test('is asked again while somebody waits, slowly where nothing moves, and not at all when nobody does', async () => {
    const clock = new FakeClock();
    let reads = 0;
    const queues = new KernelQueues(clock, () => {
      reads += 1;
      return TABLE;
    });
    const one = listener();
    const end = queues.watch(ENDS, one);
    await clock.advance(1_000);
    expect(reads).toBe(0);
    queues.wake();
    await clock.advance(1_000);
    expect(reads).toBeGreaterThan(45);
    one.isMoving = false;
    await clock.advance(1_000);
    reads = 0;
    await clock.advance(5_000);
    expect(reads).toBe(10);
    one.isWaiting = false;
    await clock.advance(1_000);
    reads = 0;
    queues.wake();
    await clock.advance(1_000);
    expect(reads).toBe(0);
    one.isWaiting = true;
    end();
    queues.wake();
    await clock.advance(1_000);
    expect(reads).toBe(0);
  });

  test('takes a small part of the time: who asks often waits longer where a look costs much', async () => {
    const clock = new FakeClock();
    let reads = 0;
    const queues = new KernelQueues(clock, () => {
      reads += 1;
      clock.sleep(4);
      return TABLE;
    });
    queues.watch(ENDS, listener());
    queues.wake();
    for (let ms = 0; ms < 6_400; ms += 10) {
      queues.wake();
      await clock.advance(10);
    }
    expect(reads * 4).toBeLessThan(6_400 / 10);
  });

  test('is not nothing because a line was missed once', async () => {
    const clock = new FakeClock();
    let reads = 0;
    const queues = new KernelQueues(clock, () => (++reads % 3 === 0 ? TABLE : 'nothing\n'));
    const one = listener();
    queues.watch(ENDS, one);
    queues.wake();
    await clock.advance(1_000);
    expect([one.unknowns, one.looks.length > 10]).toEqual([0, true]);
  });

  test.each([
    ['there is no such table', null],
    ['it is not in it', 'nothing\n'],
    ['it has another form', TABLE.replace('001C0C00:00000000', 'other')],
  ])('is nothing where %s, and that is said', async (_, table) => {
    const clock = new FakeClock();
    const queues = new KernelQueues(clock, () => table);
    const [one, other] = [listener(), listener()];
    queues.watch(ENDS, one);
    queues.watch({}, other);
    expect(other.unknowns).toBe(1);
    queues.wake();
    await clock.until(() => one.unknowns > 0, 'it is said', 100);
    expect(one.looks).toEqual([]);
  });
});
