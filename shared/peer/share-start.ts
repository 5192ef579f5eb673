/**
 * Opens a share or a file without hashes: makes its driver, joins it to the world and to everybody in this peer who has to
 * know of it, and tells its machine what was said before it was there. Owns nothing.
 */
import type { InfoHash, SwarmId } from '../ids.ts';
import { seededRandom } from '../random.ts';
import type { Activity } from './activity.ts';
import type { Beginning } from './beginning.ts';
import type { DeliveryCount } from './delivery-count.ts';
import type { Keeper } from './keeper.ts';
import type { Kicked } from './kicked.ts';
import type { OpenShares } from './open-shares.ts';
import type { PeerPorts } from './ports.ts';
import type { Preferences } from './preferences.ts';
import type { Reach } from './reach.ts';
import type { Self } from './self.ts';
import { ShareDriver } from './share-driver.ts';
import type { StoreCare } from './share-driver.ts';
import type { Teller } from './teller.ts';
import type { OpenShare } from './teller.ts';
import type { PeerListener } from './verbs.ts';
import type { WebFiles } from './web-files.ts';

export interface StartHost {
  readonly self: Self;
  readonly reach: Reach;
  readonly care: StoreCare;
  readonly preferences: Preferences;
  readonly kicked: Kicked;
  readonly shares: OpenShares;
  readonly keeper: Pick<Keeper, 'completed'>;
  readonly webFiles: WebFiles;
  readonly activity: Activity;
  readonly deliveries: DeliveryCount<OpenShare>;
  readonly teller: Teller;
  readonly listener: PeerListener;
}

export function startShare(
  [infoHash, swarm, beginning]: readonly [InfoHash, SwarmId, Beginning],
  ports: PeerPorts,
  host: StartHost,
): OpenShare {
  const { role, filesMissing, saved, asLeft, web, sha256 = null, cameFrom = null } = beginning;
  const { self, reach, preferences, kicked, shares, teller } = host;
  const driver: ShareDriver = driverOf(infoHash, swarm, beginning, ports, host, () => share);
  const fresh = { saveDue: false, saveOutdated: false, delivered: 0, listed: 'no' as const };
  const share: OpenShare = { infoHash, role, swarm, driver, filesMissing, saved, sha256, cameFrom, ...fresh };
  shares.set(infoHash, share);
  for (const input of [...preferences.said, ...kicked.of(infoHash)]) driver.feed(input);
  driver.feed({ kind: 'own-tabs-known', peers: self.ownTabs });
  if (reach.trackerNews !== null) driver.feed(reach.trackerNews);
  for (const input of asLeft) driver.feed(input);
  if (web !== undefined) void host.webFiles.began(share);
  host.deliveries.began(share);
  reach.directory.began(share);
  reach.elsewhere.follow(share);
  host.webFiles.passingOn.follow(share);
  teller.changed(share);
  return share;
}

function driverOf(
  infoHash: InfoHash,
  swarm: SwarmId,
  { manifest, owned, files, source, web }: Beginning,
  { clock, digest, store, entropy, webRanges }: PeerPorts,
  host: StartHost,
  share: () => OpenShare,
): ShareDriver {
  const { reach, preferences, listener } = host;
  const random = seededRandom(new DataView(entropy.bytes(4).buffer).getUint32(0));
  const limits = preferences.rates.buckets;
  return new ShareDriver(
    {
      ...{ own: host.self.id, infoHash, manifest, owned, files, random, limits },
      ...(web === undefined ? {} : { web }),
    },
    source,
    {
      ...{ clock, digest, store, care: host.care },
      ...(webRanges === undefined ? {} : { webRanges }),
      dial: (peer) => reach.dial(swarm, peer),
      giveUp: (peer) => reach.giveUp(swarm, peer),
      announce: ({ event, left, want }) => reach.announce({ swarm, event, left, want }),
      changed: () => host.teller.changed(share()),
      reported: (event) => {
        if (web !== undefined) void host.webFiles.reported(share(), event);
        else if (event.kind === 'completed' && share().role === 'receiving') completed(share(), host);
        if (event.kind === 'peer-completed') host.deliveries.completed(share(), event.peer);
        listener.reported(infoHash, event);
      },
      sent: (peer, piece, bytes) => host.activity.sent(infoHash, peer, piece, bytes),
      // [WK1] Its machine says nothing any more: others need not wait until its announce runs out.
      broke: (error) => {
        reach.announce({ swarm, event: 'stopped', left: null, want: 0 });
        listener.shareBroke(infoHash, error);
      },
      swarmChanged: () => {
        reach.elsewhere.follow(share());
        host.webFiles.passingOn.follow(share());
      },
    },
  );
}

function completed(share: OpenShare, { keeper, webFiles }: StartHost): void {
  share.saveDue = true;
  const { driver, infoHash } = share;
  webFiles.passingOn.follow(share);
  void keeper.completed(infoHash, driver.snapshot().engine.manifest, driver.files);
}
