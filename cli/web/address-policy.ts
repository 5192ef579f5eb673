/**
 * Which addresses of the network a share, or a stranger, may have this machine connect to ([WS5]): public ones alone. What
 * lies in a private network, on this machine or beside it is nobody's business but its own; a server there would take the
 * request for one of ours. An argument everywhere, so that tests and operators can have another one.
 */
import ipaddr from 'ipaddr.js';

/** `address`: as the system prints it, without brackets, perhaps with a zone. */
export type AddressPolicy = (address: string) => boolean;

/** Ranges of ipaddr.js in which an IPv4 address is hidden: it is looked at instead. */
const V4_IN_V6: readonly [range: string, at: number][] = [
  ['6to4', 2],
  ['rfc6052', 12],
];

export const publicAddresses: AddressPolicy = (address) => {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address); // takes IPv4 out of ::ffff:…
  const range = parsed.range();
  if (range === 'unicast') return true;
  const hidden = V4_IN_V6.find(([name]) => name === range);
  if (hidden === undefined) return false;
  const [, at] = hidden;
  return ipaddr.fromByteArray(parsed.toByteArray().slice(at, at + 4)).range() === 'unicast';
};

/** [WS5] Where the person who runs it has said so. */
export const anyAddress: AddressPolicy = () => true;
