/** The contract of `TrackerSocket`: the other end is a server that can go away and come back. */
import type { SocketListener, TrackerSocket } from '../ports.ts';
import { same } from './rule.ts';
import type { Rule } from './rule.ts';

export interface TrackerSocketSubject {
  /** Begins to connect at once. */
  connect(listener: SocketListener): TrackerSocket;
  readonly server: {
    /** Texts that came, in order. */
    readonly heard: readonly string[];
    say(text: string): void;
    /** Ends the connections that it has; new ones are taken, or not while it is `away`. */
    drop(): void;
    away(away: boolean): void;
  };
  /** Until it is so; fails after some seconds. */
  until(what: string, isSo: () => boolean): Promise<void>;
}

export const trackerSocketRules: readonly Rule<TrackerSocketSubject>[] = [
  {
    name: '[PN6] tells when it is open, and carries texts both ways in their order',
    check: async ({ connect, server, until }) => {
      const told = new Told(connect);
      same(told.socket.isOpen, false, 'open at once');
      await until('opened', () => told.opened === 1);
      same(told.socket.isOpen, true, 'open');
      for (const text of ['one', 'two', '{"ü":"日本"}']) {
        told.socket.send(text);
        server.say(`${text} too`);
      }
      await until('all came', () => server.heard.length === 3 && told.heard.length === 3);
      same(server.heard, ['one', 'two', '{"ü":"日本"}'], 'what the server heard');
      same(told.heard, ['one too', 'two too', '{"ü":"日本"} too'], 'what it said');
      told.socket.close();
    },
  },
  {
    name: '[PN6] connects again by itself, and what could not go meanwhile is dropped',
    check: async ({ connect, server, until }) => {
      const told = new Told(connect);
      await until('opened', () => told.opened === 1);
      server.away(true);
      server.drop();
      await until('lost', () => told.lost >= 1);
      same(told.socket.isOpen, false, 'open after the loss');
      told.socket.send('into the void');
      server.away(false);
      await until('opened again', () => told.opened === 2);
      told.socket.send('after');
      await until('heard again', () => server.heard.length > 0);
      same(server.heard, ['after'], 'what the server heard');
      told.socket.close();
    },
  },
  {
    name: '[PN6] tries at once when it is told that the network is back',
    check: async ({ connect, server, until }) => {
      server.away(true);
      const told = new Told(connect);
      await until('failed', () => told.lost >= 1);
      server.away(false);
      told.socket.retryNow();
      await until('opened', () => told.opened === 1);
      told.socket.retryNow();
      same([told.socket.isOpen, told.opened], [true, 1], 'an open one is left alone');
      told.socket.close();
    },
  },
  {
    name: '[PN11] with another connection where it is replaced, open or not',
    check: async ({ connect, server, until }) => {
      const told = new Told(connect);
      await until('opened', () => told.opened === 1);
      told.socket.replace();
      same([told.socket.isOpen, told.lost], [false, 1], 'open, lost');
      told.socket.send('into the void');
      await until('opened again', () => told.opened === 2);
      told.socket.send('after');
      await until('heard again', () => server.heard.length > 0);
      same(server.heard, ['after'], 'what the server heard');
      server.say('once');
      await until('it came', () => told.heard.includes('once'));
      same(told.heard.filter((text) => text === 'once').length, 1, 'how often it came');
      told.socket.close();
      told.socket.replace();
      same([told.socket.isOpen, told.opened, told.lost], [false, 2, 1], 'open, opened, lost');
    },
  },
  {
    name: '[PN6] once closed, it tells nothing and stays closed',
    check: async ({ connect, server, until }) => {
      const told = new Told(connect);
      await until('opened', () => told.opened === 1);
      told.socket.close();
      told.socket.close();
      told.socket.retryNow();
      told.socket.send('late');
      // Whatever the closed one had begun, it began before this one.
      const other = new Told(connect);
      await until('another one opened', () => other.opened === 1);
      server.say('late');
      await until('the other one heard', () => other.heard.length === 1);
      same(
        [told.socket.isOpen, told.heard.length, told.lost, told.opened],
        [false, 0, 0, 1],
        'open, heard, lost, opened',
      );
      same(server.heard, [], 'what the server heard');
      other.socket.close();
    },
  },
];

class Told {
  opened = 0;
  lost = 0;
  readonly heard: string[] = [];
  readonly socket: TrackerSocket;

  constructor(connect: TrackerSocketSubject['connect']) {
    this.socket = connect({
      opened: () => (this.opened += 1),
      lost: () => (this.lost += 1),
      received: (text) => this.heard.push(text),
    });
  }
}
