/** [HL58] Under which address this machine is announced, where nobody has said it: the one by which it reaches the tracker. */
import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { isOwnAddress, plainAddress } from './addresses.ts';

const LOOPBACK = '127.0.0.1';

/** Never rejects. */
export async function announcedAddress(tracker: URL | null): Promise<string> {
  const towards = tracker === null ? null : await addressTowards(tracker);
  return towards === null || isLoopback(towards) ? (ownAddress() ?? towards ?? LOOPBACK) : towards;
}

/** By which address of ours packets would go there; nothing is sent. Null: there is no way. */
function addressTowards({ hostname, port, protocol }: URL): Promise<string | null> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    const done = (address: string | null): void => {
      socket.removeAllListeners();
      socket.close();
      resolve(address);
    };
    socket.once('error', () => done(null));
    socket.once('connect', () => done(plainAddress(socket.address().address)));
    socket.connect(Number(port) || (protocol === 'https:' ? 443 : 80), host);
  });
}

/** The first that others can see; IPv4 before IPv6, as TorrentInno's peers listen on that alone. */
function ownAddress(): string | null {
  const all = Object.values(networkInterfaces())
    .flatMap((some) => some ?? [])
    .filter(({ internal, address }) => !internal && !address.toLowerCase().startsWith('fe80:'));
  return (all.find(({ family }) => family === 'IPv4') ?? all[0])?.address ?? null;
}

function isLoopback(address: string): boolean {
  return address === '::1' || (address.startsWith('127.') && isOwnAddress(address));
}
