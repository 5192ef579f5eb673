/** The order of pieces that the host asks for ([PK2]), checked at the edge. Knows no share. */
import * as v from 'valibot';
import type { PieceOrder } from '../engine/io.ts';
import { MAX_FIRST_RANGES } from '../limits.ts';

const Place = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Order = v.object({
  kind: v.picklist(['rarest', 'sequential']),
  first: v.exactOptional(
    v.pipe(v.array(v.object({ from: Place, to: Place })), v.maxLength(MAX_FIRST_RANGES)),
  ),
});

/** Null: no order. Pieces that the share does not have do not make it one. */
export function askedOrder(order: unknown): PieceOrder | null {
  const checked = v.safeParse(Order, order);
  return checked.success ? checked.output : null;
}
