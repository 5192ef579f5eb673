/**
 * [HL22] The ICE servers of a page (RFC 7064, RFC 7065) as the library of Node takes them. It reaches a TURN server by UDP
 * alone: what is offered by TCP or TLS only is left out. Knows no connection.
 */
import type { IceServer } from '../../shared/peer/server-config.ts';

export interface NodeIceServer {
  readonly hostname: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly relayType?: 'TurnUdp';
}

const DEFAULT_PORT = 3_478;
const ADDRESS = /^(stun|turn):(\[[0-9a-f:.]+\]|[^[\]:?/@\s]+)(?::(\d{1,5}))?(?:\?transport=(\w+))?$/i;

export function nodeIceServers(servers: readonly IceServer[]): NodeIceServer[] {
  const found = servers.flatMap((server) =>
    [server.urls].flat().flatMap((url) => nodeIceServer(url, server) ?? []),
  );
  // One of each kind of address: a second STUN server says nothing new, and the library takes one.
  const stun = found.find(({ relayType }) => relayType === undefined);
  const turn = found.filter(({ relayType }) => relayType !== undefined);
  return [...(stun === undefined ? [] : [stun]), ...turn];
}

/** Null: no address, or one that cannot be used here. */
function nodeIceServer(url: string, { username, credential }: IceServer): NodeIceServer | null {
  const [, scheme = '', host = '', port = '', transport = 'udp'] = ADDRESS.exec(url) ?? [];
  if (host === '') return null;
  const place = {
    hostname: host.replace(/^\[|\]$/g, ''),
    port: port === '' ? DEFAULT_PORT : Number(port),
  };
  if (place.port < 1 || place.port > 65_535) return null;
  if (scheme.toLowerCase() === 'stun') return place;
  if (transport.toLowerCase() !== 'udp' || username === undefined || credential === undefined) return null;
  return { ...place, username, password: credential, relayType: 'TurnUdp' };
}
