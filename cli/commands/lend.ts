/** `shoal lend` ([HL66]): always on; fetches files from servers on the web for people who ask for them, and passes them on. */
import { MOST_LENT_JOBS } from '../../shared/peer/limits.ts';
import type { LendEvent } from '../../shared/peer/lending.ts';
import type { PeerListener } from '../../shared/peer/verbs.ts';
import { displayName } from '../../shared/manifest/display.ts';
import { formatBytes } from '../../shared/words/format.ts';
import type { Command, Here } from './command.ts';
import { Ended, INTERRUPTED, wrongCall } from './exit.ts';
import { LIMIT_UP, limitsOf, RELAY_OPTION } from './limits.ts';
import type { Host } from './ports.ts';
import { countOf, sizeOf } from './quantities.ts';
import { diskNews, withHost } from './run-host.ts';
import { SERVER_OPTION, serverFor } from './server.ts';
import { shareState } from './state-folders.ts';
import { writableFolder } from './system.ts';
import { waited } from './waiting.ts';

const HOST = /^(?=.{1,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)*$/;

/** Nothing of the person's is shared here. */
const NOBODY: PeerListener = {
  snapshotsTaken: () => undefined,
  manifestKnown: () => undefined,
  removed: () => undefined,
  busyChanged: () => undefined,
  reported: () => undefined,
  shareBroke: () => undefined,
};

export const lend: Command = {
  name: 'lend',
  summary: 'fetch files from the web for others, always',
  usage: 'lend',
  about: [
    'Lends your connection: fetches parts of files from servers on the web for people who want them and passes them on, until it is ended. The servers see the address of this machine and not theirs. Only public addresses are asked, without cookies and passwords.',
  ],
  operands: { least: 0, most: 0, what: 'nothing' },
  options: {
    'limit-daily': {
      kind: 'text',
      value: 'SIZE',
      about: 'fetch at most so much a day (UTC), such as 10GB',
    },
    host: {
      kind: 'list',
      value: 'HOST',
      about: 'fetch from this host and those below it alone; as often as you like',
    },
    'max-jobs': {
      kind: 'text',
      value: 'N',
      about: `fetch at most N files at a time (otherwise ${MOST_LENT_JOBS})`,
    },
    ...LIMIT_UP,
    ...RELAY_OPTION,
    ...SERVER_OPTION,
  },
  examples: [
    ['lend', 'until Ctrl+C'],
    ['lend --limit-daily 10GB --host example.org', 'with limits, as a service'],
  ],
  async run(call, here) {
    const terms = {
      dailyBytes: sizeOf('limit-daily', call.text('limit-daily')),
      hosts: call.list('host').map(hostOf),
      mostJobs: countOf('max-jobs', call.text('max-jobs')) ?? MOST_LENT_JOBS,
    };
    const limits = limitsOf(call);
    const isAnyHost = terms.hosts.length === 0;
    if (isAnyHost && isProxied(here.env))
      throw wrongCall(
        'A proxy is set (https_proxy or http_proxy), and behind it nobody here can see whether a name that somebody asks for leads into your own network. Name the hosts that may be asked with --host, or take the proxy out.',
      );
    const serverUrl = serverFor(call, here);
    const stateFolder = shareState(['shoal lend'], here.env);
    await writableFolder(stateFolder);
    const disk = { stateFolder, targetFolder: stateFolder, ...diskNews(here) };
    const relayOnly = call.has('relay-only');
    return withHost(
      here.doors,
      // Strangers say what is asked: what a person may ask for themselves is not theirs.
      { serverUrl, disk, listener: NOBODY, limits, relayOnly, torrentInno: null, publicAlone: isAnyHost },
      (host) => lent(host, terms, here),
      here,
    );
  },
};

function isProxied(env: Here['env']): boolean {
  return ['https_proxy', 'http_proxy', 'HTTPS_PROXY', 'HTTP_PROXY'].some((name) => (env[name] ?? '') !== '');
}

function hostOf(text: string): string {
  const host = text.toLowerCase();
  if (!HOST.test(host))
    throw wrongCall(`--host takes the name of a host, such as example.org: ${JSON.stringify(text)} is none.`);
  return host;
}

async function lent(
  { peer }: Host,
  terms: Parameters<typeof peer.lending.lend>[0],
  here: Here,
): Promise<never> {
  const { doors, screen, interrupted } = here;
  const { clock } = await doors.platform();
  const stop = peer.lending.watch((event) =>
    screen.tell({ type: 'lent', ...event, message: sentenceOf(event) }),
  );
  peer.lending.lend(terms);
  screen.tell({
    type: 'note',
    message: 'Your connection is lent to whoever wants a file from the web. Ctrl+C ends it.',
  });
  await waited(Infinity, clock, interrupted);
  stop();
  const today = formatBytes(peer.lending.state.todayBytes);
  throw new Ended(INTERRUPTED, `Stopped. ${today} were fetched for others today.`);
}

function sentenceOf(event: LendEvent): string {
  const url = displayName(event.url);
  if (event.kind === 'began') return `Fetching for others: ${url} (${formatBytes(event.bytes)}).`;
  if (event.kind === 'ended')
    return `Done with ${url}: ${formatBytes(event.bytes)} fetched; ${ENDS[event.why]}.`;
  return `Not fetched: ${url}; ${REFUSALS[event.answer]}.`;
}

const REFUSALS: Readonly<Record<Extract<LendEvent, { kind: 'refused' }>['answer'], string>> = {
  taken: 'it is fetched already',
  full: 'enough is being fetched, or the limit of the day is reached',
  'not-this-host': 'its host is not one of those that may be asked',
  'cannot-reach': 'its server cannot be reached from here, or sends no parts of files',
  'other-file': 'its server has another file there by now',
  done: 'it is done',
};

const ENDS: Readonly<Record<Extract<LendEvent, { kind: 'ended' }>['why'], string>> = {
  alone: 'nobody is connected any more',
  idle: 'nobody asks for it any more',
  limit: 'the limit of the day is reached',
  stopped: 'lending was ended',
  broken: 'something went wrong in Shoal',
  'no-ranges': 'its server sends only the whole file',
  'other-size': 'its server has another file there by now',
  changed: 'its server has another file there by now',
  refused: 'its server refuses it',
  'needs-login': 'its server wants a login',
  busy: 'its server has been busy for too long',
  unreachable: 'its server has been away for too long',
  'forbidden-address': 'it is at an address that may not be asked',
  'too-many-redirects': 'its server sends from one place to the next',
  'cut-short': 'its server breaks off again and again',
  silent: 'its server has been silent for too long',
  'other-content': 'its server has another file there by now',
};
