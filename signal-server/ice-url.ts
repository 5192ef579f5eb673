/**
 * Whether every browser takes the address of an ICE server (RFC 7064 and 7065, as `RTCPeerConnection`'s
 * configuration is judged): one that it refuses throws in the page, and then nobody connects. The faults repeat
 * nothing of the address, into which people write passwords.
 */
import { isIP } from 'node:net';

const PARTS = /^(stuns?|turns?):(\[[^\]]*\]|[^:?[\]]*)(?::([^?]*))?(?:\?(.*))?$/s;
/** A name in ASCII, as DNS has it; `_`, which container networks use, is taken by every browser. */
const NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*\.?$/i;
const PORT_MOST = 65_535;

/** Goes on from "one of them …"; null: it is one. */
export function iceUrlFault(url: string): string | null {
  const parts = PARTS.exec(url);
  if (!parts) return 'is no stun:, stuns:, turn: or turns: address such as turn:turn.example.org:3478';
  const [, scheme = '', host = '', port, query] = parts;
  if (!isHost(host)) return `has a host that is neither a name in ASCII nor an IP address${hint(host)}`;
  if (port !== undefined && !isPort(port)) return `has a port that is no number from 1 to ${PORT_MOST}`;
  if (query === undefined) return null;
  if (scheme.startsWith('stun')) return 'is a STUN server with a "?", which browsers refuse';
  return /^transport=(?:udp|tcp)$/.test(query) ? null : 'has something else than "?transport=udp" or "tcp"';
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return isIP(host.slice(1, -1)) === 6 && !host.includes('%');
  // What ends in a number is an IPv4 address to a browser, or nothing.
  const last = host.replace(/\.$/, '').split('.').at(-1) ?? '';
  return /^\d*$|^0x[0-9a-f]*$/i.test(last) ? isIP(host) === 4 : NAME.test(host);
}

function hint(host: string): string {
  if (host.startsWith('//')) return ' (there is no "//" in such an address)';
  return host.includes('@') ? ' (the password belongs into "credential")' : '';
}

function isPort(port: string): boolean {
  return /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= PORT_MOST;
}
