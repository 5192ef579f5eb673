/**
 * The ornament of the first page: pieces that come from the left and become a fish on the right. Pure: a place
 * in the picture goes in, a tone comes out.
 */
import { grainOf, type Cell, type CellTone } from './lattice.ts';

/** The fish's body in units of the picture's height: a lens of two arcs, with a tail. */
function insideFish(x: number, y: number): boolean {
  const nose = 1.25;
  const along = x / nose;
  if (along > 0 && along < 1)
    return Math.abs(y) < 0.055 * (1 - along) + 0.36 * Math.sin(Math.PI * along) ** 0.8;
  const tail = -x / 0.34;
  const notch = 0.2 * Math.max(0, tail - 0.55);
  return tail >= 0 && tail < 1 && Math.abs(y) < 0.055 + 0.26 * tail && Math.abs(y) >= notch;
}

/**
 * `gathered` 0–1: how many of the loose pieces there are; at 1 the water is full of them.
 * The fish keeps to the right with its nose inside the picture.
 */
export function swimTones(gathered: number) {
  return (cells: readonly Cell[], width: number, height: number): CellTone[] =>
    cells.map(({ x, y }, index) => {
      const grain = grainOf(index);
      const fishX = (x - (width - height * 1.45)) / height;
      const fishY = y / height - 0.5;
      if (insideFish(fishX, fishY)) {
        const eye = Math.hypot(fishX - 0.98, fishY + 0.06) < 0.05;
        return { stored: eye ? 0 : 1, underWay: false };
      }
      const near = Math.max(0, 1 - Math.abs(fishY) * 1.6) * Math.max(0, Math.min(1, x / width + 0.1));
      const behind = fishX < 0;
      const loose = behind ? 0.34 * near : 0;
      const chance = loose + (0.92 - loose) * gathered;
      if (grain >= chance) return { stored: 0, underWay: false };
      return grain < chance * (0.3 - 0.18 * gathered)
        ? { stored: 0, underWay: true }
        : { stored: 0.35 + 0.5 * near, underWay: false };
    });
}
