import { targetShare, type Observation } from './observe.ts';

/** Reasons to trust this process less; kept with the sample and counted into warnings. */
export function flagsOf(closed: Observation, open: Observation, ceilingRps: number | null): string[] {
  const flags: string[] = [];
  if (isGeneratorBound(closed)) flags.push('generator-bound');
  if (isAtCeiling(closed, ceilingRps)) flags.push('at-ceiling');
  if (open.load.generator.eventLoopDelayP99Ms > Math.max(1, 0.1 * open.load.latency.p50Ms))
    flags.push('generator-delayed');
  if (open.load.generator.latenessP99Ms > Math.max(1, 0.05 * open.load.latency.p99Ms))
    flags.push('late-arrivals');
  if (closed.foreignShare > 0.1 || open.foreignShare > 0.1) flags.push('busy-machine');
  if (closed.stealShare > 0.02 || open.stealShare > 0.02) flags.push('steal');
  if (hidesStalls(closed, open)) flags.push('stalls');
  if (closed.throttledPeriods + open.throttledPeriods > 0) flags.push('throttled');
  return flags;
}

/** A busy generator beside a program with time to spare. */
function isGeneratorBound(closed: Observation): boolean {
  const share = targetShare(closed);
  return closed.load.generator.cpuShare > 0.8 && share !== null && share < 0.9;
}

/** How near a rate comes to the ceiling before it says more of HTTP and of the harness than of the program. */
const CEILING_SHARE = 0.8;

function isAtCeiling({ load }: Observation, ceilingRps: number | null): boolean {
  return ceilingRps !== null && (load.answered / load.durationMs) * 1000 > CEILING_SHARE * ceilingRps;
}

/** Below this a single slow answer or a busy machine looks the same, in ms. */
const STALL_MS = 100;

/**
 * A stall of the program that the closed loop hides: the open loop saw nothing answered for far longer than an answer and the
 * slowest hundredth took in the closed loop. Not than the open loop's own median: a stall of most of a window is its median.
 */
function hidesStalls(closed: Observation, open: Observation): boolean {
  const { p50Ms, p99Ms } = closed.load.latency;
  return open.load.stalls.longestMs > Math.max(STALL_MS, 10 * p50Ms, 3 * p99Ms);
}
