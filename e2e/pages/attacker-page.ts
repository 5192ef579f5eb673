/**
 * In the browser: what a stranger does to somebody else's page, by the tracker's signals and over connections. Each
 * attack goes on for its time and says how much of it there was.
 */
import type { PeerId } from '../../shared/ids.ts';
import { METADATA_CHUNK_BYTES } from '../../shared/limits.ts';
import { encodeFrame } from '../../shared/protocol/codec.ts';
import { HostileMember, newAttempt, within } from './hostile-member.ts';
import type { Line, Swarm } from './hostile-member.ts';

/** Bytes that may wait in a channel: enough that the other side never waits for us. */
const DEEP_BYTES = 1_048_576;
const TINY = encodeFrame({ kind: 'capability' });

export interface Order extends Swarm {
  readonly seconds: number;
  /** Pieces of the share, all of one block. */
  readonly pieces: number;
  readonly pieceBytes: number;
  /** Base64 of what is given out as the list of files. */
  readonly manifest?: string;
}

interface Field {
  readonly order: Order;
  readonly members: readonly HostileMember[];
  /** Who was in the swarm before us. */
  readonly targets: readonly PeerId[];
  readonly count: Count;
  over(): boolean;
}

class Count {
  connections = 0;
  signals = 0;
  messages = 0;

  toString(): string {
    const of = (count: number, what: string): string[] => (count === 0 ? [] : [`${count} ${what}`]);
    return [
      ...of(this.signals, 'signal texts'),
      ...of(this.connections, 'connections'),
      ...of(this.messages, 'messages'),
    ].join(', ');
  }
}

type Speak = (line: Line, field: Field) => Promise<void>;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whom the attack is for: whoever was there first. */
function victims({ targets }: Field, member: HostileMember): PeerId[] {
  return targets.filter((id) => member.id < id);
}

/** Connects to whoever is there, does its worst there, and comes again when it is thrown out. */
async function comeAgain(field: Field, speak: Speak): Promise<void> {
  await Promise.all(
    field.members.map(async (member) => {
      while (!field.over()) {
        await Promise.all(
          victims(field, member).map(async (victim) => {
            const line = await member.dial(victim);
            if (line === null) return;
            field.count.connections++;
            await speak(line, field);
            line.connection.close();
          }),
        );
        await pause(10);
      }
    }),
  );
}

/** Connects once to everybody who comes. */
async function stay(field: Field, speak: Speak): Promise<void> {
  const lines: Line[] = [];
  const meet = async (member: HostileMember, peer: PeerId): Promise<void> => {
    if (field.members.some(({ id }) => id === peer) || member.id > peer) return;
    const line = await member.dial(peer);
    if (line === null) return;
    field.count.connections++;
    lines.push(line);
    await speak(line, field);
  };
  for (const member of field.members) {
    member.onpeer = (peer) => void meet(member, peer);
    for (const peer of member.peers) void meet(member, peer);
  }
  while (!field.over()) await pause(50);
  for (const { connection } of lines) connection.close();
}

/** Says it for as long as it is taken, as fast as it goes. */
function flooding(
  make: (order: Order, nth: number) => readonly Uint8Array<ArrayBuffer>[],
  most = Infinity,
): Speak {
  return async ({ channel }, field) => {
    for (let nth = 0; channel.readyState === 'open' && nth < most && !field.over(); nth++) {
      for (const message of make(field.order, nth)) {
        if (channel.readyState !== 'open') return;
        channel.send(message);
        field.count.messages++;
      }
      while (channel.bufferedAmount > DEEP_BYTES && channel.readyState === 'open' && !field.over())
        await pause(1);
    }
  };
}

const TINY_ONES: readonly Uint8Array<ArrayBuffer>[] = Array.from({ length: 500 }, () => TINY);

function joined(frames: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const frame of frames) {
    whole.set(frame, at);
    at += frame.length;
  }
  return whole;
}

/** All that there is, again and again. */
function requests({ pieces, pieceBytes }: Order): readonly Uint8Array<ArrayBuffer>[] {
  const all = Array.from({ length: pieces }, (_, piece) =>
    encodeFrame({ kind: 'request', piece, offset: 0, length: pieceBytes }),
  );
  return [joined(all)];
}

function haves({ pieces }: Order): readonly Uint8Array<ArrayBuffer>[] {
  const all = Array.from({ length: 1_024 }, (_, nth) => nth % pieces);
  const frame = encodeFrame({ kind: 'have', pieces: all });
  return [joined(Array.from({ length: 16 }, () => frame))];
}

function bitfields({ pieces }: Order, nth: number): readonly Uint8Array<ArrayBuffer>[] {
  const bits = new Uint8Array(Math.ceil(pieces / 8));
  if (nth % 2 === 0) bits.fill(0xff, 0, Math.floor(pieces / 8));
  return [joined(Array.from({ length: 1_000 }, () => encodeFrame({ kind: 'bitfield', bits })))];
}

function garbage(): readonly Uint8Array<ArrayBuffer>[] {
  return [crypto.getRandomValues(new Uint8Array(65_536))];
}

/** One kind of frame on each connection, by turns. */
function largeFrames(): Speak {
  const kinds = [requests, haves, bitfields].map((make) => flooding(make));
  let turn = 0;
  return (line, field) => kinds[turn++ % kinds.length]?.(line, field) ?? Promise.resolve();
}

const manyChannels: Speak = async ({ connection, channel }, field) => {
  for (let nth = 0; nth < 60 && channel.readyState === 'open'; nth++) {
    connection.createDataChannel(String(nth));
    field.count.messages++;
  }
  await within(new Promise((resolve) => (channel.onclose = resolve)), 2_000);
};

/** A list of files of which a part comes every 7 s, and is not the share's. */
const drip: Speak = ({ channel }) => {
  const data = new Uint8Array(METADATA_CHUNK_BYTES);
  let offset = 0;
  const send = (): void => {
    if (channel.readyState === 'open')
      channel.send(encodeFrame({ kind: 'metadata', total: 64 * data.length, offset, data }));
    offset += data.length;
  };
  channel.onmessage = ({ data: heard }: MessageEvent<ArrayBuffer>) => {
    if (isMetadataRequest(heard)) setTimeout(send, 7_000);
  };
  return Promise.resolve();
};

/** Gives out what it was told to. */
const giveManifest: Speak = ({ channel }, { order, count }) => {
  const whole = Uint8Array.from(atob(order.manifest ?? ''), (character) => character.charCodeAt(0));
  channel.onmessage = ({ data: heard }: MessageEvent<ArrayBuffer>) => {
    if (!isMetadataRequest(heard)) return;
    const offset = new DataView(heard).getUint32(heard.byteLength - 4);
    const data = whole.subarray(offset, offset + METADATA_CHUNK_BYTES);
    channel.send(encodeFrame({ kind: 'metadata', total: whole.length, offset, data }));
    count.messages++;
  };
  return Promise.resolve();
};

/** What we are sent is small: a request is the last of its message. */
function isMetadataRequest(message: ArrayBuffer): boolean {
  return message.byteLength >= 9 && new Uint8Array(message)[message.byteLength - 5] === 0x13;
}

/** Nothing is ever said. */
const mute: Speak = () => Promise.resolve();

/** 198.18.0.0/15 is nobody's (RFC 2544): each candidate costs the browser checks that nobody answers. */
function candidates(count: number, from: number): unknown[] {
  return Array.from({ length: count }, (_, nth) => {
    const at = from + nth;
    const text = `candidate:${at} 1 udp 2113937151 198.18.${(at >> 8) & 255}.${at & 255} ${9_000 + (at % 1_000)} typ host`;
    return { type: 'candidate', candidate: { candidate: text, sdpMid: '0', sdpMLineIndex: 0 } };
  });
}

async function offerText(): Promise<string> {
  const connection = new RTCPeerConnection();
  connection.createDataChannel('data');
  const { sdp } = await connection.createOffer();
  connection.close();
  return sdp ?? '';
}

/** An offer and then so many signals of so many candidates, over and over. */
async function candidateBombs(
  field: Field,
  sizes: readonly (readonly [signals: number, each: number])[],
): Promise<void> {
  const sdp = await offerText();
  const bomb = async (member: HostileMember, victim: PeerId): Promise<void> => {
    for (const [signals, each] of sizes) {
      const attempt = newAttempt();
      member.signal(victim, attempt, [{ type: 'offer', sdp }]);
      for (let nth = 0; nth < signals; nth++) member.signal(victim, attempt, candidates(each, nth * each));
      field.count.signals += signals + 1;
      await pause(50);
    }
  };
  await Promise.all(
    field.members.map(async (member) => {
      while (!field.over()) {
        for (const victim of victims(field, member)) await bomb(member, victim);
        await pause(50);
      }
    }),
  );
}

/** As long as it may be: lines that mean nothing, and media that nobody asked for. */
async function hugeOffers(field: Field): Promise<void> {
  const sdp = await offerText();
  const padded = sdp + 'a=x-nothing:0123456789\r\n'.repeat(Math.floor((8_000 - sdp.length) / 24));
  const media = sdp.slice(sdp.indexOf('m='));
  const texts = [padded, sdp + media.repeat(20), sdp + 'a=x-nothing:0123456789\r\n'.repeat(600)];
  for (let nth = 0; !field.over(); nth++) {
    for (const member of field.members)
      for (const victim of victims(field, member)) {
        member.signal(victim, newAttempt(), [{ type: 'offer', sdp: texts[nth % texts.length] }]);
        field.count.signals++;
      }
    await pause(50);
  }
}

interface Kind {
  readonly ids: number;
  run(field: Field): Promise<unknown>;
}

const KINDS = {
  'candidate-bombs': {
    ids: 2,
    run: (field) =>
      candidateBombs(field, [
        [60, 60],
        [150, 60],
        [60, 16],
      ]),
  },
  attempts: { ids: 40, run: (field) => candidateBombs(field, [[1, 32]]) },
  'tiny-messages': {
    ids: 1,
    run: (field) =>
      comeAgain(
        field,
        flooding(() => TINY_ONES, 800),
      ),
  },
  'floods-again': {
    ids: 12,
    run: (field) =>
      comeAgain(
        field,
        flooding(() => TINY_ONES, 5),
      ),
  },
  garbage: { ids: 4, run: (field) => comeAgain(field, flooding(garbage)) },
  'large-frames': { ids: 3, run: (field) => comeAgain(field, largeFrames()) },
  reconnecting: { ids: 8, run: (field) => comeAgain(field, mute) },
  channels: { ids: 4, run: (field) => Promise.all([comeAgain(field, manyChannels), hugeOffers(field)]) },
  'mute-peers': { ids: 8, run: (field) => stay(field, mute) },
  'dripping-peers': { ids: 8, run: (field) => stay(field, drip) },
  'silent-ids': { ids: 400, run: (field) => until(field) },
  'hostile-manifest': { ids: 1, run: (field) => stay(field, giveManifest) },
} as const satisfies Readonly<Record<string, Kind>>;

export type AttackOfPage = keyof typeof KINDS;

async function until({ over }: Field): Promise<void> {
  while (!over()) await pause(50);
}

let ending = false;

/** Resolves when its members are in the swarm; what it does then goes on by itself. */
let running: Promise<string> = Promise.resolve('');

async function begin(name: AttackOfPage, order: Order): Promise<void> {
  const { ids, run }: Kind = KINDS[name];
  ending = false;
  const join = (nth: number): Promise<HostileMember> =>
    // Half of them have proved who they are. Each address may bring a few ids into a swarm.
    HostileMember.join(
      { ...order, tracker: `${order.tracker}/${Math.floor(nth / 40)}` },
      nth % 2 === 1 && ids < 100,
    );
  const members = await Promise.all(Array.from({ length: ids }, (_, nth) => join(nth)));
  const endsAt = performance.now() + order.seconds * 1_000;
  const own = new Set(members.map(({ id }) => id));
  const targets = [...new Set(members.flatMap(({ peers }) => [...peers]))].filter((id) => !own.has(id));
  const count = new Count();
  const field: Field = { order, members, targets, count, over: () => ending || performance.now() >= endsAt };
  running = (async () => {
    await run(field);
    for (const member of members) member.leave();
    return String(count);
  })();
}

/** What there was of it, once it is over. */
function ended(): Promise<string> {
  return running;
}

function end(): Promise<string> {
  ending = true;
  return running;
}

const verbs = { begin, ended, end };
export type AttackerPage = typeof verbs;
Object.assign(globalThis, { attacker: verbs });
