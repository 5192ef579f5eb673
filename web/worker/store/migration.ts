/**
 * [ST11] From version 1, which had one value a piece: every such value becomes a segment with one piece, under the key
 * that it has. No piece is read or moved; what the manifests say of sizes and hashes is believed, as pieces were verified
 * before they were stored. What no readable manifest tells of is deleted.
 * From version 2, which knew what a share has and not what it takes: the directories say that.
 */
import { parseManifest } from '../../../shared/manifest/resource.ts';
import type { ManifestPiece } from '../../../shared/manifest/manifest.ts';
import { directoryOf } from './directory.ts';
import { countIn, withPieces } from './owned-pieces.ts';
import { isOfVersionOne } from './segment-keys.ts';
import { inOne, settled } from './settled.ts';
import type { Listed, PieceKey, SegmentKey, Upgrade } from './schema.ts';
import { Usages } from './usage.ts';

interface Segment {
  readonly key: PieceKey;
  readonly content: ManifestPiece;
  /** The pieces that have its content. */
  readonly uses: PieceKey[];
}

export async function migratePieces(transaction: Upgrade): Promise<void> {
  const pieces = transaction.objectStore('pieces');
  const [records, keys] = await inOne([
    () => transaction.objectStore('shares').getAll(),
    () => pieces.getAllKeys(),
  ]);
  const manifests = new Map<string, readonly ManifestPiece[]>();
  for (const { infoHash, manifest } of records) {
    const parsed = parseManifest(manifest);
    if (parsed.kind === 'parsed') manifests.set(infoHash, parsed.manifest.pieces);
  }
  const bySha256 = new Map<string, Segment>();
  const superfluous: SegmentKey[] = [];
  for (const key of keys) {
    const content = isOfVersionOne(key) ? manifests.get(key[0])?.[key[1]] : undefined;
    if (content === undefined || !isOfVersionOne(key)) {
      superfluous.push(key);
      continue;
    }
    const known = bySha256.get(content.sha256);
    known?.uses.push(key);
    if (known === undefined) bySha256.set(content.sha256, { key, content, uses: [key] });
    else superfluous.push(key); // [ST9] the same content is stored once
  }
  const changes = [
    ...superfluous.map((key) => () => pieces.delete(key)),
    ...[...bySha256.values()].flatMap((segment) => recordingOf(transaction, segment)),
    ...recordingOwned(transaction, [...bySha256.values()]),
  ];
  await settled(changes.map(async (change) => change()));
}

/** What version 2 kept of a share: the bits alone. */
type OwnedOfVersionTwo = Uint8Array<ArrayBuffer>;

export async function migrateOwned(transaction: Upgrade): Promise<void> {
  const store = transaction.objectStore('owned');
  const [directories, owners, records] = await inOne([
    () => transaction.objectStore('directories').getAll(),
    () => store.getAllKeys(),
    () => store.getAll() as Promise<unknown> as Promise<OwnedOfVersionTwo[]>,
  ]);
  const usages = new Usages();
  for (const { pieces } of directories) usages.count(pieces, 1);
  const changes = owners.map(async (infoHash, at) => {
    const pieces = records[at];
    // Version 2 kept a record of none, too.
    if (countIn(pieces) === 0 || pieces === undefined) return store.delete(infoHash);
    return store.put({ pieces, ...usages.of(infoHash) }, infoHash);
  });
  await settled(changes);
}

type Change = () => Promise<unknown>;

function recordingOf(transaction: Upgrade, { key, content, uses }: Segment): Change[] {
  const { sha256, size } = content;
  const listed = listedOf({ content, uses });
  const places = transaction.objectStore('places');
  return [
    () => transaction.objectStore('directories').put(directoryOf(size, listed), key),
    ...uses.map((piece) => () => places.put({ segment: key, offset: 0, size, sha256 }, piece)),
  ];
}

function listedOf({ content, uses }: Pick<Segment, 'content' | 'uses'>): Listed[] {
  return uses.map(([infoHash, piece]) => [infoHash, piece, 0, content.size]);
}

/** [ST12] With what they take. */
function recordingOwned(transaction: Upgrade, segments: readonly Segment[]): Change[] {
  const usages = new Usages();
  for (const segment of segments) usages.count(listedOf(segment), 1);
  const owned = new Map<string, number[]>();
  for (const { uses } of segments) {
    for (const [infoHash, piece] of uses) {
      const known = owned.get(infoHash);
      if (known === undefined) owned.set(infoHash, [piece]);
      else known.push(piece);
    }
  }
  const store = transaction.objectStore('owned');
  return [...owned].map(
    ([infoHash, pieces]) =>
      () =>
        store.put({ pieces: withPieces(undefined, pieces), ...usages.of(infoHash) }, infoHash),
  );
}
