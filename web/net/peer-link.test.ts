import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LinkRole } from '../../shared/engine/io.ts';
import type { FromPage } from '../worker/contract.ts';
import type { PageLinkListener } from './links.ts';
import { MessageBudget } from '../../shared/peer/message-budget.ts';
import { PeerLink } from './peer-link.ts';
import { REFILL_BELOW_BYTES } from '../../shared/peer/send-queue.ts';
import { delivered, FakePeer } from './simple-peer.fixture.ts';

vi.mock('simple-peer/simplepeer.min.js', async () => ({
  default: (await import('./simple-peer.fixture.ts')).FakePeer,
}));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  FakePeer.made.length = 0;
});
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
  vi.useRealTimers();
});

const ports: MessagePort[] = [];

/** A link whose listener writes down what it is told. */
class Told implements PageLinkListener {
  readonly batches: (readonly unknown[])[] = [];
  readonly opens: { port: MessagePort; path: string }[] = [];
  ends = 0;
  interruptions = 0;
  readonly link: PeerLink;
  readonly peer: FakePeer;

  constructor(role: LinkRole = 'dialler', iceServers: RTCIceServer[] = [], budget = new MessageBudget()) {
    this.link = new PeerLink(role, { iceServers }, budget, this);
    this.peer = FakePeer.made.at(-1)!;
  }

  signals(signals: readonly unknown[]): void {
    this.batches.push(signals);
  }
  opened(port: MessagePort, path: string): void {
    ports.push(port);
    this.opens.push({ port, path });
  }
  interrupted(): void {
    this.interruptions += 1;
  }
  ended(): void {
    this.ends += 1;
  }
}

/** An open link, as the worker has it at the other end of the port. */
class Open extends Told {
  readonly heard: FromPage[] = [];
  port!: MessagePort;

  static async made(maxMessageSize = 262_144, budget = new MessageBudget()): Promise<Open> {
    const open = new Open('dialler', [], budget);
    open.peer.connection.sctp = { maxMessageSize };
    open.peer.emit('connect');
    await delivered();
    open.port = open.opens[0]!.port;
    open.port.onmessage = ({ data }: MessageEvent<FromPage>) => open.heard.push(data);
    return open;
  }

  async send(...sizes: number[]): Promise<void> {
    for (const size of sizes) {
      const { buffer } = new Uint8Array(size).fill(size & 255);
      this.port.postMessage(buffer, [buffer]);
    }
    await delivered();
  }

  /** The bytes that the worker was told of, message by message. */
  async told(): Promise<number[]> {
    await delivered();
    return this.heard.flatMap((said) => (typeof said === 'object' && 'sent' in said ? [said.sent] : []));
  }
}

const candidate = (nth: number) => ({
  type: 'candidate' as const,
  candidate: { candidate: `candidate:${nth}`, sdpMid: '0', sdpMLineIndex: 0 },
});

describe('[PN10] the path', () => {
  it('of an open connection that ICE loses is told of, long before the browser gives it up', async () => {
    const open = await Open.made();
    open.peer.emit('iceStateChange', 'connected');
    expect(open.interruptions).toBe(0);
    open.peer.emit('iceStateChange', 'disconnected');
    expect([open.interruptions, open.ends]).toEqual([1, 0]);
    open.link.close();
    open.peer.emit('iceStateChange', 'disconnected');
    expect(open.interruptions).toBe(1);
  });

  it('of one that is not open yet is its attempt’s matter', () => {
    const told = new Told();
    told.peer.emit('iceStateChange', 'disconnected');
    expect(told.interruptions).toBe(0);
  });
});

describe('[PN14] how long a packet takes', () => {
  it('is answered where the browser says it, and also where it has no statistics', async () => {
    const open = await Open.made();
    const used = { id: 'P', type: 'candidate-pair', nominated: true, state: 'succeeded' };
    open.peer.connection.stats = async () => new Map([['P', { ...used, currentRoundTripTime: 0.042 }]]);
    open.port.postMessage('measure');
    await delivered();
    open.peer.connection.stats = () => Promise.reject(new Error('none'));
    open.port.postMessage('measure');
    await delivered();
    expect(open.heard).toEqual([{ roundTripMs: 42 }, { roundTripMs: null }]);
    expect(open.peer.channel.messages).toEqual([]);
  });
});

describe('[PN8] messages', () => {
  it('of five bytes, very many of them, are the end of the connection, and few go on to the worker', async () => {
    const open = await Open.made();
    for (let nth = 0; nth < 100_000; nth++) open.peer.comes(new Uint8Array(5));
    await delivered();
    expect([open.ends, open.peer.destroyed]).toEqual([1, true]);
    expect(open.heard.length).toBeLessThan(10);
    expect(open.heard.at(-1)).toBe('flooded');
  });

  it('that many connections send at once end those, and nobody says that each of them flooded', async () => {
    const budget = new MessageBudget();
    const opened = await Promise.all(Array.from({ length: 30 }, () => Open.made(262_144, budget)));
    for (let nth = 0; nth < 1_000; nth++) for (const { peer } of opened) peer.comes(new Uint8Array(5));
    await delivered();
    const ended = opened.filter(({ ends }) => ends > 0);
    expect(ended.length).toBeGreaterThan(15);
    expect(ended.every(({ heard }) => heard.at(-1) === 'closed')).toBe(true);
  });

  it('of blocks are as many as can come', async () => {
    const open = await Open.made();
    for (let nth = 0; nth < 5_000; nth++) open.peer.comes(new Uint8Array(16_401));
    await delivered();
    expect(open.ends).toBe(0);
  });

  it('that answer what was asked are as many as were asked for, however small', async () => {
    const open = await Open.made();
    for (let round = 0; round < 20; round++) {
      await open.send(17 * 500);
      open.peer.channel.drain();
      for (let nth = 0; nth < 500; nth++) open.peer.comes(new Uint8Array(18));
    }
    await delivered();
    expect(open.ends).toBe(0);
  });
});

describe('[PN1] a connection that is being made', () => {
  it('is begun by the dialler, with the ICE servers that were given and no others', () => {
    const servers = [{ urls: 'stun:stun.shoal.example' }];
    expect(new Told('dialler', servers).peer.options).toMatchObject({
      initiator: true,
      config: { iceServers: servers },
    });
    // What is left out would be the library's own third parties.
    expect(new Told('acceptor').peer.options).toMatchObject({ initiator: false, config: { iceServers: [] } });
  });

  it('[PN4] says together what it has to say within 50 ms, in its order', async () => {
    const { peer, batches } = new Told();
    const offer = { type: 'offer', sdp: 'v=0' };
    peer.emit('signal', offer);
    await vi.advanceTimersByTimeAsync(30);
    peer.emit('signal', candidate(1));
    await vi.advanceTimersByTimeAsync(19);
    peer.emit('signal', candidate(2));
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(batches).toEqual([[offer, candidate(1), candidate(2)]]);
    await vi.advanceTimersByTimeAsync(1_000);
    peer.emit('signal', candidate(3));
    await vi.advanceTimersByTimeAsync(50);
    expect(batches.slice(1)).toEqual([[candidate(3)]]);
  });

  it('[PN4] hears the other side’s signals in their order', () => {
    const { link, peer } = new Told('acceptor');
    const signals = [{ type: 'offer' as const, sdp: 'v=0' }, candidate(1), candidate(2)];
    for (const signal of signals) link.signal(signal);
    expect(peer.heard).toEqual(signals);
  });

  it('[PN4] ends with a signal that the browser refuses, and harms nobody else', async () => {
    const told = new Told('acceptor');
    told.peer.signal = () => {
      throw new TypeError('sdpMid and sdpMLineIndex are both null');
    };
    const nowhere = { candidate: 'x', sdpMid: null, sdpMLineIndex: null };
    expect(() => told.link.signal({ type: 'candidate', candidate: nowhere })).not.toThrow();
    await delivered();
    expect([told.ends, told.peer.destroyed]).toEqual([1, true]);
  });

  it.each([
    ['dialler', 0],
    ['acceptor', 1],
  ] as const)(
    '[PN7] of a %s has %i channels of the other side’s making, and ends with one more',
    async (role, most) => {
      const told = new Told(role);
      const { connection } = told.peer;
      for (let nth = 0; nth < most; nth++) connection.dispatchEvent(new Event('datachannel'));
      await delivered();
      expect(told.ends).toBe(0);
      connection.dispatchEvent(new Event('datachannel'));
      await delivered();
      expect([told.ends, told.peer.destroyed]).toEqual([1, true]);
    },
  );

  it('[PN5] says nothing and hears nothing after it is given up', async () => {
    const { link, peer, batches } = new Told();
    peer.emit('signal', { type: 'offer', sdp: 'v=0' });
    link.close();
    link.signal({ type: 'answer', sdp: 'v=0' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect([batches, peer.heard, peer.destroyed]).toEqual([[], [], true]);
  });

  it.each([
    ['it is given up', ({ link }: Told) => link.close()],
    ['it fails', ({ peer }: Told) => peer.destroy(new Error('Ice connection failed.'))],
    ['the other side closes', ({ peer }: Told) => peer.destroy()],
  ])('[PN5] ends once and is never handed out where %s', async (_, end) => {
    const told = new Told();
    end(told);
    await delivered();
    told.link.close();
    expect([told.ends, told.opens]).toEqual([1, []]);
  });

  it('[PN5] is not handed out where it ends while its path is looked for', async () => {
    const told = new Told();
    let answer = (): void => undefined;
    told.peer.connection.stats = () =>
      new Promise((resolve) => (answer = () => resolve(new Map<string, unknown>())));
    told.peer.emit('connect');
    await delivered();
    expect(told.opens).toEqual([]);
    told.peer.destroy();
    await delivered();
    answer();
    await delivered();
    expect([told.ends, told.opens]).toEqual([1, []]);
  });
});

describe('[PN1] a connection that opened', () => {
  const relayed = new Map<string, unknown>(
    [
      { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
      { id: 'P', type: 'candidate-pair', localCandidateId: 'L', remoteCandidateId: 'R' },
      { id: 'L', type: 'local-candidate', candidateType: 'relay' },
    ].map((entry) => [entry.id, entry]),
  );

  it.each([
    ['direct', () => Promise.resolve(new Map<string, unknown>())],
    ['relayed', () => Promise.resolve(relayed)],
    ['direct', () => Promise.reject(new DOMException('no statistics', 'InvalidStateError'))],
  ] as const)('is handed out as a port, with its path: %s', async (path, stats) => {
    const told = new Told();
    told.peer.connection.stats = stats;
    told.peer.emit('connect');
    await delivered();
    expect(told.opens).toMatchObject([{ path }]);
    expect(told.ends).toBe(0);
  });

  it('[WK2] gives on what came while its path was looked for', async () => {
    const told = new Told();
    told.peer.emit('connect');
    told.peer.comes(new Uint8Array([1, 2, 3]));
    await delivered();
    const heard: unknown[] = [];
    told.opens[0]!.port.onmessage = ({ data }) => heard.push(new Uint8Array(data as ArrayBuffer));
    await delivered();
    expect(heard).toEqual([new Uint8Array([1, 2, 3])]);
  });

  it('[WK2] moves what came, without a copy', async () => {
    const open = await Open.made();
    const whole = new Uint8Array(5_000).fill(1);
    open.peer.comes(whole);
    expect(whole.buffer.byteLength).toBe(0);
    await delivered();
    expect(open.heard).toEqual([new Uint8Array(5_000).fill(1).buffer]);
  });

  it('[WK2] gives on what came before it listened, and first', async () => {
    const told = new Told();
    told.peer.comes(new Uint8Array(5_000).fill(1));
    told.peer.emit('connect');
    told.peer.comes(new Uint8Array(5_000).fill(2));
    await delivered();
    const heard: unknown[] = [];
    told.opens[0]!.port.onmessage = ({ data }) => heard.push((data as ArrayBuffer).byteLength, data);
    await delivered();
    expect(heard).toEqual([
      5_000,
      new Uint8Array(5_000).fill(1).buffer,
      5_000,
      new Uint8Array(5_000).fill(2).buffer,
    ]);
  });

  it('[WK2] a message of text is bytes like any', async () => {
    const open = await Open.made();
    open.peer.comes('é');
    await delivered();
    expect(open.heard).toEqual([Uint8Array.of(0xc3, 0xa9).buffer]);
  });

  it('[PN8] gives on together what came together and is small', async () => {
    const open = await Open.made();
    for (const byte of [1, 2, 3]) open.peer.comes(new Uint8Array([byte]));
    await delivered();
    expect(open.heard).toEqual([new Uint8Array([1, 2, 3]).buffer]);
  });

  it('[WK2] sends what the worker gives, in its order', async () => {
    const open = await Open.made();
    await open.send(3, 65_549, 0, 7);
    open.peer.channel.drain();
    expect(open.peer.channel.sizes).toEqual([3, 65_549, 0, 7]);
    expect(open.peer.channel.messages[3]).toEqual(new Uint8Array(7).fill(7));
  });

  it('[PN3] gives more when the channel speaks up, and not before', async () => {
    const open = await Open.made();
    const { channel } = open.peer;
    expect(channel.bufferedAmountLowThreshold).toBe(REFILL_BELOW_BYTES);
    await open.send(65_536, 65_536, 65_536, 65_536);
    expect(channel.sizes).toHaveLength(2); // up to the mark, and one more
    channel.drain(65_535);
    expect(channel.sizes).toHaveLength(2);
    channel.drain(1);
    expect(channel.sizes).toHaveLength(3);
    channel.drain();
    expect(channel.sizes).toHaveLength(4);
  });

  const cut = (count: number, size: number, rest: number) => [...Array<number>(count).fill(size), rest];

  it.each([
    [262_144, 262_144, [262_144]],
    [262_144, 262_145, cut(4, 65_536, 1)],
    [1_073_741_823, 262_145, cut(4, 65_536, 1)],
    [100_000, 100_001, cut(1, 65_536, 34_465)],
    [16_384, 65_549, cut(4, 16_384, 13)],
  ])(
    '[PN2] gives a side that takes %i bytes at once a frame of %i in messages',
    async (taken, size, sizes) => {
      const open = await Open.made(taken);
      await open.send(size);
      for (let turn = 0; turn < 5; turn++) open.peer.channel.drain();
      expect(open.peer.channel.sizes).toEqual(sizes);
    },
  );

  it('[PN2] is none where the other side would take its bytes one by one', async () => {
    const told = new Told();
    told.peer.connection.sctp = { maxMessageSize: 1_023 };
    told.peer.emit('connect');
    await delivered();
    expect([told.ends, told.opens]).toEqual([1, []]);
  });

  it('[PN2] cuts to what every browser takes where nothing is said', async () => {
    const told = new Told();
    told.peer.connection.sctp = null;
    told.peer.emit('connect');
    await delivered();
    told.opens[0]!.port.postMessage(new ArrayBuffer(65_537));
    await delivered();
    expect(told.peer.channel.sizes).toEqual([65_536, 1]);
  });
});

describe('[PN3] what the worker hears of bytes that left', () => {
  it('is told at once when it was all that waited, and 4,096 bytes', async () => {
    const open = await Open.made();
    await open.send(4_096);
    expect(await open.told()).toEqual([4_096]);
  });

  it('of less than that it is told within 50 ms, together', async () => {
    const open = await Open.made();
    await open.send(13);
    await vi.advanceTimersByTimeAsync(49);
    await open.send(4_000);
    expect(await open.told()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await open.told()).toEqual([4_013]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await open.told()).toEqual([4_013]);
  });

  it('small frames that wait are told of with the large one behind them, once', async () => {
    const open = await Open.made();
    await open.send(13);
    await open.send(65_549);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await open.told()).toEqual([65_562]);
  });

  it('while more waits it is told of 131,072 bytes at a time', async () => {
    const open = await Open.made();
    // The first is all that waited, and fills the channel beyond its mark.
    await open.send(65_537, 65_536, 65_536, 65_535, 65_536, 10);
    expect(await open.told()).toEqual([65_537]);
    open.peer.channel.drain();
    expect(await open.told()).toEqual([65_537, 131_072]);
    open.peer.channel.drain();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await open.told()).toHaveLength(2); // one byte is missing
    open.peer.channel.drain();
    expect(await open.told()).toEqual([65_537, 131_072, 131_081]);
  });
});

describe('[PN3] buffers of what left', () => {
  it('go back with how much it was, large ones and no more than four, and what left stays what it was', async () => {
    const open = await Open.made();
    open.peer.channel.bufferedAmountLowThreshold = 65_536;
    await open.send(10, ...Array(6).fill(65_549));
    for (let drained = 0; drained < 7; drained++) open.peer.channel.drain();
    await delivered();
    const spare = open.heard.flatMap((said) =>
      typeof said === 'object' && 'spare' in said
        ? [(said.spare ?? []).map(({ byteLength }) => byteLength)]
        : [],
    );
    expect(spare.length).toBeGreaterThan(0);
    expect(spare.flat().every((bytes) => bytes === 65_549)).toBe(true);
    expect(Math.max(...spare.map(({ length }) => length))).toBeLessThanOrEqual(4);
    expect(open.peer.channel.sizes).toEqual([10, ...Array(6).fill(65_549)]);
  });
});

describe('[WK2] the end of an open connection', () => {
  it.each([
    ['the worker closes it', async ({ port }: Open) => port.postMessage('close')],
    ['the page goes', async ({ link }: Open) => link.close()],
    ['the other side closes', async ({ peer }: Open) => peer.destroy()],
    ['it fails', async ({ peer }: Open) => peer.destroy(new Error('Connection failed.'))],
  ])('is told once, here and there, where %s', async (_, end) => {
    const open = await Open.made();
    await end(open);
    await delivered();
    open.link.close();
    await delivered();
    expect([open.ends, open.peer.destroyed, open.heard]).toEqual([1, true, ['closed']]);
  });

  it('is the last that is told, and nothing goes after it', async () => {
    const open = await Open.made();
    await open.send(65_549, 100); // the second one waits
    open.link.close();
    open.peer.channel.drain();
    open.peer.comes(new Uint8Array([1]));
    await open.send(10);
    await vi.advanceTimersByTimeAsync(1_000);
    await delivered();
    expect(open.heard).toMatchObject([{ sent: 65_549 }, 'closed']);
    expect(open.peer.channel.sizes).toEqual([65_549]);
  });

  it('comes with a message that the channel refuses: what follows could not be read', async () => {
    const open = await Open.made();
    open.peer.channel.send = () => {
      throw new DOMException('the queue is full', 'OperationError');
    };
    await open.send(10);
    expect([open.ends, open.peer.destroyed, open.heard]).toEqual([1, true, ['closed']]);
  });
});
