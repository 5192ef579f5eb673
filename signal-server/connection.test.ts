import { describe, expect, test } from 'vitest';
import { seededRandom } from '../shared/random.ts';
import { noBus } from './bus.ts';
import { Connection, MAX_BUFFERED_BYTES, MAX_FRAMES_AT_ONCE } from './connection.ts';
import { HeldBytes } from './held-bytes.ts';
import type { Limits } from './limits.ts';
import { MemoryRegistry } from './memory-registry.ts';
import type { Metrics } from './metrics.ts';
import { announce, one, swarmA, swarmB, two } from './testing/client.ts';
import { Told, settled } from './testing/fakes.ts';
import { Tracker } from './tracker.ts';
import type { Work } from './work.ts';

/** Admits everybody, unless it is told otherwise. */
function limitsThat(change: Partial<Limits>): Limits {
  return {
    connect: () => Promise.resolve(true),
    disconnect: () => undefined,
    admit: () => Promise.resolve('admitted' as const),
    request: () => Promise.resolve(true),
    work: () => Promise.resolve(true),
    ...change,
  };
}

/** Sockets whose other end is the test, on one tracker; time passes when the test says so. */
function house(
  limits: Limits | null = null,
  held: HeldBytes | null = null,
  work: Work = { pay: () => Promise.resolve(true) },
) {
  const registry = new MemoryRegistry('instance', seededRandom(1), () => 0);
  const tracker = new Tracker({ registry, bus: noBus, directory: null });
  const rejections: string[] = [];
  const failures: unknown[] = [];
  const time = { now: 0 };
  const metrics: Metrics = {
    now: () => time.now,
    begin: () => null,
    end: () => undefined,
    rejected: (why) => void rejections.push(why),
    failed: (failure) => void failures.push(failure),
    text: () => Promise.resolve(''),
    contentType: '',
  };
  const awaited: (() => void)[] = [];
  const turns = {
    free: true,
    isFree: () => turns.free,
    charged: 0,
    charge: (_address: string, frames: number) => void (turns.charged += frames),
    of: () => new Promise<void>((begin) => awaited.push(begin)),
    begin: () => {
      for (const begin of awaited.splice(0)) begin();
    },
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
    const sent: { type: string; code?: string; about?: unknown }[] = [];
    const calls: string[] = [];
    const wire = {
      bufferedAmount: 0,
      unreadBytes: 0,
      send: (text: string) => void sent.push(JSON.parse(text) as { type: string }),
      flush: () => undefined,
      ping: () => void calls.push('ping'),
      pause: () => void calls.push('pause'),
      resume: () => void calls.push('resume'),
      close: (code: number) => void calls.push(`close ${code}`),
      terminate: () => void calls.push('terminate'),
    };
    const parts = { tracker, limits, work, turns, metrics, held, later };
    const connection = new Connection(++serial, 'address', wire, parts);
    const say = (message: unknown) => connection.received(Buffer.from(JSON.stringify(message)), false);
    return { connection, wire, sent, calls, say };
  };
  return { registry, rejections, failures, ring, socket, time, turns };
}

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

  test('[TR3] an announce that repeats the last one counts anew, and one that differs is not taken for it', () => {
    const { socket } = house();
    const { say, sent } = socket();
    const asked = [announce(one), announce(one), announce(one, { left: 0 }), announce(one)];
    for (const message of asked) say(message);
    expect(sent).toMatchObject([
      { complete: 0, incomplete: 1 },
      { complete: 0, incomplete: 1 },
      { complete: 1, incomplete: 0 },
      { complete: 0, incomplete: 1 },
    ]);
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
    expect(sent.at(-1)).toMatchObject({ about: { type: 'announce', swarm: swarmA, peerId: one } });
    expect(failures).toHaveLength(2);
  });

  test('[SV5] a flooding socket hears why, then is closed with 1008 and cut', async () => {
    const { socket, ring } = house(limitsThat({ admit: () => Promise.resolve('socket') }));
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

  test('[SV5] who is refused now and then is not flooding, nor is who shares an address with many', async () => {
    const answers = { admission: 'socket' as 'socket' | 'address' };
    const { socket, time } = house(limitsThat({ admit: () => Promise.resolve(answers.admission) }));
    const { connection, say, calls } = socket();
    const refusedTimes = async (times: number) => {
      for (let serial = 0; serial < times; serial++) {
        say(announce(one));
        await settled();
      }
    };
    await refusedTimes(500);
    time.now += 30_001;
    await refusedTimes(500);
    answers.admission = 'address';
    await refusedTimes(600);
    expect([connection.closed, calls.filter((call) => call.startsWith('close'))]).toEqual([false, []]);
    answers.admission = 'socket';
    await refusedTimes(1);
    expect(calls).toContain('close 1008');
  });

  test('[SV5] every frame costs its bytes and then its kind, and one that is refused is not read', async () => {
    const asked: unknown[] = [];
    let admits = true;
    const { socket } = house(
      limitsThat({
        admit: async (serial, address, kind, points) => {
          asked.push([serial, address, kind, points]);
          return admits ? 'admitted' : 'socket';
        },
      }),
    );
    const { connection, sent, say } = socket();
    const nonsense = Buffer.from('nonsense');
    say(announce(one));
    say({ type: 'signal', swarm: swarmA, from: one, to: two, payload: 'x' });
    say({ type: 'search', query: '' });
    connection.received(nonsense, false);
    connection.received(nonsense, true);
    while (sent.length < 5) await settled();
    expect(asked.filter((_, at) => at % 2 === 1)).toEqual(
      ['announces', 'signals', 'others', 'others', 'others'].map((kind) => [1, 'address', kind, 1]),
    );
    expect(asked[6]).toEqual([1, 'address', 'bytes', nonsense.length]);
    await connection.pinged();
    expect(asked.at(-1)).toEqual([1, 'address', 'others', 1]);
    admits = false;
    connection.received(nonsense, false);
    await settled();
    expect(sent.at(-1)).toMatchObject({ code: 'rate-limited' });
  });

  test('[TR9] [SV4] a frame that is binary or too long is answered, and the next one is read', () => {
    const { socket, rejections } = house();
    const { connection, say, sent } = socket();
    connection.received(Buffer.from('{}'), true);
    connection.received(Buffer.alloc(131_073, ' '), false);
    connection.received(Buffer.alloc(131_072, ' '), false);
    say(announce(one));
    expect(sent).toMatchObject([
      { code: 'binary' },
      { code: 'too-large' },
      { code: 'bad-json' },
      { type: 'peers' },
    ]);
    expect(rejections).toEqual(['binary', 'too-large', 'bad-json']);
  });

  test('[SV4] what waits on a socket that closes is never handled, and nothing is sent to it', async () => {
    const { socket, ring, registry } = house();
    const [dead, busy] = [socket(), socket()];
    dead.say(announce(one));
    busy.say(announce(one));
    busy.say(announce(two));
    busy.connection.ended();
    ring();
    await settled();
    busy.say(announce(two));
    busy.connection.send('{"type":"late"}');
    expect([busy.sent, registry.totals().members]).toEqual([[], 1]);
  });

  test('[SV4] a member leaves once, however often its socket is cut', () => {
    const { socket } = house();
    const [going, witness] = [socket(), socket()];
    going.say(announce(one));
    witness.say(announce(two));
    for (let times = 0; times < 3; times++) going.connection.cut();
    expect(witness.sent.map(({ type }) => type)).toEqual(['peers', 'left']);
  });

  test('[TR4] one pong answers everybody who asked, and a closed socket answers nobody', async () => {
    const { socket, ring } = house();
    const { connection, calls } = socket();
    const asked = [connection.answersPing(5_000), connection.answersPing(5_000)];
    connection.ponged();
    expect(await Promise.all(asked)).toEqual([true, true]);
    ring(); // nothing is left to ring
    const unanswered = connection.answersPing(5_000);
    connection.ended();
    ring();
    expect(await unanswered).toBe(false);
    expect(await connection.answersPing(5_000)).toBe(false);
    expect(calls).toEqual(['ping', 'ping', 'ping']);
  });

  test('[SV11] a restart is said, then the socket is closed with 1012, and cut if it does not close', () => {
    const { socket, ring } = house();
    const [open, closed] = [socket(), socket()];
    closed.connection.ended();
    for (const { connection } of [open, closed]) connection.restart();
    expect(open.sent).toMatchObject([{ type: 'error', code: 'restarting' }]);
    // A paused socket would never read the other end's answer.
    expect(open.calls).toEqual(['resume', 'close 1012']);
    ring();
    expect(open.calls).toEqual(['resume', 'close 1012', 'terminate']);
    expect([closed.sent, closed.calls]).toEqual([[], []]);
  });

  const frame = (length: number, fin: boolean) => {
    const header = Buffer.from([fin ? 0x81 : 0x01, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt32BE(length, 6);
    return Buffer.concat([header, Buffer.alloc(length)]);
  };

  test('[SV4] bytes are counted as they come: an unfinished message has a bound, with the chunks it came in', () => {
    const { socket, rejections } = house();
    const { connection, calls } = socket();
    connection.came(frame(131_072, false));
    connection.came(Buffer.concat([frame(0, false), frame(131_072, false)]));
    expect(calls).toEqual([]);
    connection.came(frame(262_144, false));
    expect([calls, rejections]).toEqual([['terminate'], ['unfinished']]);
    expect(connection.heldBytes).toBe(0);
  });

  test('[SV4] a message that is not finished from one ping to the next is cut off, whatever else is said', () => {
    const { socket, rejections } = house();
    const [dripping, talking] = [socket(), socket()];
    for (const { connection } of [dripping, talking]) connection.came(frame(1_000, true).subarray(0, 20));
    for (const { connection } of [dripping, talking]) connection.pingDue();
    dripping.connection.came(Buffer.alloc(5));
    dripping.connection.ponged();
    talking.connection.came(Buffer.alloc(990));
    talking.connection.came(Buffer.concat([frame(1_000, true), frame(1_000, true)]).subarray(0, 1_100));
    talking.connection.ponged();
    for (const { connection } of [dripping, talking]) connection.pingDue();
    expect([dripping.calls, talking.calls]).toEqual([
      ['ping', 'terminate'],
      ['ping', 'ping'],
    ]);
    expect(rejections).toEqual(['unfinished']);
  });

  test('[SV5] bytes of which no message comes are counted all the same', async () => {
    const asked: [string, number][] = [];
    const admit: Limits['admit'] = async (_socket, _address, kind, points) => {
      asked.push([kind, points]);
      return 'admitted' as const;
    };
    const { socket } = house(limitsThat({ admit }));
    const { connection, say } = socket();
    const pings = Buffer.alloc(60_000, 0x89); // as they are on the wire
    for (let at = 0; at < pings.length;) at += connection.came(pings.subarray(at));
    say(announce(one));
    await settled();
    connection.came(frame(131_072, false));
    await settled();
    expect(asked).toEqual([
      ['bytes', 60_000],
      ['announces', 1],
      ['bytes', 131_082],
    ]);
  });

  test('[SV5] a pong that nobody asked for costs like a message, an answer does not', async () => {
    const asked: string[] = [];
    const admit: Limits['admit'] = async (_socket, _address, kind) => {
      asked.push(kind);
      return 'socket' as const;
    };
    const { socket } = house(limitsThat({ admit }));
    const { connection, sent } = socket();
    connection.pingDue();
    connection.ponged();
    await settled();
    expect(asked).toEqual([]);
    connection.ponged();
    await settled();
    expect([asked, sent[0]?.code]).toEqual([['others'], 'rate-limited']);
  });

  test('[SV4] who pings and does not read the pongs is a slow reader like others', async () => {
    const { socket, rejections } = house();
    const { connection, wire, calls } = socket();
    wire.bufferedAmount = MAX_BUFFERED_BYTES + 1;
    await connection.pinged();
    expect([calls, rejections]).toEqual([['terminate'], ['slow-reader']]);
  });

  test('[SV4] of one chunk so many frames are read at once and no more, and the rest when its turn comes', async () => {
    const { socket, turns } = house(limitsThat({}));
    const busy = socket();
    const frame = [0x81, 0x80, 0, 0, 0, 0];
    const chunk = Uint8Array.from(Array.from({ length: MAX_FRAMES_AT_ONCE + 1 }, () => frame).flat());
    expect(busy.connection.came(chunk)).toBe(MAX_FRAMES_AT_ONCE * frame.length);
    await settled();
    expect(busy.calls).toEqual(['pause']);
    turns.begin();
    await settled();
    expect(busy.calls).toEqual(['pause', 'resume']);
    expect(busy.connection.came(chunk.subarray(-frame.length))).toBe(frame.length);
    expect(busy.calls).toEqual(['pause', 'resume']);
  });

  test('[SV4] where others have their turn nothing is read, and what is read is charged', async () => {
    const { socket, turns } = house(limitsThat({}));
    const { connection, calls } = socket();
    const frames = Uint8Array.from(Array.from({ length: 5 }, () => [0x81, 0x80, 0, 0, 0, 0]).flat());
    expect([connection.came(frames), turns.charged]).toEqual([frames.length, 5]);
    turns.free = false;
    expect([connection.came(frames), calls]).toEqual([0, ['pause']]);
    turns.begin();
    await settled();
    expect(calls).toEqual(['pause', 'resume']);
    expect([connection.came(frames), turns.charged]).toEqual([frames.length, 5]);
    expect(connection.came(frames)).toBe(0);
  });

  test('[SV4] what waits is handled before the socket is read on, however soon its turn comes', async () => {
    const { socket, turns, ring } = house(limitsThat({}));
    const [dead, busy] = [socket(), socket()];
    dead.say(announce(one));
    busy.say(announce(one));
    const frames = Uint8Array.from(Array.from({ length: 100 }, () => [0x81, 0x80, 0, 0, 0, 0]).flat());
    expect(busy.connection.came(frames)).toBeLessThan(frames.length);
    for (let serial = 0; serial < MAX_FRAMES_AT_ONCE; serial++) busy.say({ type: 'scrape', swarms: [] });
    turns.begin();
    await settled();
    expect(busy.calls).toEqual(['pause']);
    ring();
    while (busy.calls.length < 2) await settled();
    expect(busy.calls).toEqual(['pause', 'resume']);
    expect(busy.connection.came(new Uint8Array())).toBe(0);
    busy.connection.cut();
    expect(busy.connection.came(frames)).toBe(0);
  });

  test('[SV5] what the sockets of one address hold together has a bound, whatever it is', () => {
    const pool = new HeldBytes(300_000, () => undefined);
    const { socket } = house(null, pool);
    const [unread, half, waiting, dead] = [socket(), socket(), socket(), socket()];
    unread.wire.bufferedAmount = 130_000;
    unread.connection.send('{"type":"published"}');
    half.connection.came(frame(100_000, false));
    expect(pool.of('address')).toBeGreaterThan(230_000);
    dead.say(announce(one));
    waiting.say(announce(one));
    for (let serial = 0; serial < 5; serial++) waiting.connection.received(Buffer.alloc(10_000), false);
    expect([unread.calls, half.calls, waiting.calls]).toEqual([[], [], []]);
    waiting.connection.received(Buffer.alloc(50_000), false);
    expect([unread.calls, half.calls, waiting.calls]).toEqual([['terminate'], [], []]);
    for (const { connection } of [half, waiting]) connection.ended();
    expect(pool.of('address')).toBe(0);
  });

  test('[SV4] whoever speaks is alive, with or without a pong', () => {
    const { socket } = house();
    const { connection, say, calls } = socket();
    for (const sign of [
      () => say(announce(one)),
      () => void connection.pinged(),
      () => connection.ponged(),
    ]) {
      connection.pingDue();
      sign();
    }
    connection.pingDue();
    expect(calls).toEqual(['ping', 'ping', 'ping', 'ping']);
  });

  test('[SV5] a search and a scrape are paid for by what they cost, and answered when their turn has come', async () => {
    const paid: [string, number][] = [];
    const answers: Told<boolean>[] = [];
    const pay = (address: string, points: number) => {
      paid.push([address, points]);
      answers.push(new Told());
      return answers[answers.length - 1]!.promise;
    };
    const { socket, rejections } = house(null, null, { pay });
    const { say, sent } = socket();
    say({ type: 'scrape', swarms: [swarmA, swarmB] });
    say({ type: 'search', query: 'x', limit: 10 });
    say(announce(one));
    await settled();
    expect([paid, sent]).toEqual([[['address', 4]], []]);
    answers[0]?.tell(true);
    await settled();
    expect(paid.at(-1)).toEqual(['address', 60]);
    answers[1]?.tell(false);
    await settled();
    expect(sent.map(({ type, code }) => code ?? type)).toEqual(['scrape', 'rate-limited', 'peers']);
    expect(rejections).toEqual(['rate-limited']);
    // By it a page knows its search, whatever else was under way.
    expect(sent[1]).toMatchObject({ about: { type: 'search' } });
  });

  test('[TR9] a message of which there are too many is named in the refusal, as far as it was read', async () => {
    const refused = (kind: string) => kind !== 'bytes';
    const { socket } = house(
      limitsThat({ admit: async (_, __, kind) => (refused(kind) ? 'address' : 'admitted') }),
    );
    const { say, sent, connection } = socket();
    say({ type: 'search', query: 'x' });
    say({ type: 'signal', swarm: swarmA, from: one, to: two, payload: 'x' });
    say({ type: 'unpublish', swarm: swarmB, peerId: one });
    connection.received(Buffer.from('{}'), false);
    while (sent.length < 5) await settled();
    expect(sent.filter(({ code }) => code === 'rate-limited').map(({ about }) => about)).toEqual([
      { type: 'search' },
      { type: 'signal', swarm: swarmA, peerId: two },
      { type: 'unpublish', swarm: swarmB, peerId: one },
      undefined,
    ]);
  });
});
