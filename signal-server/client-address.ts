/**
 * Whose request it is ([SV6]). `X-Forwarded-For` is a text that anybody can write: it is believed only as far as
 * the configured proxies wrote it, from the right.
 */
import { BlockList, isIP } from 'node:net';
import { ipv6Groups } from './ipv6.ts';

const IPV4_IN_IPV6 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

export function trustedProxies(): BlockList {
  return new BlockList();
}

/** Adds `loopback`, `private`, an address or an address/prefix. False: it is none of these. */
export function addTrusted(list: BlockList, text: string): boolean {
  if (text === 'loopback') return ['127.0.0.0/8', '::1/128'].every((range) => addTrusted(list, range));
  if (text === 'private') {
    const ranges = [
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '169.254.0.0/16',
      'fc00::/7',
      'fe80::/10',
    ];
    return ranges.every((range) => addTrusted(list, range));
  }
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  const bits = family === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  if (family === 0 || rest.length > 0 || prefix === '' || !Number.isInteger(length)) return false;
  if (length < 0 || length > bits) return false;
  list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
  return true;
}

/** The address of the nearest party that is not one of our proxies. */
export function clientAddress(remote: string, forwardedFor: string | undefined, proxies: BlockList): string {
  let address = plainAddress(remote);
  const hops = (forwardedFor ?? '').split(',').map((hop) => plainAddress(hop.trim()));
  while (isTrusted(address, proxies)) {
    const before = hops.pop();
    if (before === undefined || isIP(before) === 0) break;
    address = before;
  }
  return address;
}

/** What limits count by: one IPv4 address, or one IPv6 network of 64 bits, which is what one line is given. */
export function addressKey(address: string): string {
  if (isIP(address) !== 6) return address;
  const network = ipv6Groups(address).slice(0, 4);
  return `${network.map((group) => group.toString(16)).join(':')}::/64`;
}

/** Without brackets, without a port, and an IPv4 address as one. */
export function plainAddress(address: string): string {
  const unbracketed = address.replace(/^\[(.*)\](?::\d+)?$/, '$1');
  return IPV4_IN_IPV6.exec(unbracketed)?.[1] ?? unbracketed.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
}

export function isTrusted(address: string, proxies: BlockList): boolean {
  const family = isIP(address);
  return family !== 0 && proxies.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
