/**
 * Whether the host of an address may be public ([WS10]), as far as its text says: a literal address of a private network, of
 * this machine or of the link is not, nor is a name that is kept for such. `cli/web/address-policy.ts` judges what a name
 * stands for by the same ranges; a browser knows no more than this. Knows no network.
 */

/** `host`: as `URL` prints it, in lower case, an IPv6 address in brackets. True: it may be asked. */
export type HostPolicy = (host: string) => boolean;

/** Names that mean this machine or its network, whatever a resolver makes of them (RFC 6761, 6762, 8375). */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal|home\.arpa)\.?$/;

type Range = readonly [from: readonly number[], bits: number];

/** IPv4 that is not everybody's, in octets. */
const NOT_PUBLIC_V4: readonly Range[] = [
  [[0], 8], // unspecified
  [[10], 8], // private
  [[100, 64], 10], // shared by a provider's customers
  [[127], 8], // this machine
  [[169, 254], 16], // link-local
  [[172, 16], 12], // private
  [[192, 0, 0], 24], // reserved
  [[192, 0, 2], 24], // documentation
  [[192, 31, 196], 24], // AS112
  [[192, 52, 193], 24], // automatic tunnels
  [[192, 88, 99], 24], // relays of 6to4
  [[192, 168], 16], // private
  [[192, 175, 48], 24], // AS112
  [[198, 18], 15], // benchmarks
  [[198, 51, 100], 24], // documentation
  [[203, 0, 113], 24], // documentation
  [[224], 3], // multicast and reserved
];

/** IPv6 that is not everybody's, in groups of 16 bits. Those in which an IPv4 address is hidden are looked at before. */
const NOT_PUBLIC_V6: readonly Range[] = [
  [[0, 0, 0, 0, 0, 0], 96], // unspecified, this machine, IPv4 as it was written once
  [[0x64, 0xff9b, 1], 48], // NAT64, local: where in it the IPv4 address stands nobody else knows
  [[0, 0, 0, 0, 0xffff, 0], 96], // translated IPv4
  [[0x100, 0, 0, 0], 64], // discarded
  [[0x2001, 0], 23], // Teredo, benchmarks and the like
  [[0x2001, 0xdb8], 32], // documentation
  [[0x2620, 0x4f, 0x8000], 48], // AS112
  [[0x3fff], 20], // documentation
  [[0x5f00], 16], // segment routing
  [[0xfc00], 7], // unique local
  [[0xfe80], 10], // link-local
  [[0xfec0], 10], // site-local
  [[0xff00], 8], // multicast
];

/** IPv6 that carries an IPv4 address, and the group in which that begins. */
const V4_IN_V6: readonly (readonly [range: Range, at: number])[] = [
  [[[0, 0, 0, 0, 0, 0xffff], 96], 6], // mapped
  [[[0x64, 0xff9b, 0, 0, 0, 0], 96], 6], // NAT64
  [[[0x2002], 16], 1], // 6to4
];

export const isPublicHost: HostPolicy = (host) => {
  if (host.startsWith('[')) return isPublicV6(groupsOf(host.slice(1, -1)));
  const octets = octetsOf(host);
  if (octets !== null) return isPublicV4(octets);
  return host !== '' && !LOCAL_NAME.test(host);
};

/** Where the person who runs it has said so, and in tests. */
export const anyHost: HostPolicy = () => true;

/** Null: it is a name. A URL's parser has turned all other ways to write one into this. */
function octetsOf(host: string): number[] | null {
  const parts = host.split('.');
  const isOne = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
  return isOne ? parts.map(Number) : null;
}

/** Null: it is no IPv6 address. An IPv4 address at its end is read as two groups. */
function groupsOf(text: string): number[] | null {
  const [address = ''] = text.split('%');
  const tail = /^(.*:)([\d.]+\.\d+)$/.exec(address);
  const v4 = tail === null ? null : octetsOf(tail[2] ?? '');
  if (tail !== null && v4 === null) return null;
  const [a = 0, b = 0, c = 0, d = 0] = v4 ?? [];
  const plain =
    tail === null ? address : `${tail[1] ?? ''}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  const halves = plain.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const [first = [], second = []] = halves;
  const given = [...first, ...second];
  if (!given.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  const missing = 8 - given.length;
  if (halves.length > 2 || (halves.length === 2 ? missing < 1 : missing !== 0)) return null;
  const zeros = Array.from({ length: missing }, () => '0');
  return [...first, ...zeros, ...second].map((group) => parseInt(group, 16));
}

function isPublicV4(octets: readonly number[]): boolean {
  return !NOT_PUBLIC_V4.some((range) => isWithin(octets, range, 8));
}

function isPublicV6(groups: readonly number[] | null): boolean {
  if (groups === null) return false;
  const hidden = V4_IN_V6.find(([range]) => isWithin(groups, range, 16));
  if (hidden === undefined) return !NOT_PUBLIC_V6.some((range) => isWithin(groups, range, 16));
  const [, at] = hidden;
  const [high = 0, low = 0] = groups.slice(at, at + 2);
  return isPublicV4([high >> 8, high & 0xff, low >> 8, low & 0xff]);
}

/** `width`: the bits of one number. */
function isWithin(numbers: readonly number[], [from, bits]: Range, width: number): boolean {
  return numbers.every((number, at) => {
    const counted = Math.min(Math.max(bits - at * width, 0), width);
    return number >> (width - counted) === (from[at] ?? 0) >> (width - counted);
  });
}
