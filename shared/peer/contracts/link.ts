/** The contract of `Link`: one end is the port, the other is whatever stands for the network and the other peer. */
import type { Link, LinkListener } from '../ports.ts';
import { same } from './rule.ts';
import type { Rule } from './rule.ts';

export interface LinkSubject {
  readonly link: Link;
  /** The other end. */
  readonly far: {
    send(bytes: Uint8Array<ArrayBuffer>): void;
    close(): void;
    /** All that came there, one behind the other. */
    received(): Uint8Array;
    closed(): boolean;
  };
  /** Until all that is under way has come. */
  settle(): Promise<void>;
}

export const linkRules: readonly Rule<LinkSubject>[] = [
  {
    name: '[PN2] bytes come in their order, both ways, none lost',
    check: async ({ link, far, settle }) => {
      const heard = listening(link);
      for (let nth = 0; nth < 50; nth++) {
        link.send(numbered(nth * 100, nth));
        far.send(numbered(nth * 70, nth + 1));
      }
      await settle();
      same(far.received(), joined(50, 100, 0), 'what went there');
      same(heard.bytes(), joined(50, 70, 1), 'what came here');
    },
  },
  {
    name: '[PN3] every byte that was sent is told of, and none that was not',
    check: async ({ link, settle }) => {
      const heard = listening(link);
      link.send(numbered(5, 0));
      await settle();
      same(heard.sent, 5, 'bytes told of');
      for (let nth = 0; nth < 9; nth++) link.send(numbered(100_000, nth));
      await settle();
      same(heard.sent, 900_005, 'bytes told of');
    },
  },
  {
    name: '[WK2] what came before anybody listened is told then, also the end',
    check: async ({ link, far, settle }) => {
      far.send(numbered(300, 1));
      far.send(numbered(10, 2));
      far.close();
      await settle();
      const heard = listening(link);
      await settle();
      same(heard.bytes().length, 310, 'bytes');
      same(heard.closed, 1, 'told of the end');
    },
  },
  {
    name: '[WK2] an end at the other side is told once, and nothing after it',
    check: async ({ link, far, settle }) => {
      const heard = listening(link);
      far.send(numbered(10, 0));
      await settle();
      far.close();
      await settle();
      link.send(numbered(10, 1));
      link.close();
      await settle();
      same([heard.bytes().length, heard.closed, heard.sent], [10, 1, 0], 'bytes, ends, bytes sent');
    },
  },
  {
    name: '[WK2] who closes is told nothing any more, and the other side is closed',
    check: async ({ link, far, settle }) => {
      const heard = listening(link);
      link.send(numbered(10, 0));
      link.close();
      link.close();
      link.send(numbered(10, 1));
      far.send(numbered(10, 2));
      await settle();
      same(far.closed(), true, 'the other side is closed');
      same(far.received().length <= 10, true, 'nothing was sent after the end');
      same([heard.bytes().length, heard.closed], [0, 0], 'bytes and ends');
    },
  },
];

interface Heard {
  readonly bytes: () => Uint8Array;
  sent: number;
  closed: number;
}

function listening(link: Link): Heard {
  const parts: Uint8Array[] = [];
  const heard: Heard = { bytes: () => concatenated(parts), sent: 0, closed: 0 };
  const listener: LinkListener = {
    received: (bytes) => parts.push(bytes.slice()),
    sent: (bytes) => (heard.sent += bytes),
    closed: () => (heard.closed += 1),
  };
  link.listen(listener);
  return heard;
}

export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function joined(count: number, step: number, salt: number): Uint8Array {
  return concatenated(Array.from({ length: count }, (_, nth) => numbered(nth * step, nth + salt)));
}

function numbered(size: number, salt: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size).map((_, at) => (at * 7 + salt * 31) & 255);
}
