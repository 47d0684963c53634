import { costPerMillionOps } from '../../core/measurement/cost.ts';
import type { Prices, Workload } from '../../core/model/goals.ts';
import type { Ports } from '../../core/ports/index.ts';
import { measurerOf } from '../kinds/index.ts';
import type { SampleContext } from '../kinds/measurer.ts';
import type { Side } from './blocks.ts';

export interface SideRequest extends Omit<SampleContext, 'seed'> {
  readonly workload: Workload;
  readonly prices: Prices | undefined;
}

/** One side of a comparison: fresh processes of a workload in one checkout, under one load. */
export function createSide(ports: Ports, { workload, prices, ...context }: SideRequest): Side {
  const measurer = measurerOf(workload);
  return async (seed) => {
    const sample = await measurer.sample(ports, { ...context, seed });
    const cost = prices === undefined ? undefined : costPerMillionOps(sample.metrics, prices);
    // Afterwards: a command may be the build that writes it.
    const bundle =
      workload.bundle === undefined
        ? undefined
        : await ports.fileSizes.total({ directory: context.directory, paths: workload.bundle });
    return {
      ...sample,
      metrics: {
        ...sample.metrics,
        ...(cost === undefined ? {} : { cost_per_million_ops: cost }),
        ...(bundle === undefined ? {} : { bundle_bytes: bundle }),
      },
    };
  };
}
