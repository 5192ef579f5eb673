/** Reads a resource file from the disk ([HL9]), no more of it than one may have. */
import { open } from 'node:fs/promises';
import { unreachable } from '../../shared/assert.ts';
import { MAX_MANIFEST_BYTES } from '../../shared/limits.ts';
import type { ResourceFault } from '../../shared/manifest/resource-file.ts';
import { readResource } from '../../shared/peer/read-resource.ts';
import type { ReadResource } from '../../shared/peer/read-resource.ts';
import { flawOf } from '../../shared/words/refusals.ts';
import { notDone } from './exit.ts';
import type { Platform } from './ports.ts';
import { stateOfPath, systemEnded } from './system.ts';

/** A byte order mark, and one byte by which it is seen that there are too many. */
const MOST_BYTES = MAX_MANIFEST_BYTES + 4;

export type ResourceAt = Extract<ReadResource, { kind: 'read' }> & {
  readonly bytes: Uint8Array<ArrayBuffer>;
};

/** `what`: its name as it is shown. Ends the command where it is none. */
export async function readResourceAt(
  path: string,
  what: string,
  digest: Platform['digest'],
): Promise<ResourceAt> {
  // Opening a pipe waits for whoever writes into it.
  if ((await stateOfPath(path)) === 'other') throw notDone(`${what} is no file.`);
  const bytes = await beginningOf(path).catch((error: unknown) => {
    throw systemEnded(error, what);
  });
  const read = await readResource(bytes, digest);
  if (read.kind === 'refused') throw notDone(`${what}: ${resourceFaultSentence(read)}`);
  return { ...read, bytes };
}

/** All of a file that is as long as a resource file may be. */
export async function beginningOf(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path, 'r');
  try {
    const buffer = new Uint8Array(MOST_BYTES);
    let end = 0;
    while (end < buffer.length) {
      const { bytesRead } = await file.read(buffer, end, buffer.length - end, end);
      if (bytesRead === 0) break;
      end += bytesRead;
    }
    return buffer.slice(0, end);
  } finally {
    await file.close();
  }
}

export function resourceFaultSentence(fault: ResourceFault): string {
  switch (fault.why) {
    case 'empty':
      return 'there is nothing in this file. Ask for a new one, or for a link.';
    case 'too-large':
      return 'this is too large for a resource file of Shoal. To share it, use `shoal share`.';
    case 'bittorrent':
      return 'this is a BitTorrent file. Shoal cannot open it, but a BitTorrent program can.';
    case 'other-file':
      return 'this is no resource file, but one of another program. To share it, use `shoal share`.';
    case 'damaged':
      return 'this resource file is damaged: a part of it is missing or was changed. Ask for a new one, or for a link.';
    case 'not-allowed':
      return `this resource file cannot be opened: ${flawOf(fault.reason)}. Ask for a new one, or for a link.`;
    default:
      return unreachable(fault);
  }
}
