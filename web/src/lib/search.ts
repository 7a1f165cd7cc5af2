// Search and order of lists that are already here.

/** Every word has to be in some field; capital letters do not matter. */
export function matches(query: string, fields: (string | number | null | undefined)[]): boolean {
  const text = fields.filter((each) => each !== null && each !== undefined).join('\n').toLowerCase();
  return query.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

export type SortKey = string | number | null;

/** `order`: a column, "-" before it for the other way around. What has no value comes last, either way. */
export function sorted<T>(items: readonly T[], order: string, keyOf: (item: T, column: string) => SortKey): T[] {
  const down = order.startsWith('-');
  const column = down ? order.slice(1) : order;
  return items
    .map((item) => ({ item, key: keyOf(item, column) }))
    .sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
      return (down ? -1 : 1) * compare(a.key, b.key);
    })
    .map(({ item }) => item);
}

// Made once: to ask a string for it costs a hundred times as much, and lists are long.
const inOrder = new Intl.Collator('en', { numeric: true }).compare;

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return inOrder(String(a), String(b));
}
