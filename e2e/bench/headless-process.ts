/** The sending half of `npm run bench -- headless`, in a process of its own: does what it is told, and says what came of it. */
import { TestHost } from '../../cli/testing/test-host.ts';
import { linkFragment } from '../../shared/manifest/link.ts';
import { BareChannel } from './bare-channel.ts';
import { MadeContent } from './made-content.ts';

export type Order =
  | { readonly order: 'offer' }
  | { readonly order: 'accept'; readonly answer: string }
  | { readonly order: 'share'; readonly url: string; readonly bytes: number }
  | { readonly order: 'figures' };

export interface Figures {
  /** Processor time of the process until now, in ms. */
  readonly processorMs: number;
  /** The most that it had in memory since it was asked last. */
  readonly peakBytes: number;
}

const LOOK_EVERY_MS = 20;

let bare: BareChannel | null = null;
let peakBytes = 0;

setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), LOOK_EVERY_MS).unref();

async function answerTo(order: Order): Promise<string | Figures> {
  switch (order.order) {
    case 'offer':
      bare?.close();
      bare = new BareChannel();
      bare.serve();
      return bare.offer();
    case 'accept':
      bare?.accept(order.answer);
      return '';
    case 'share':
      return share(order.url, order.bytes);
    case 'figures': {
      const { user, system } = process.cpuUsage();
      const peak = Math.max(peakBytes, process.memoryUsage.rss());
      peakBytes = 0;
      return { processorMs: (user + system) / 1_000, peakBytes: peak };
    }
  }
}

async function share(url: string, bytes: number): Promise<string> {
  const { host } = await TestHost.start(url);
  const { hostname, port } = new URL(url);
  const outcome = await host.peer.share({
    files: [{ content: new MadeContent(bytes), path: ['measured.bin'], modified: 0 }],
    ...{ folders: [], name: 'measured.bin', comment: '', pieceBytes: null, salted: true },
    ...{ trackerHost: hostname, trackerPort: port },
  });
  if (outcome.kind !== 'shared') throw new Error(outcome.kind);
  return `${url}/#${linkFragment(outcome.infoHash)}`;
}

process.on('message', (order: Order) => void answerTo(order).then((answer) => process.send?.({ answer })));
// The library's threads do not end by themselves, and nobody needs what they still do.
process.on('disconnect', () => process.exit(0));
