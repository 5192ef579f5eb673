/** `shoal info` ([HL8]): what a link, magnet text or resource file says, without a connection. */
import { resolve } from 'node:path';
import type { LinkInfo } from '../terminal/said.ts';
import type { Command } from './command.ts';
import { DONE } from './exit.ts';
import { infoOf } from './facts.ts';
import { linkAt, SERVER_OPTION, serverFor } from './server.ts';
import { targetOf } from './target.ts';
import type { Target } from './target.ts';

export const info: Command = {
  name: 'info',
  summary: 'show what a link, magnet or resource file says',
  usage: 'info LINK|MAGNET|FILE',
  about: [
    'Shows name, size, the files as a tree, pieces, info-hash, link and magnet text of a resource file, and whether TorrentInno’s own program can load it. A link by itself says only which share it is. Nothing is asked of anybody.',
  ],
  operands: { least: 1, most: 1, what: 'one link, magnet text or .torrentinno file' },
  options: SERVER_OPTION,
  examples: [
    ['info film.torrentinno', 'everything about it'],
    ['info --json film.torrentinno', 'the same for a program'],
  ],
  async run(call, here) {
    const { digest } = await here.doors.platform();
    const target = await targetOf(call.first, resolve(here.folder, call.first), digest);
    const serverUrl = serverFor(call, here, target.kind === 'resource' ? null : target.text);
    here.screen.tell(
      target.kind === 'resource'
        ? infoOf(target.infoHash, target.manifest, serverUrl)
        : linkInfo(target, serverUrl),
    );
    return DONE;
  },
};

function linkInfo(target: Exclude<Target, { kind: 'resource' }>, serverUrl: string): LinkInfo {
  const isMagnet = target.kind === 'magnet';
  return {
    type: 'link',
    infoHash: target.infoHash,
    link: linkAt(serverUrl, target.infoHash),
    magnet: isMagnet ? target.text.trim() : null,
    name: isMagnet ? target.name : null,
    size: isMagnet ? target.bytes : null,
  };
}
