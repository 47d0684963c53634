/** The statistics that the loop uses; docs/method.md explains them to users. */
export * from './alpha.ts';
export * from './compare.ts';
export * from './guardrails.ts';
export * from './hodges-lehmann.ts';
export * from './looks.ts';
export * from './order-statistics.ts';
export * from './paired-differences.ts';
export * from './proportion.ts';
export * from './resolvable.ts';
export * from './self-check.ts';
export * from './sequential.ts';
export * from './signed-rank.ts';
export * from './stability.ts';
