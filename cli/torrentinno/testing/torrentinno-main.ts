/**
 * The stand-in as a process of its own: told by one JSON argument, tells by JSON lines, and ends with its standard input.
 * `forget` on it makes it lose its connections.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { TorrentInnoClient } from './torrentinno-client.ts';
import type { ClientOptions } from './torrentinno-client.ts';

export type ProcessOptions = Omit<ClientOptions, 'told' | 'content'> & {
  /** A file that it has whole; null: it loads it. */
  readonly contentPath: string | null;
};

const { contentPath, ...options } = JSON.parse(process.argv[2] ?? '') as ProcessOptions;
const client = new TorrentInnoClient({
  ...options,
  content: contentPath === null ? null : readFileSync(contentPath),
  told: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
});
client.start();
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  if (line === 'forget') client.forget();
});
lines.on('close', () => {
  client.stop();
  process.exit();
});
