/**
 * [PN8] How many messages strangers may have this peer handle: on each channel, and on all of them together. What a
 * peer is sent makes more of its own right: an answer for each request in a message of small frames, a few words for
 * what is large; and so does what is large of its own. What was not earned is taken from what is given to all;
 * where that is used up, whoever used most of it goes, and some of it is free again. Knows no connection.
 */
import { Allowance } from '../allowance.ts';
import { JOINED_MESSAGE_BYTES } from './limits.ts';

const AT_ONCE = 2_000;
const A_SECOND = 500;
/** Messages that were earned and not used yet, at most: as many as requests can be unanswered, and some more. */
const MOST_EARNED = 1_000;
/** Of all channels together. A message costs a page some 10 µs. */
const ALL_AT_ONCE = 5_000;
const ALL_A_SECOND = 5_000;
/** What is free for the others when a channel goes: little, for those that flood together are many. */
const FREED = 100;
/** A channel that used fewer than so many is not ended: those who used them may have left. */
const LEAST_USED = 100;
/** What a channel used is forgotten in about so many ms. */
const FADING_MS = 4_000;
const SMALLEST_ASKED_BYTES = 17;
const BYTES_FOR_A_MESSAGE = 4_096;

/** One for all channels of a peer. */
export class MessageBudget {
  readonly #all = new Allowance(ALL_AT_ONCE, ALL_A_SECOND);
  readonly #channels = new Set<ChannelMessages>();

  /** `over`: others have nothing left because of this one. */
  open(over: () => void): ChannelMessages {
    const channel = new ChannelMessages((now) => this.#take(now), over);
    this.#channels.add(channel);
    return channel;
  }

  close(channel: ChannelMessages): void {
    this.#channels.delete(channel);
  }

  #take(now: number): void {
    while (this.#channels.size > 0 && !this.#all.take(1, now)) {
      const most = [...this.#channels].reduce((a, b) => (b.usedAt(now) > a.usedAt(now) ? b : a));
      this.#all.earn(FREED);
      if (most.usedAt(now) < LEAST_USED) continue;
      this.close(most);
      most.over();
    }
  }
}

export class ChannelMessages {
  readonly #takeOfAll: (now: number) => void;
  readonly over: () => void;
  readonly #own = new Allowance(AT_ONCE, A_SECOND);
  #earned = 0;
  /** Of what is given to all, in the last seconds. */
  #used = 0;
  #usedAt = 0;

  constructor(takeOfAll: (now: number) => void, over: () => void) {
    this.#takeOfAll = takeOfAll;
    this.over = over;
  }

  usedAt(now: number): number {
    this.#used *= Math.exp((this.#usedAt - now) / FADING_MS);
    this.#usedAt = now;
    return this.#used;
  }

  /** So many bytes were sent to the other side, in one message. */
  sent(bytes: number): void {
    this.#earn(bytes / (bytes > JOINED_MESSAGE_BYTES ? BYTES_FOR_A_MESSAGE : SMALLEST_ASKED_BYTES));
  }

  /** A message of so many bytes came. False: it is one too many for this channel. */
  came(bytes: number, now: number): boolean {
    if (this.#earned >= 1) this.#earned--;
    else if (!this.#own.take(1, now)) return false;
    else {
      this.#used = this.usedAt(now) + 1;
      this.#takeOfAll(now);
    }
    this.#earn(bytes / BYTES_FOR_A_MESSAGE);
    return true;
  }

  #earn(count: number): void {
    this.#earned = Math.min(MOST_EARNED, this.#earned + count);
  }
}
