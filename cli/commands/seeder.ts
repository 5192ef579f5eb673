/**
 * Looks after a folder ([HL15]): what resource files there are, whose content lies beside them, is shared; what is new
 * begins, what is gone ends, and what is not whole yet is looked at again when it has changed. Owns what is known of the
 * folder. One look at a time.
 */
import { join, relative, sep } from 'node:path';
import type { InfoHash } from '../../shared/ids.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import type { Digest, FileToShare } from '../../shared/peer/ports.ts';
import { readResource } from '../../shared/peer/read-resource.ts';
import type { SkippedWhy } from '../terminal/said.ts';
import type { Screen } from '../terminal/screen.ts';
import type { Log } from './command.ts';
import { factsOf } from './facts.ts';
import { placedFiles } from './placed-files.ts';
import type { PlacedFile } from './placed-files.ts';
import type { Doors, Host } from './ports.ts';
import { beginningOf, resourceFaultSentence } from './resource-at.ts';
import { foundResources } from './resource-scan.ts';
import type { FoundResource } from './resource-scan.ts';
import { refusedSentence } from './seed-outcome.ts';
import { systemSentence } from './system.ts';

export interface SeederParts {
  readonly folder: string;
  readonly serverUrl: string;
  readonly peer: Pick<Host['peer'], 'resources' | 'remove' | 'library'>;
  readonly chosenPaths: Doors['chosenPaths'];
  readonly digest: Digest;
  readonly screen: Screen;
  readonly log: Log;
}

/** What came of a resource file; `signature`: of it and, where that did not fit, of its content. */
type Known = { readonly signature: string; readonly isRemembered: boolean } & (
  | { readonly kind: 'seeded'; readonly infoHash: InfoHash; readonly name: string }
  | {
      readonly kind: 'skipped';
      readonly why: SkippedWhy;
      readonly content: string | null;
      readonly manifest: Manifest | null;
    }
);

export class Seeder {
  readonly #parts: SeederParts;
  readonly #known = new Map<string, Known>();
  #looking: Promise<void> | null = null;
  #isDueAgain = false;
  #hasLooked = false;
  #isStopped = false;

  constructor(parts: SeederParts) {
    this.#parts = parts;
  }

  get shares(): number {
    return [...this.#known.values()].filter(({ kind }) => kind === 'seeded').length;
  }

  get skipped(): number {
    return [...this.#known.values()].filter(({ kind, isRemembered }) => kind === 'skipped' && !isRemembered)
      .length;
  }

  /** Settles when everything that lay there at the call was looked at. */
  look(): Promise<void> {
    if (this.#looking !== null) {
      this.#isDueAgain = true;
      return this.#looking;
    }
    this.#looking = this.#lookUntilStill().finally(() => (this.#looking = null));
    return this.#looking;
  }

  /** Settles when nothing more is begun. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#looking?.catch(() => undefined);
  }

  async #lookUntilStill(): Promise<void> {
    do {
      this.#isDueAgain = false;
      await this.#lookOnce();
    } while (this.#isDueAgain && !this.#isStopped);
  }

  async #lookOnce(): Promise<void> {
    const { folder, screen } = this.#parts;
    let found: FoundResource[];
    try {
      found = await foundResources(folder);
    } catch (error) {
      // It may come back, as a drive does that was taken away: what is shared waits for it.
      return screen.tell({ type: 'note', message: `${systemSentence(error, folder)} Looking again soon.` });
    }
    await this.#letGo(found);
    for (const resource of found) {
      if (this.#isStopped) return;
      await this.#lookAt(resource);
    }
    if (!this.#hasLooked) await this.#forgetOthers();
    this.#hasLooked = true;
  }

  /** Of resource files that are not there any more. */
  async #letGo(found: readonly FoundResource[]): Promise<void> {
    const here = new Set(found.map(({ path }) => path));
    for (const [path, known] of [...this.#known]) {
      if (!here.has(path)) await this.#forget(path, known);
    }
  }

  async #forget(path: string, known: Known): Promise<void> {
    this.#known.delete(path);
    if (known.kind !== 'seeded') return;
    await this.#parts.peer.remove(known.infoHash);
    this.#parts.screen.tell({ type: 'unseeded', infoHash: known.infoHash, name: known.name });
  }

  /** Its resource file came behind what a download had remembered of it. */
  async #forgetQuietly(path: string, infoHash: InfoHash): Promise<void> {
    this.#known.delete(path);
    await this.#parts.peer.remove(infoHash);
  }

  /** What an earlier daemon shared and lies here no more. */
  async #forgetOthers(): Promise<void> {
    const { peer } = this.#parts;
    const seeded = new Set(
      [...this.#known.values()].map((known) => (known.kind === 'seeded' ? known.infoHash : null)),
    );
    for (const { infoHash } of await peer.library()) if (!seeded.has(infoHash)) await peer.remove(infoHash);
  }

  async #lookAt(resource: FoundResource): Promise<void> {
    const { path, folder, signature } = resource;
    const known = this.#known.get(path);
    if (known?.signature === signature) {
      if (known.kind === 'seeded' || known.manifest === null) return;
      const placed = await placedFiles(known.manifest, folder).catch(() => null);
      if (placed !== null && contentSignature(placed) === known.content) return;
    } else if (known !== undefined) {
      await this.#forget(path, known);
    }
    const outcome = await this.#tried(resource);
    this.#known.set(path, outcome.known);
    outcome.tell(known);
  }

  async #tried(found: FoundResource): Promise<{ known: Known; tell: (before: Known | undefined) => void }> {
    const { path, folder, isRemembered, signature } = found;
    const { digest, screen } = this.#parts;
    const resource = relative(this.#parts.folder, path);
    const skip = (
      why: SkippedWhy,
      message: string,
      manifest: Manifest | null = null,
      content: string | null = null,
    ) => ({
      known: { kind: 'skipped' as const, isRemembered, signature, why, manifest, content },
      tell: (before: Known | undefined) => {
        // Said once, however often it is looked at; of a download nothing has to be said.
        if (isRemembered) return;
        if (before?.kind !== 'skipped' || before.why !== why)
          screen.tell({ type: 'skipped', resource, why, message });
      },
    });
    const bytes = await beginningOf(path).catch(() => null);
    if (bytes === null) return skip('unreadable', 'this file cannot be read. Change its rights.');
    const read = await readResource(bytes, digest);
    if (read.kind === 'refused') return skip('no-resource', resourceFaultSentence(read));
    const { infoHash, manifest } = read;
    const twin = [...this.#known].find(
      ([other, one]) => other !== path && one.kind === 'seeded' && one.infoHash === infoHash,
    );
    if (twin !== undefined && (isRemembered || !twin[1].isRemembered))
      return skip('same-share', `the same share as ${relative(this.#parts.folder, twin[0])}.`);
    if (twin !== undefined) await this.#forgetQuietly(twin[0], infoHash);
    const content = await this.#contentOf(folder, manifest);
    if ('message' in content) return skip(content.why, content.message, manifest, content.signature);
    const outcome = await this.#parts.peer.resources.seed(bytes, content.files);
    if (outcome.kind === 'refused')
      return skip('changed', refusedSentence(outcome.why), manifest, content.signature);
    if (outcome.kind === 'no-resource') return skip('no-resource', resourceFaultSentence(outcome.fault));
    return {
      known: { kind: 'seeded', isRemembered, signature, infoHash, name: manifest.name },
      tell: this.#seeded(resource, infoHash, manifest),
    };
  }

  #seeded(resource: string, infoHash: InfoHash, manifest: Manifest): () => void {
    const { screen, serverUrl, log } = this.#parts;
    return () => {
      screen.tell({ type: 'seeding', resource, ...factsOf(infoHash, manifest, serverUrl) });
      log.info(
        { share: infoHash.slice(0, 8), files: manifest.files.length, bytes: manifest.totalBytes },
        'a share is open',
      );
    };
  }

  /** The files that belong to a resource file, or why they are none that can be shared. */
  async #contentOf(
    folder: string,
    manifest: Manifest,
  ): Promise<
    | { readonly files: readonly FileToShare[]; readonly signature: string }
    | { readonly why: SkippedWhy; readonly message: string; readonly signature: string | null }
  > {
    const placed = await placedFiles(manifest, folder).catch((error: unknown) =>
      systemSentence(error, 'its content'),
    );
    if (typeof placed === 'string') return { why: 'unreadable', message: placed, signature: null };
    const signature = contentSignature(placed);
    const missing = placed.filter(({ size }) => size === null).length;
    if (missing > 0) {
      const what =
        missing === placed.length ? 'its content is not' : `${missing} of its ${placed.length} files are not`;
      return {
        why: 'no-content',
        message: `${what} beside it. It is shared as soon as all of it is there.`,
        signature,
      };
    }
    if (placed.some(({ size }, nth) => size !== manifest.files[nth]?.size)) {
      return {
        why: 'changed',
        message:
          'what lies beside it is not as large as it should be. It is looked at again when it changes.',
        signature,
      };
    }
    return this.#readable(folder, manifest, placed, signature);
  }

  async #readable(
    folder: string,
    manifest: Manifest,
    placed: readonly PlacedFile[],
    signature: string,
  ): Promise<
    | { readonly files: readonly FileToShare[]; readonly signature: string }
    | { readonly why: SkippedWhy; readonly message: string; readonly signature: string }
  > {
    const below = placed.map((file) => relative(folder, file.path).split(sep));
    const tops = new Set(below.map(([top = '']) => join(folder, top)));
    const chosen = await this.#parts.chosenPaths([...tops]);
    if (chosen.kind === 'refused') return { why: 'unreadable', message: chosen.message, signature };
    const byPath = new Map(chosen.files.map((file) => [file.path.join('/'), file]));
    const files = manifest.files.flatMap(({ path }, nth) => {
      const file = byPath.get(below[nth]?.join('/') ?? '');
      // Under the manifest's names: what it is called on this disk is another matter.
      return file === undefined ? [] : [{ content: file.content, modified: file.modified, path }];
    });
    return files.length === manifest.files.length
      ? { files, signature }
      : { why: 'unreadable', message: 'its content cannot be read. Change its rights.', signature };
  }
}

function contentSignature(placed: readonly PlacedFile[]): string {
  return placed.map(({ size, modified }) => `${size ?? '-'} ${modified}`).join(',');
}
