/** A process that receives a share, says so as JSON, and ends by itself as soon as its host is closed. */
import { infoHash } from '../../shared/ids.ts';
import { TestHost } from './test-host.ts';

const [serverUrl = '', id = ''] = process.argv.slice(2);
const share = infoHash(id);
if (share === null) throw new Error('an info-hash is needed');
const receiver = await TestHost.start(serverUrl);
await receiver.host.peer.download(share);
const { peers } = await receiver.told(share, ({ phase }) => phase === 'complete');
process.stdout.write(
  `${JSON.stringify({ sha256: await receiver.sha256(share), paths: peers.map(({ path }) => path) })}\n`,
);
await receiver.host.close();
