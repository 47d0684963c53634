/** What somebody has set, and may be about to send back: not measured, so not ours to round. */
const AS_GIVEN = new Set(['goals', 'budgets', 'target', 'limit', 'next_steps']);

/**
 * What clients get of a number: four significant digits, as many as any of our measurements can carry. Whole numbers (counts,
 * seeds, bytes) stay as they are. An agent pays for each digit, and none of the others means anything.
 */
export function compactNumbers<T>(value: T): T {
  return compact(value) as T; // the same shape: only numbers inside are rounded
}

function compact(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(4));
  if (Array.isArray(value)) return value.map(compact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, AS_GIVEN.has(key) ? child : compact(child)]),
  );
}
