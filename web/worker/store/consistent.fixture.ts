/** For tests: reads a whole database and says where segments, their files, places, directories and owned pieces do not agree. */
import { openDB } from 'idb';
import { directoryOf } from './directory.ts';
import { piecesIn } from './owned-pieces.ts';
import type { PrivateFiles } from './private-files.fixture.ts';
import type { Database, Directory, Owned, Place, PieceKey, Schema, Usage } from './schema.ts';
import { segmentId } from './segment-keys.ts';
import { sizeOf } from './segments.ts';
import { Usages } from './usage.ts';

interface Content {
  /** By the id of their segment, all three. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Of those that are in files, by the file's name. */
  readonly filed: ReadonlyMap<string, number>;
  readonly directories: ReadonlyMap<string, Directory>;
  readonly places: readonly (readonly [PieceKey, Place])[];
  readonly owned: ReadonlyMap<string, Owned>;
}

/** None: all is well. `files`: what the browser has of them, and none that belongs to nothing. */
export async function inconsistencies(name: string, files?: PrivateFiles): Promise<string[]> {
  const database = await openDB<Schema>(name);
  try {
    const content = await contentOf(database);
    return [
      ...faultsOfSegments(content),
      ...faultsOfPlaces(content),
      ...faultsOfOwned(content),
      ...faultsOfUsage(content),
      ...faultsOfFiles(content, files?.sizes ?? new Map()),
    ];
  } finally {
    database.close();
  }
}

async function contentOf(database: Database): Promise<Content> {
  const [segments, directories, places, owned] = await Promise.all([
    entries(database, 'pieces'),
    entries(database, 'directories'),
    entries(database, 'places'),
    entries(database, 'owned'),
  ]);
  return {
    sizes: new Map(
      segments.map(([key, value]) => [
        segmentId(key),
        'fileBytes' in value ? value.fileBytes : sizeOf(value),
      ]),
    ),
    filed: new Map(
      segments.flatMap(([key, value]) => ('fileBytes' in value ? [[key.join('-'), value.fileBytes]] : [])),
    ),
    directories: new Map(directories.map(([key, directory]) => [segmentId(key), directory])),
    places,
    owned: new Map(owned),
  };
}

async function entries<Name extends 'pieces' | 'directories' | 'places' | 'owned'>(
  database: Database,
  name: Name,
): Promise<[Schema[Name]['key'], Schema[Name]['value']][]> {
  const { store } = database.transaction(name);
  const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
  return keys.map((key, at) => [key, values[at] as Schema[Name]['value']]);
}

function* faultsOfSegments({ sizes, directories, places }: Content): Generator<string> {
  const listed = new Map(places.map(([key, place]) => [key.join('/'), place]));
  for (const id of sizes.keys()) if (!directories.has(id)) yield `segment ${id} has no directory`;
  for (const [id, directory] of directories) {
    const { bytes, pieces, due } = directory;
    if (sizes.get(id) !== bytes) yield `segment ${id} has ${sizes.get(id)} bytes, not ${bytes}`;
    if (pieces.length === 0) yield `segment ${id} is there for nothing`;
    if (directoryOf(bytes, pieces).due !== due) yield `segment ${id} is not ${due}`;
    const ends = new Map(pieces.map(([, , offset, size]) => [offset, offset + size]));
    let end = 0;
    for (const [from, to] of [...ends].sort(([one], [other]) => one - other)) {
      if (from < end || to > bytes) yield `segment ${id}: bytes ${from} to ${to} are not its own`;
      end = to;
    }
    for (const [infoHash, piece, offset, size] of pieces) {
      const place = listed.get(`${infoHash}/${piece}`);
      const agrees = place !== undefined && segmentId(place.segment) === id;
      if (!agrees || place.offset !== offset || place.size !== size) {
        yield `segment ${id} lists piece ${piece}, which is elsewhere`;
      }
    }
  }
}

function* faultsOfFiles({ filed }: Content, found: ReadonlyMap<string, number>): Generator<string> {
  for (const [name, bytes] of filed) {
    if (found.get(name) !== bytes) yield `file ${name} has ${found.get(name)} bytes, not ${bytes}`;
  }
  for (const name of found.keys()) if (!filed.has(name)) yield `file ${name} belongs to nothing`;
}

function* faultsOfPlaces({ directories, places }: Content): Generator<string> {
  for (const [[infoHash, piece], { segment }] of places) {
    const there = directories.get(segmentId(segment))?.pieces ?? [];
    const times = there.filter(([share, index]) => share === infoHash && index === piece).length;
    if (times !== 1) yield `piece ${piece} is listed ${times} times`;
  }
}

function* faultsOfOwned({ owned, places }: Content): Generator<string> {
  const placed = new Map<string, number[]>();
  for (const [[infoHash, piece]] of places) placed.set(infoHash, [...(placed.get(infoHash) ?? []), piece]);
  for (const infoHash of new Set([...owned.keys(), ...placed.keys()])) {
    const [said, found] = [piecesIn(owned.get(infoHash)?.pieces), placed.get(infoHash) ?? []];
    if (said.join() !== found.join())
      yield `share ${infoHash} owns ${said.join()}, and ${found.join()} is there`;
  }
}

function* faultsOfUsage({ directories, owned }: Content): Generator<string> {
  const counted = new Usages();
  for (const { pieces } of directories.values()) counted.count(pieces, 1);
  const written = (all: Iterable<readonly [string, Usage]>): string =>
    [...all]
      .map(([key, { bytes, sharedBytes }]) => `${key}: ${bytes}, ${sharedBytes}`)
      .sort()
      .join('; ');
  if (written(owned) !== written(counted)) yield `shares take ${written(counted)}, not ${written(owned)}`;
  for (const [infoHash, { partBytes }] of owned) {
    const part = counted.of(infoHash).partBytes;
    // Parts are fractions, and their sums have rests.
    if (Math.abs(partBytes - part) > 0.01) yield `the part of ${infoHash} is ${part}, not ${partBytes}`;
  }
}
