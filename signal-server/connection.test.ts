import { describe, expect, test } from 'vitest';
import { seededRandom } from '../shared/random.ts';
import { noBus } from './bus.ts';
import { Connection, MAX_BUFFERED_BYTES } from './connection.ts';
import type { Limits } from './limits.ts';
import { MemoryRegistry } from './memory-registry.ts';
import type { Metrics } from './metrics.ts';
import { announce, one, swarmA, swarmB, two } from './testing/client.ts';
import { Tracker } from './tracker.ts';

/** Sockets whose other end is the test, on one tracker; time passes when the test says so. */
function house(limits: Limits | null = null) {
  const registry = new MemoryRegistry('instance', seededRandom(1), () => 0);
  const tracker = new Tracker({ registry, bus: noBus, directory: null });
  const rejections: string[] = [];
  const failures: unknown[] = [];
  const metrics: Metrics = {
    now: () => 0,
    begin: () => null,
    end: () => undefined,
    rejected: (why) => void rejections.push(why),
    failed: (failure) => void failures.push(failure),
    text: () => Promise.resolve(''),
    contentType: '',
  };
  const timers = new Set<{ task: () => void }>();
  const later = (task: () => void) => {
    const timer = { task };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const ring = () => {
    for (const timer of [...timers]) {
      timers.delete(timer);
      timer.task();
    }
  };
  let serial = 0;
  const socket = () => {
    const sent: { type: string; code?: string }[] = [];
    const calls: string[] = [];
    const wire = {
      bufferedAmount: 0,
      send: (text: string) => void sent.push(JSON.parse(text) as { type: string }),
      flush: () => undefined,
      ping: () => void calls.push('ping'),
      pause: () => void calls.push('pause'),
      resume: () => void calls.push('resume'),
      close: (code: number) => void calls.push(`close ${code}`),
      terminate: () => void calls.push('terminate'),
    };
    const connection = new Connection(++serial, 'address', wire, { tracker, limits, metrics, later });
    const say = (message: unknown) => connection.received(Buffer.from(JSON.stringify(message)), false);
    return { connection, wire, sent, calls, say };
  };
  return { registry, rejections, failures, ring, socket };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('connection', () => {
  test('[TR4] a peer id is taken over from a socket that does not answer a ping', async () => {
    const { socket, ring } = house();
    const [dead, witness, heir] = [socket(), socket(), socket()];
    dead.say(announce(one));
    witness.say(announce(two));
    heir.say(announce(one));
    heir.say({ type: 'signal', swarm: swarmA, from: one, to: two, payload: 'after' });
    expect(dead.calls).toEqual(['ping']);
    await settled();
    expect(heir.sent).toEqual([]);
    ring();
    await settled();
    expect(dead.calls).toEqual(['ping', 'terminate']);
    expect(heir.sent[0]).toMatchObject({ type: 'peers', incomplete: 2 });
    expect(witness.sent.map(({ type }) => type)).toEqual(['peers', 'left', 'joined', 'signal']);
  });

  test('[TR4] a pong in time keeps the peer id where it is', async () => {
    const { socket, ring } = house();
    const [holder, other] = [socket(), socket()];
    holder.say(announce(one));
    other.say(announce(one, { swarm: swarmB }));
    holder.connection.ponged();
    await settled();
    ring();
    expect(other.sent).toMatchObject([{ type: 'error', code: 'in-use' }]);
    expect(holder.calls).toEqual(['ping']);
  });

  test('[TR4] the socket that waits for the id may close meanwhile', async () => {
    const { socket, ring, registry } = house();
    const [dead, gone] = [socket(), socket()];
    dead.say(announce(one));
    gone.say(announce(one));
    gone.connection.ended();
    ring();
    await settled();
    expect(gone.sent).toEqual([]);
    expect(registry.totals().members).toBe(1);
  });

  test('[SV4] a reader that is too slow is cut off before it costs memory', () => {
    const { socket, rejections, registry } = house();
    const [slow, other] = [socket(), socket()];
    slow.say(announce(one));
    slow.wire.bufferedAmount = MAX_BUFFERED_BYTES + 1;
    other.say(announce(two));
    expect(slow.calls).toEqual(['terminate']);
    expect(rejections).toEqual(['slow-reader']);
    expect(registry.totals().members).toBe(1);
    expect(other.sent.map(({ type }) => type)).toEqual(['peers', 'left']);
  });

  test('[SV4] who answers no ping is cut off at the next one', () => {
    const { socket } = house();
    const { connection, calls } = socket();
    connection.pingDue();
    connection.ponged();
    connection.pingDue();
    expect(calls).toEqual(['ping', 'ping']);
    connection.pingDue();
    expect(calls).toEqual(['ping', 'ping', 'terminate']);
  });

  test('[SV4] while a message waits the socket is not read without end, and the order is kept', async () => {
    const { socket, ring } = house();
    const [dead, busy] = [socket(), socket()];
    dead.say(announce(one));
    busy.say(announce(one));
    for (let serial = 0; serial < 40; serial++) busy.say({ type: 'scrape', swarms: [] });
    expect(busy.calls).toEqual(['pause']);
    ring();
    while (busy.sent.length < 41) await settled();
    expect(busy.calls).toEqual(['pause', 'resume']);
    expect(busy.sent.map(({ type }) => type)).toEqual(['peers', ...Array<string>(40).fill('scrape')]);
    busy.say(announce(two));
    await settled();
    expect(busy.sent.at(-2)).toMatchObject({ type: 'peers' });
  });

  test('[SV4] a bug in one message costs that message', async () => {
    const { socket, failures, registry } = house();
    const { say, sent } = socket();
    registry.scrape = () => {
      throw new Error('a bug');
    };
    say({ type: 'scrape', swarms: [swarmA] });
    await settled();
    registry.announce = () => {
      throw new Error('another');
    };
    say(announce(one));
    expect(sent).toMatchObject([{ code: 'unavailable' }, { code: 'unavailable' }]);
    expect(failures).toHaveLength(2);
  });

  test('[SV5] a flooding socket hears why, then is closed with 1008 and cut', async () => {
    const never: Limits = {
      connect: () => Promise.resolve(true),
      disconnect: () => undefined,
      admit: () => Promise.resolve('socket' as const),
      request: () => Promise.resolve(true),
    };
    const { socket, ring } = house(never);
    const { say, sent, calls } = socket();
    say(announce(one));
    await settled();
    expect(sent).toMatchObject([{ code: 'rate-limited' }]);
    for (let serial = 0; serial < 600; serial++) {
      say(announce(one));
      if (serial % 20 === 0) await settled();
    }
    await settled();
    expect(sent).toHaveLength(501);
    expect(calls.filter((call) => call.startsWith('close'))).toEqual(['close 1008']);
    ring();
    expect(calls.at(-1)).toBe('terminate');
  });
});
