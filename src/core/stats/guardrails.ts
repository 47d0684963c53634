import { alphaForAttempt, PRIMARY_ALPHA, PROMISED_ALPHA } from './alpha.ts';
import { tabulatedAlpha } from './sequential.ts';

/**
 * The alpha for each of `count` guardrails, so that with no real change at all the chance of one false
 * "guardrail regressed" stays at 5 % for all of them together; null when no row is small enough.
 *
 * Bonferroni, not Holm's steps: the verdict asks whether any guardrail regressed, which Holm answers with the
 * same first step, and this way all intervals of the report hold together. One guardrail uses the primary's row;
 * from two on, the share of .05 is its own row, as Bonferroni leaves room by itself.
 */
export function guardrailAlpha(count: number, attempt = 1): number | null {
  const family = alphaForAttempt(attempt, PROMISED_ALPHA);
  return tabulatedAlpha(count <= 1 ? alphaForAttempt(attempt, PRIMARY_ALPHA) : family / count);
}
