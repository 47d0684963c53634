import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Timer distance of the delay monitor, in ms: 10 ms costs 0.4 % of a core, 1 ms five times that. */
const RESOLUTION_MS = 10;

export interface GeneratorFigures {
  readonly cpuShare: number;
  readonly eventLoopDelayP99Ms: number;
}

/** What the generator itself costs, from now until the returned function is called: a saturated generator measures itself. */
export function startGeneratorFigures(): () => GeneratorFigures {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const startedAt = performance.now();
  const cpuAtStart = process.cpuUsage();
  return () => {
    const cpu = process.cpuUsage(cpuAtStart);
    const elapsedMs = performance.now() - startedAt;
    delay.disable();
    // The monitor reports the distance of its timers, so an idle loop reads as the resolution.
    const p99Ms = delay.count === 0 ? 0 : delay.percentile(99) / 1e6 - RESOLUTION_MS;
    return {
      cpuShare: elapsedMs > 0 ? (cpu.user + cpu.system) / 1_000 / elapsedMs : 0,
      eventLoopDelayP99Ms: Math.max(0, p99Ms),
    };
  };
}
