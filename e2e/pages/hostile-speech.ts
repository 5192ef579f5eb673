/** In the browser: what hostile members say, by the tracker's signals and over connections, and how often they come. */
import type { PeerId } from '../../shared/ids.ts';
import { METADATA_CHUNK_BYTES } from '../../shared/limits.ts';
import { encodeFrame } from '../../shared/protocol/codec.ts';
import { FRAME_TYPES } from '../../shared/protocol/frames.ts';
import { newAttempt, within } from './hostile-member.ts';
import type { Line, Swarm, HostileMember } from './hostile-member.ts';

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

export interface Field {
  readonly order: Order;
  readonly members: readonly HostileMember[];
  /** Who was in the swarm before us. */
  readonly targets: readonly PeerId[];
  readonly count: Count;
  over(): boolean;
}

/** How much there was of an attack. Its time begins with the first of it. */
export class Count {
  connections = 0;
  signals = 0;
  messages = 0;
  #begun: () => void = () => undefined;
  readonly begun = new Promise<void>((resolve) => (this.#begun = resolve));

  begin(): void {
    this.#begun();
  }

  connected(): void {
    this.connections++;
    this.begin();
  }

  signalled(texts: number): void {
    this.signals += texts;
    this.begin();
  }

  toString(): string {
    const of = (count: number, what: string): string[] => (count === 0 ? [] : [`${count} ${what}`]);
    return [
      ...of(this.signals, 'signal texts'),
      ...of(this.connections, 'connections'),
      ...of(this.messages, 'messages'),
    ].join(', ');
  }
}

export type Speak = (line: Line, field: Field) => Promise<void>;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whom the attack is for: whoever was there first. */
function victims({ targets }: Field, member: HostileMember): PeerId[] {
  return targets.filter((id) => member.id < id);
}

/** Connects to whoever is there, does its worst there, and comes again when it is thrown out. */
export async function comeAgain(field: Field, speak: Speak): Promise<void> {
  await Promise.all(
    field.members.map(async (member) => {
      while (!field.over()) {
        await Promise.all(
          victims(field, member).map(async (victim) => {
            const line = await member.dial(victim);
            if (line === null) return;
            field.count.connected();
            await speak(line, field);
            line.connection.close();
          }),
        );
        await pause(10);
      }
    }),
  );
}

/** Waits until the others are connected, too, and then floods with them: none of them alone more than one may. */
export async function floodTogether(field: Field): Promise<void> {
  const lines = await Promise.all(
    field.members.flatMap((member) => victims(field, member).map((victim) => member.dial(victim))),
  );
  for (const line of lines) if (line !== null) field.count.connected();
  const speak = flooding(() => TINY_ONES, 3);
  await Promise.all(lines.map((line) => (line === null ? null : speak(line, field))));
  for (const line of lines) line?.connection.close();
}

/** Connects once to everybody who comes. */
export async function stay(field: Field, speak: Speak): Promise<void> {
  const lines: Line[] = [];
  const meet = async (member: HostileMember, peer: PeerId): Promise<void> => {
    if (field.members.some(({ id }) => id === peer) || member.id > peer) return;
    const line = await member.dial(peer);
    if (line === null) return;
    field.count.connected();
    lines.push(line);
    await speak(line, field);
  };
  for (const member of field.members) {
    member.onpeer = (peer) => void meet(member, peer);
    for (const peer of member.peers) void meet(member, peer);
  }
  await wait(field);
  for (const { connection } of lines) connection.close();
}

/** Is there, until it is over. */
export async function wait({ count, over }: Field): Promise<void> {
  count.begin();
  while (!over()) await pause(50);
}

/** Says it for as long as it is taken, as fast as it goes. */
export function flooding(
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

export const TINY_ONES: readonly Uint8Array<ArrayBuffer>[] = Array.from({ length: 500 }, () => TINY);

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

export function garbage(): readonly Uint8Array<ArrayBuffer>[] {
  return [crypto.getRandomValues(new Uint8Array(65_536))];
}

/** One kind of frame on each connection, by turns. */
export function largeFrames(): Speak {
  const kinds = [requests, haves, bitfields].map((make) => flooding(make));
  let turn = 0;
  return (line, field) => kinds[turn++ % kinds.length]?.(line, field) ?? Promise.resolve();
}

export const manyChannels: Speak = async ({ connection, channel }, field) => {
  for (let nth = 0; nth < 60 && channel.readyState === 'open'; nth++) {
    connection.createDataChannel(String(nth));
    field.count.messages++;
  }
  await within(new Promise((resolve) => (channel.onclose = resolve)), 2_000);
};

/** A list of files of which a part comes every 7 s, and is not the share's. */
export const drip: Speak = ({ channel }) => {
  const data = new Uint8Array(METADATA_CHUNK_BYTES);
  let offset = 0;
  const send = (): void => {
    if (channel.readyState === 'open')
      channel.send(encodeFrame({ kind: 'metadata', total: 64 * data.length, offset, data }));
    offset += data.length;
  };
  channel.onmessage = ({ data: heard }: MessageEvent<ArrayBuffer>) => {
    if (metadataRequests(heard).length > 0) setTimeout(send, 7_000);
  };
  return Promise.resolve();
};

/** Gives out what it was told to. */
export const giveManifest: Speak = ({ channel }, { order, count }) => {
  const whole = Uint8Array.from(atob(order.manifest ?? ''), (character) => character.charCodeAt(0));
  channel.onmessage = ({ data: heard }: MessageEvent<ArrayBuffer>) => {
    for (const offset of metadataRequests(heard)) {
      const data = whole.subarray(offset, offset + METADATA_CHUNK_BYTES);
      channel.send(encodeFrame({ kind: 'metadata', total: whole.length, offset, data }));
      count.messages++;
    }
  };
  return Promise.resolve();
};

/** Their offsets, of a message that holds whole frames, as those of a newcomer do. */
function metadataRequests(message: ArrayBuffer): number[] {
  const view = new DataView(message);
  const offsets: number[] = [];
  for (let at = 0; at + 9 <= view.byteLength; at += 4 + view.getUint32(at))
    if (view.getUint8(at + 4) === FRAME_TYPES['metadata-request']) offsets.push(view.getUint32(at + 5));
  return offsets;
}

/** Nothing is ever said. */
export const mute: Speak = () => Promise.resolve();

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
export async function candidateBombs(
  field: Field,
  sizes: readonly (readonly [signals: number, each: number])[],
): Promise<void> {
  const sdp = await offerText();
  const bomb = async (member: HostileMember, victim: PeerId): Promise<void> => {
    for (const [signals, each] of sizes) {
      const attempt = newAttempt();
      member.signal(victim, attempt, [{ type: 'offer', sdp }]);
      for (let nth = 0; nth < signals; nth++) member.signal(victim, attempt, candidates(each, nth * each));
      field.count.signalled(signals + 1);
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
export async function hugeOffers(field: Field): Promise<void> {
  const sdp = await offerText();
  const padded = sdp + 'a=x-nothing:0123456789\r\n'.repeat(Math.floor((8_000 - sdp.length) / 24));
  const media = sdp.slice(sdp.indexOf('m='));
  const texts = [padded, sdp + media.repeat(20), sdp + 'a=x-nothing:0123456789\r\n'.repeat(600)];
  for (let nth = 0; !field.over(); nth++) {
    for (const member of field.members)
      for (const victim of victims(field, member)) {
        member.signal(victim, newAttempt(), [{ type: 'offer', sdp: texts[nth % texts.length] }]);
        field.count.signalled(1);
      }
    await pause(50);
  }
}
