/** `shoal create` ([HL10]): a resource file of files, without a connection. */
import { resolve } from 'node:path';
import { assert } from '../../shared/assert.ts';
import { serialiseManifest } from '../../shared/manifest/resource.ts';
import { resourceFileName } from '../../shared/manifest/saved-paths.ts';
import type { Command } from './command.ts';
import { DETAIL_OPTIONS, pieceNote, typedDetails } from './details.ts';
import { DONE, wrongCall } from './exit.ts';
import { factsOf } from './facts.ts';
import { madeOf, requestFor } from './made.ts';
import { SERVER_OPTION, serverFor } from './server.ts';
import { writeWhole } from './system.ts';

const STANDARD_OUTPUT = '-';

export const create: Command = {
  name: 'create',
  summary: 'make a resource file (.torrentinno) of files and folders',
  usage: 'create PATH… [-o FILE]',
  about: [
    'Reads the files and writes a resource file: what a share is made of, and its link. Nothing is shared by it; `shoal share --resource FILE PATH…` or `shoal seed` does that. TorrentInno’s own program loads it, too, while its pieces have at most 1 MB.',
  ],
  operands: { least: 1, most: 10_000, what: 'which files or folders' },
  options: {
    output: {
      kind: 'text',
      short: 'o',
      value: 'FILE',
      about: 'where to write it (otherwise NAME.torrentinno; - is the standard output)',
    },
    force: { kind: 'flag', short: 'f', about: 'replace a file that is there already' },
    ...DETAIL_OPTIONS,
    ...SERVER_OPTION,
  },
  examples: [
    ['create film.mp4', 'film.mp4.torrentinno in this folder'],
    [
      'create --name Holiday --server https://share.example.org a.jpg b.jpg -o holiday.torrentinno',
      'with a name, for that server',
    ],
  ],
  async run(call, here) {
    const { screen, folder } = here;
    const output = call.text('output');
    if (output === STANDARD_OUTPUT && screen.isForMachines) {
      throw wrongCall('-o - and --json both want the standard output. Leave one of them out.');
    }
    const serverUrl = serverFor(call, here);
    const request = await requestFor(call.operands, typedDetails(call, serverUrl), here);
    const { infoHash, manifest } = await madeOf(request, here);
    const bytes = serialiseManifest(manifest);
    assert(bytes !== null, 'it was measured when it was made');
    const file =
      output === STANDARD_OUTPUT ? null : resolve(folder, output ?? resourceFileName(manifest.name));
    if (file === null) screen.raw(bytes);
    else await writeWhole(file, bytes, call.has('force'));
    const facts = factsOf(infoHash, manifest, serverUrl);
    screen.tell({ type: 'created', file, ...facts });
    const note = pieceNote(facts.pieceSize);
    if (note !== null) screen.tell({ type: 'note', message: note });
    return DONE;
  },
};
