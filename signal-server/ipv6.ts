/** The eight groups of an IPv6 address, whatever short form it is written in (RFC 4291, section 2.2). */

const IPV4_TAIL = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/;

/** `address`: one that `isIP` calls an IPv6 address, with or without a zone. */
export function ipv6Groups(address: string): number[] {
  const [text = ''] = address.split('%');
  const [head = '', tail] = text.replace(IPV4_TAIL, asGroups).split('::');
  const [front, back] = [groupsIn(head), groupsIn(tail ?? '')];
  const gap = Math.max(0, 8 - front.length - back.length);
  return [...front, ...Array<number>(gap).fill(0), ...back];
}

function groupsIn(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => parseInt(group, 16));
}

function asGroups(_tail: string, ...parts: string[]): string {
  const [a = 0, b = 0, c = 0, d = 0] = parts.map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}
