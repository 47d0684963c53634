import type { ToolAnnotations } from '@modelcontextprotocol/sdk/types.js';
import type { Effect } from '../tools/definition.ts';

/**
 * All four hints, set in one place so that they cannot contradict each other (a hint left out has an unsafe default).
 * `runs-code` starts the project's own commands, in a checkout beside the working tree: it destroys nothing itself, but
 * what those commands reach is open. No title here: the tool's own one is what clients show (specification 2025-06-18).
 */
export function annotationsOf(effect: Effect): ToolAnnotations {
  const hints = {
    reads: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    writes: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    'runs-code': { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  } as const satisfies Record<Effect, ToolAnnotations>;
  return hints[effect];
}
