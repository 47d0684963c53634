import { expect, it } from 'vitest';
import { killValidations } from '../../bench/kill-validations.ts';

/** A few of the moments that `npm run bench -- kills` looks at. */
const KILLS = 3;

it('a validation killed at any moment leaves a readable history, no process, no checkout and no temporary file', async () => {
  const found = await killValidations(KILLS, 7);
  expect(found).toHaveLength(KILLS);
  for (const after of found) {
    expect(after, JSON.stringify(after)).toMatchObject({
      isReadable: true,
      processes: [],
      checkouts: [],
      temporary: [],
    });
    expect(['interrupted', 'done'], JSON.stringify(after)).toContain(after.state);
  }
  // Otherwise nothing was killed in the middle, and the rest says little.
  expect(found.filter(({ state }) => state === 'interrupted').length).toBeGreaterThan(0);
}, 180_000);
