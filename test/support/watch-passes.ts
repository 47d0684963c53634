import { vi } from 'vitest';
import { PASSES } from '../../src/loop/passes/index.ts';

export interface PassSeen<T> {
  readonly id: string;
  readonly before: T;
  readonly after: T;
}

/**
 * Looks before and after each pass of a server in this process, from now on. The native pass, which is taken where an earlier
 * one asks for it, is taken wherever it can be.
 */
export function watchPasses<T>(look: () => Promise<T>): readonly PassSeen<T>[] {
  const seen: PassSeen<T>[] = [];
  for (const pass of PASSES) {
    const run = pass.run.bind(pass);
    vi.spyOn(pass, 'run').mockImplementation(async (context, facts) => {
      const before = await look();
      const result = await run(context, facts);
      seen.push({ id: pass.id, before, after: await look() });
      return result;
    });
    if (pass.id === 'native')
      vi.spyOn(pass, 'applies').mockImplementation(({ measurer }) => measurer.native !== undefined);
  }
  return seen;
}
