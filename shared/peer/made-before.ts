/** The share that what stands at a web address has become here already ([WS40]). Knows no machine and no network. */
import type { InfoHash } from '../ids.ts';
import { isSameFile } from '../protocol/web-texts.ts';
import type { UrlFacts } from '../url/probe.ts';
import type { WebOrigin } from './library-store.ts';
import type { PeerPorts } from './ports.ts';
import { storedDigest } from './stored-hashes.ts';
import { nowOf } from './web-facts.ts';
import type { WebFilesHost } from './web-files-host.ts';

interface Wanted {
  readonly url: string;
  /** Of what is there now; null: nobody says. */
  readonly facts: UrlFacts | null;
  readonly sha256: string | null;
}

type Ports = Pick<PeerPorts, 'store' | 'wholeDigest'>;

/** Null: there is none. */
export async function madeBefore(
  { url, facts, sha256 }: Wanted,
  host: WebFilesHost,
  ports: Ports,
): Promise<InfoHash | null> {
  for (const { infoHash, cameFrom } of await host.keeper.madeAt(url)) {
    if (facts !== null && !isSameFile(nowOf(facts, cameFrom), cameFrom)) continue;
    if (await isAsSaid(infoHash, cameFrom, sha256, host, ports)) return infoHash;
  }
  return null;
}

/** [WS26] What nobody compared with that is compared now. */
async function isAsSaid(
  infoHash: InfoHash,
  cameFrom: WebOrigin,
  sha256: string | null,
  { keeper, open }: WebFilesHost,
  ports: Ports,
): Promise<boolean> {
  if (sha256 === null || sha256 === cameFrom.sha256) return true;
  const share = await open(infoHash, () => keeper.stored(infoHash));
  const { manifest = null } = share?.driver.snapshot().engine ?? {};
  if (manifest === null || (await storedDigest({ infoHash, manifest }, ports)) !== sha256) return false;
  await keeper.wasCompared(infoHash, sha256);
  return true;
}
