/** IP addresses as TorrentInno's peers have them: which are dialled, which are near, which are our own, and names made of them. */
import { createHash } from 'node:crypto';
import { BlockList, isIP, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { assert } from '../../shared/assert.ts';
import { peerId } from '../../shared/ids.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { LinkPath } from '../../shared/peer/ports.ts';

const NEAR = subnets(
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['127.0.0.0', 8],
  ['fc00::', 7],
  ['fe80::', 10],
  ['::1', 128],
);
/** Nobody's in particular: unspecified, to many, to all. */
const NOBODY = subnets(['0.0.0.0', 8], ['224.0.0.0', 3], ['ff00::', 8], ['::', 128]);

function subnets(...all: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [address, bits] of all) list.addSubnet(address, bits, familyOf(address));
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

/** IPv4 as such where it is written as IPv6, and without a zone. */
export function plainAddress(address: string): string {
  const [bare = ''] = address.split('%');
  return bare.toLowerCase().startsWith('::ffff:') && isIPv4(bare.slice(7)) ? bare.slice(7) : bare;
}

/** An address of one machine, as digits: a name would have us ask somebody else whom it means. */
export function isDiallable(address: string): boolean {
  return isIP(address) !== 0 && !address.includes('%') && !NOBODY.check(address, familyOf(address));
}

export function pathTo(address: string): LinkPath {
  const plain = plainAddress(address);
  return isIP(plain) !== 0 && NEAR.check(plain, familyOf(plain)) ? 'lan' : 'direct';
}

/** This machine's own. */
export function isOwnAddress(address: string): boolean {
  const plain = plainAddress(address);
  if (plain.startsWith('127.') || plain === '::1') return true;
  return Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === plain) === true);
}

/** What counts as one address: of IPv6 the network of 64 bits, which one machine may have whole. */
export function addressKey(address: string): string {
  const plain = plainAddress(address);
  return isIPv4(plain) ? plain : bytesOf(plain).slice(0, 8).join('.');
}

/**
 * [HL51] What a peer is called here. Nobody has proved the id that it gives itself, so it is no other peer's name: with
 * the address in it nobody else can take it.
 */
export function nameOf(address: string, says: PeerId): PeerId {
  const text = `TorrentInno ${plainAddress(address)} ${says}`;
  const name = peerId(createHash('sha256').update(text).digest('hex'));
  assert(name !== null, 'a digest is an id');
  return name;
}

/** Its 4 or 16 bytes; of what is no address any. */
export function bytesOf(address: string): number[] {
  if (isIPv4(address)) return address.split('.').map(Number);
  const [bare = ''] = address.split('%');
  const [a, b, c, d] = (/(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(bare)?.slice(1) ?? []).map(Number);
  const words =
    a === undefined ? bare : `${bare.slice(0, bare.lastIndexOf(':') + 1)}${word(a, b)}:${word(c, d)}`;
  const [head = '', tail = ''] = words.split('::');
  const [before, after] = [wordsOf(head), wordsOf(tail)];
  const zeros = Math.max(0, 8 - before.length - after.length);
  const all = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  return all.map((one) => parseInt(one, 16)).flatMap((one) => [one >> 8, one & 255]);
}

function word(high = 0, low = 0): string {
  return (high * 256 + low).toString(16);
}

function wordsOf(part: string): string[] {
  return part.split(':').filter((one) => one !== '');
}
