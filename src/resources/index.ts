import { artifacts } from './artifacts.ts';
import { baselines } from './baselines.ts';
import { bottlenecks } from './bottlenecks.ts';
import { budgets } from './budgets.ts';
import { decisions } from './decisions.ts';
import type { ResourceFamily } from './definition.ts';
import { experiments } from './experiments.ts';
import { goals } from './goals.ts';

export const RESOURCES: readonly ResourceFamily[] = [
  goals,
  baselines,
  bottlenecks,
  experiments,
  budgets,
  decisions,
  artifacts,
];
