/**
 * A way to the tracker from an address of the attacker's own: a page can choose where it connects to, and not from where.
 * Limits by address are then not those of the victim's.
 */
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

const ADDRESS = '127.0.0.2';

export interface OtherAddress {
  readonly url: string;
  close(): void;
}

export async function openOtherAddress(tracker: string): Promise<OtherAddress> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (near) => {
    const far = new WebSocket(tracker, { localAddress: ADDRESS });
    const early: string[] = [];
    near.on('message', (data) => {
      const text = String(data);
      if (far.readyState === WebSocket.OPEN) far.send(text);
      else early.push(text);
    });
    far.on('open', () => {
      for (const text of early.splice(0)) far.send(text);
    });
    far.on('message', (data) => near.send(String(data)));
    far.on('error', () => near.terminate());
    far.on('close', () => near.terminate());
    near.on('close', () => far.terminate());
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
