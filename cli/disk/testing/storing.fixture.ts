/** A process that stores a share's pieces in the order of its seed, and says which are stored, until it is killed. */
import { join } from 'node:path';
import { seededRandom } from '../../../shared/random.ts';
import { openDisk } from '../open-disk.ts';
import { randomShare, shuffled } from './random-share.ts';

const [folder = '', seed = '1'] = process.argv.slice(2);
const random = seededRandom(Number(seed));
const share = randomShare(random);
const disk = await openDisk({ stateFolder: join(folder, '.shoal'), targetFolder: folder });
await disk.store.putShare(share.record);
process.stdout.write('ready\n');
for (const piece of shuffled(share.pieces, random)) {
  await disk.store.putPieces(share.infoHash, [piece]);
  process.stdout.write(`${piece.piece}\n`);
  if (random.below(10) === 0) await disk.sync();
}
process.stdout.write('all\n');
// Until it is killed.
setInterval(() => undefined, 60_000);
