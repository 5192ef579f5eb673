/** What moves is said again and again, and each screen has a way of its own for it. Pure. */
import type { Moving, Said } from './said.ts';

const MOVING: Readonly<Record<Moving['type'], true>> = {
  progress: true,
  streaming: true,
  sending: true,
  serving: true,
  reading: true,
};

export function isMoving(said: Said): said is Moving {
  return Object.hasOwn(MOVING, said.type);
}
