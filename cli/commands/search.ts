/** `shoal search` ([HL13]): asks the server's directory of public shares ([PN13]), and nobody else anything. */
import { unreachable } from '../../shared/assert.ts';
import type { TrackerSocket } from '../../shared/peer/ports.ts';
import { queryOf, Searches } from '../../shared/peer/searches.ts';
import type { SearchOutcome, SearchResult, WhyNoSearch } from '../../shared/peer/verbs.ts';
import { MAX_QUERY_LENGTH, MAX_SEARCH_RESULTS } from '../../shared/tracker/limits.ts';
import { clientText, parseServerMessage } from '../../shared/tracker/messages.ts';
import type { Command, Here } from './command.ts';
import { DONE, Ended, INTERRUPTED, NOT_DONE, notDone, wrongCall } from './exit.ts';
import { countOf } from './quantities.ts';
import { linkAt, SERVER_OPTION, serverFor } from './server.ts';

const RESULTS = 25;

export const search: Command = {
  name: 'search',
  summary: 'search the public shares of a server',
  usage: 'search [WORDS…]',
  about: [
    'Lists public shares whose names have the words in them, with their links; without words all of them. Only what somebody made public is found.',
  ],
  operands: { least: 0, most: 100, what: 'a few words' },
  options: {
    limit: {
      kind: 'text',
      value: 'N',
      about: `how many at most (${RESULTS}; ${MAX_SEARCH_RESULTS} at once)`,
    },
    offset: { kind: 'text', value: 'N', about: 'how many to pass over' },
    ...SERVER_OPTION,
  },
  examples: [
    ['search holiday photos', 'by a part of the name'],
    ['search --json --limit 100', 'all, for a program'],
  ],
  async run(call, here) {
    const limit = countOf('limit', call.text('limit')) ?? RESULTS;
    const offset = offsetOf(call.text('offset'));
    if (limit > MAX_SEARCH_RESULTS)
      throw wrongCall(`--limit is ${MAX_SEARCH_RESULTS} at most. The rest is had with --offset.`);
    const typed = call.operands.join(' ');
    if (typed.length > MAX_QUERY_LENGTH) {
      here.screen.tell({
        type: 'note',
        message: `Only the first ${MAX_QUERY_LENGTH} characters are searched for.`,
      });
    }
    const serverUrl = serverFor(call, here);
    const outcome = await asked({ query: queryOf(typed), limit, offset }, serverUrl, here);
    if (outcome.kind !== 'found') throw notDone(whyNot(outcome.why, serverUrl));
    for (const result of outcome.results) here.screen.tell({ type: 'result', ...row(result, serverUrl) });
    here.screen.tell({ type: 'results', total: outcome.total, shown: outcome.results.length });
    return outcome.results.length > 0 ? DONE : NOT_DONE;
  },
};

function offsetOf(text: string | null): number {
  if (text === null || text === '0') return 0;
  return countOf('offset', text) ?? 0;
}

interface Ask {
  readonly query: string;
  readonly limit: number;
  readonly offset: number;
}

async function asked(ask: Ask, serverUrl: string, here: Here): Promise<SearchOutcome> {
  const { clock } = await here.doors.platform();
  let socket: TrackerSocket | null = null;
  const searches = new Searches(clock, {
    isLost: false,
    ask: (message) => {
      if (socket?.isOpen !== true || message.type !== 'search') return false;
      socket.send(clientText(message));
      return true;
    },
  });
  const found = searches.search(ask);
  socket = await here.doors.trackerSocket(serverUrl, {
    opened: () => searches.opened(),
    lost: () => searches.lost(),
    received: (text) => {
      const message = parseServerMessage(text);
      if (message?.type === 'results') searches.answered(message);
      if (message?.type === 'error' && message.about?.type === 'search') searches.refused(message.code);
    },
  });
  // It may have been opened before it was handed over.
  if (socket.isOpen) searches.opened();
  const interrupted = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new Ended(INTERRUPTED, 'Stopped.'));
    if (here.interrupted.aborted) stop();
    else here.interrupted.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([found, interrupted]);
  } finally {
    socket.close();
  }
}

function row(result: SearchResult, serverUrl: string) {
  const { infoHash, name, size, files, comment = '', complete, incomplete } = result;
  const link = linkAt(serverUrl, infoHash);
  return { infoHash, link, name, size, files, comment, seeds: complete, leechers: incomplete };
}

function whyNot(why: WhyNoSearch, serverUrl: string): string {
  switch (why) {
    case 'away':
      return `Can't reach the Shoal server at ${serverUrl}. Check the address (--server) and your connection, then try again.`;
    case 'silent':
      return 'The server did not answer. Try again.';
    case 'too-often':
      return 'The server is asked too often from your network. Try again in half a minute.';
    case 'off':
      return 'This server keeps no list of public shares. Ask the sender for the link.';
    case 'refused':
    case 'superseded':
      return 'The search did not work. Try again.';
    default:
      return unreachable(why);
  }
}
