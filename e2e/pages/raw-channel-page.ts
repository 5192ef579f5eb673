/**
 * In the browser: a bare data channel, the limit that everything built on it is measured against. One side sends
 * messages of 64 KiB with a shallow send buffer, the other counts bytes; nobody hashes or stores.
 */
import { RawChannel } from './raw-channel.ts';

const channel = new RawChannel();

const verbs = {
  offer: (): Promise<string> => channel.offer(),
  answer: (theirs: string): Promise<string> => channel.answer(theirs),
  accept: (theirs: string): Promise<void> => channel.accept(theirs),
  serve: (): void => channel.serve(),
  fetchBytes: (bytes: number): Promise<number> => channel.fetchBytes(bytes),
};
export type RawChannelPage = typeof verbs;
Object.assign(globalThis, { raw: verbs });
