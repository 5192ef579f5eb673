/**
 * Which other tabs of this browser are peers, too ([ID2] [EN6]): they tell each other who they are, by a channel of their
 * own name ([ST8]). Nobody outside the browser hears of it.
 */
import { peerId } from '../../shared/ids.ts';
import type { OwnTabs, PeerPorts } from '../../shared/peer/ports.ts';
import { nameOnOrigin } from './base-path.ts';

/** `asks`: whoever hears it says who it is. */
interface Said {
  readonly id: string;
  readonly asks: boolean;
}

export function browserTabs(basePath: string): PeerPorts['ownTabs'] {
  return (met): OwnTabs => {
    const channel = new BroadcastChannel(nameOnOrigin(basePath, '-tabs'));
    let own: string | null = null;
    const say = (id: string, asks: boolean): void => channel.postMessage({ id, asks } satisfies Said);
    // Whatever shares our origin may speak on it.
    channel.onmessage = ({ data }: MessageEvent<Partial<Said> | null>) => {
      const id = peerId(data?.id ?? '');
      if (id === null) return;
      met(id);
      if (data?.asks === true && own !== null) say(own, false);
    };
    return {
      here: (id) => {
        own = id;
        say(id, true);
      },
      close: () => channel.close(),
    };
  };
}
