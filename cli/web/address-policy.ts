/**
 * Which addresses of the network a share, or a stranger, may have this machine connect to ([WS5]): public ones alone. What
 * lies in a private network, on this machine or beside it is nobody's business but its own; a server there would take the
 * request for one of ours. An argument everywhere, so that tests and operators can have another one.
 */
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';

/** `address`: as the system prints it, without brackets, perhaps with a zone. */
export type AddressPolicy = (address: string) => boolean;

/** Ranges of ipaddr.js in which an IPv4 address is hidden: it is looked at instead. */
const V4_IN_V6: readonly [range: string, at: number][] = [
  ['6to4', 2],
  ['rfc6052', 12],
];

/** NAT64 by rules of the network's own (RFC 8215), and IPv4 as it was once written in IPv6: ipaddr.js knows neither as such. */
const LOCAL_USE = ['64:ff9b:1::/48', '::/96'].map((text) => ipaddr.parseCIDR(text));

/** `own`: addresses of this machine, which lets itself in where it lets nobody else in. */
export function publicBut(own: () => readonly string[]): AddressPolicy {
  return (address) => {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address); // takes IPv4 out of ::ffff:…
    const isOwn = own().some((one) => ipaddr.isValid(one) && isSame(ipaddr.process(one), parsed));
    return !isOwn && isPublic(parsed);
  };
}

export const publicAddresses: AddressPolicy = publicBut(() =>
  Object.values(networkInterfaces()).flatMap((ones = []) => ones.map(({ address }) => address)),
);

type Address = ipaddr.IPv4 | ipaddr.IPv6;

function isPublic(address: Address): boolean {
  if (LOCAL_USE.some((subnet) => address.kind() === subnet[0].kind() && address.match(subnet))) return false;
  const range = address.range();
  if (range === 'unicast') return true;
  const hidden = V4_IN_V6.find(([name]) => name === range);
  if (hidden === undefined) return false;
  const [, at] = hidden;
  return ipaddr.fromByteArray(address.toByteArray().slice(at, at + 4)).range() === 'unicast';
}

function isSame(one: Address, other: Address): boolean {
  return one.kind() === other.kind() && one.toByteArray().join() === other.toByteArray().join();
}

/** [WS5] Where the person who runs it has said so. */
export const anyAddress: AddressPolicy = () => true;
