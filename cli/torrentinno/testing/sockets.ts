/** For tests: two ends of a real TCP connection on this machine. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface TcpPair {
  readonly near: Socket;
  readonly far: Socket;
}

/** `host`: on which address it listens, and is dialled. */
export async function tcpPair(host = '127.0.0.1'): Promise<TcpPair> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const far = connect({ port, host, allowHalfOpen: true });
  const [near] = (await once(server, 'connection')) as [Socket];
  if (far.connecting) await once(far, 'connect');
  server.close();
  for (const socket of [near, far]) socket.on('error', () => undefined);
  far.pause();
  return { near, far };
}
