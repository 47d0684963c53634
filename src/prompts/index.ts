import { deepOptimize } from './deep-optimize.ts';
import type { AnyPrompt } from './definition.ts';
import { reviewPerformanceChange } from './review-performance-change.ts';

export const PROMPTS: readonly AnyPrompt[] = [deepOptimize, reviewPerformanceChange];
