/** What rows of a table are called: no two of them alike, so that each link and button has a name of its own ([UI20]). Pure. */

/** In their order; the second of a name gets a number behind it. */
export function labelsOf(titles: readonly string[]): string[] {
  // A name that has a number already keeps it.
  const taken = new Set(titles);
  const counts = new Map<string, number>();
  return titles.map((title) => {
    let nth = (counts.get(title) ?? 0) + 1;
    while (nth > 1 && taken.has(`${title} (${nth})`)) nth += 1;
    counts.set(title, nth);
    const label = nth === 1 ? title : `${title} (${nth})`;
    taken.add(label);
    return label;
  });
}
