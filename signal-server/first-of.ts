/**
 * The first few of many in an order, without ordering all of them: a heap that holds as many as are wanted, the last
 * of them on top. Takes one comparison for most of the others.
 */
export function firstOf<T>(many: readonly T[], wanted: number, order: (a: T, b: T) => number): T[] {
  if (wanted <= 0) return [];
  if (wanted >= many.length) return many.toSorted(order);
  const heap = many.slice(0, wanted);
  for (let at = (wanted >> 1) - 1; at >= 0; at--) sink(heap, at, order);
  for (let at = wanted; at < many.length; at++) {
    const [last, next] = [heap[0] as T, many[at] as T];
    if (order(next, last) >= 0) continue;
    heap[0] = next;
    sink(heap, 0, order);
  }
  return heap.sort(order);
}

/** Puts the one at `top` below those under it that come later. */
function sink<T>(heap: T[], top: number, order: (a: T, b: T) => number): void {
  const sunk = heap[top] as T;
  let at = top;
  for (let under = 2 * at + 1; under < heap.length; under = 2 * at + 1) {
    const right = under + 1;
    if (right < heap.length && order(heap[right] as T, heap[under] as T) > 0) under = right;
    if (order(heap[under] as T, sunk) <= 0) break;
    heap[at] = heap[under] as T;
    at = under;
  }
  heap[at] = sunk;
}
