/**
 * How a connection travels, judged by its two ends ([PN1]): through a relay where either is one, within one network where
 * both are addresses of the devices themselves, else directly. Knows no connection.
 */
import type { LinkPath } from './ports.ts';

/** One end of the pair in use. */
export interface LinkEndpoint {
  /** As ICE names the kind of candidate. */
  readonly kind: string;
  /** Null: the platform keeps it to itself. */
  readonly address: string | null;
}

/** Null: nobody says what that end is. */
export function pathBetween(local: LinkEndpoint | null, remote: LinkEndpoint | null): LinkPath {
  const ends = [local, remote];
  if (ends.some((end) => end?.kind === 'relay')) return 'relayed';
  return isWithinDevice(local, remote) || ends.every(isInside) ? 'lan' : 'direct';
}

/** Both ends have the same address, whatever it is: this device's own. Behind one translator both could have that of it. */
function isWithinDevice(local: LinkEndpoint | null, remote: LinkEndpoint | null): boolean {
  return local?.kind === 'host' && local.address !== null && local.address === remote?.address;
}

/**
 * An address that only its own network knows (RFC 1918, RFC 4193, RFC 3927, RFC 4291), or a name that stands for one
 * (mDNS, RFC 6762). Browsers keep some addresses from the page: of these the kind of candidate has to do.
 */
function isInside(end: LinkEndpoint | null): boolean {
  if (end === null) return false;
  const { kind, address } = end;
  if (address === null) return kind === 'host';
  return (
    /^(10|127|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\./.test(address) ||
    /^(f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|::1$)/i.test(address) ||
    address.endsWith('.local')
  );
}
