import { summarizeRuntime, type LoadFacts } from '../../core/detectors/index.ts';
import type { AppliedLoad, Baseline } from '../../core/model/measurement.ts';
import { METRIC_NAMES } from '../../core/model/metrics.ts';
import type { ProcessSample } from '../kinds/measurer.ts';
import type { Pass } from './pass.ts';

/** An ordinary sample: a profiler makes event-loop numbers wrong, so they come from a process without one. */
export const countersPass: Pass = {
  id: 'counters',
  doing: 'counting without a profiler',
  weight: 1,
  applies: () => true,
  async run({ ports, measurer, sample, load, baseline }) {
    const counters = await measurer.sample(ports, sample);
    const runtime = summarizeRuntime(counters.openWindows);
    return {
      facts: {
        // GC is a matter of capacity, delay one of a given rate: each from its own loop.
        runtime: runtime && { ...runtime, gcShare: counters.metrics.gc_share ?? runtime.gcShare },
        load: loadFacts(counters, load, baseline),
        cores: ports.machine.cpuPlan()?.target.length ?? (await ports.machine.fingerprint()).cores,
      },
    };
  },
};

function loadFacts(counters: ProcessSample, load: AppliedLoad, baseline: Baseline | undefined): LoadFacts {
  const values = baseline
    ? Object.fromEntries(Object.entries(baseline.estimates).map(([name, e]) => [name, e.value]))
    : counters.metrics;
  const latencies = METRIC_NAMES.filter((name) => name.startsWith('latency_')).map(
    (name) => [name, values[name]] as const,
  );
  return {
    hasRequests: load.kind === 'http',
    busyShareOfCore: counters.conditions.target_cpu_share,
    cpuUsPerRequest: values['cpu_us_per_request'] ?? null,
    ratePerS: load.kind === 'http' ? load.rate_per_s : null,
    latencyMs: Object.fromEntries(latencies.filter(([, value]) => value !== undefined)),
  };
}
