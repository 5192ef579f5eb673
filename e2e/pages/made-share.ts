/** A share with made-up content that browser and test can both compute: every piece is a run of its own. */
import type { ShareFile } from '../../shared/manifest/resource.ts';
import { seededRandom } from '../../shared/random.ts';

export interface MadeShare {
  readonly name: string;
  readonly files: readonly ShareFile[];
  readonly folders?: readonly (readonly string[])[];
  readonly pieceBytes: number;
  readonly seed: number;
}

export function madePiece(
  { pieceBytes, seed }: MadeShare,
  piece: number,
  size: number,
): Uint8Array<ArrayBuffer> {
  const random = seededRandom(seed * 1_000_003 + piece);
  const words = new Uint32Array(Math.ceil(pieceBytes / 4));
  for (let at = 0; at < words.length; at++) words[at] = random.uint32();
  return new Uint8Array(words.buffer, 0, size).slice();
}
