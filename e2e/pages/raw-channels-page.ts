/** In the browser: several bare data channels between the same two pages, each with a connection of its own. */
import { RawChannel } from './raw-channel.ts';

const channels: RawChannel[] = [];

const verbs = {
  offers(count: number): Promise<string[]> {
    for (let nth = 0; nth < count; nth++) channels.push(new RawChannel());
    return Promise.all(channels.map((channel) => channel.offer()));
  },
  answers(theirs: string[]): Promise<string[]> {
    for (let nth = 0; nth < theirs.length; nth++) channels.push(new RawChannel());
    return Promise.all(channels.map((channel, nth) => channel.answer(theirs[nth] ?? '')));
  },
  async accept(theirs: string[]): Promise<void> {
    for (const channel of channels) channel.serve();
    await Promise.all(channels.map((channel, nth) => channel.accept(theirs[nth] ?? '')));
  },
  /** Milliseconds until the last of them has brought its equal part. */
  async fetchBytes(bytes: number): Promise<number> {
    await Promise.all(channels.map((channel) => channel.opened()));
    const part = Math.ceil(bytes / channels.length);
    return Math.max(...(await Promise.all(channels.map((channel) => channel.fetchBytes(part)))));
  },
};
export type RawChannelsPage = typeof verbs;
Object.assign(globalThis, { raws: verbs });
