import type { Fingerprint, Sample } from '../model/measurement.ts';
import type { Warning } from '../model/warning.ts';
import { WARNINGS } from '../warnings.ts';

type Conditioned = Pick<Sample, 'flags' | 'conditions' | 'operations'>;

interface FlagRule {
  readonly flag: string;
  /** Share of the samples from which on it is a property of the setup, where a single one is noise. Default: any. */
  readonly from?: number;
  /** `flagged` are the samples that carry the flag, one at least. */
  readonly warn: (flagged: readonly Conditioned[]) => Warning;
}

const SOME = 1 / 3;

/** What each flag of a sample says, in the order in which it weakens a result. */
const RULES: readonly FlagRule[] = [
  {
    flag: 'busy-machine',
    warn: (flagged) =>
      WARNINGS.busy_machine(
        most(flagged, (s) => s.conditions.foreign_cpu_share),
        flagged.length,
      ),
  },
  { flag: 'steal', warn: (flagged) => WARNINGS.steal(most(flagged, (s) => s.conditions.steal_share)) },
  { flag: 'throttled', warn: (flagged) => WARNINGS.throttled(flagged.length) },
  { flag: 'generator-bound', warn: (flagged) => WARNINGS.generator_bound(flagged.length) },
  {
    flag: 'late-arrivals',
    from: SOME,
    warn: (flagged) =>
      WARNINGS.late_arrivals(
        most(flagged, (s) => s.conditions.generator?.lateness_p99_ms),
        flagged.length,
      ),
  },
  {
    flag: 'at-ceiling',
    warn: (flagged) =>
      WARNINGS.at_ceiling(
        most(flagged, (s) => s.conditions.generator?.ceiling_rps),
        flagged.length,
      ),
  },
  {
    flag: 'stalls',
    warn: (flagged) => {
      const worst = flagged.reduce((a, b) => (stallMs(b) > stallMs(a) ? b : a));
      return WARNINGS.stalls(stallMs(worst), worst.conditions.stalls?.closed_p99_ms ?? 0, flagged.length);
    },
  },
  { flag: 'inputs-changed', warn: (flagged) => WARNINGS.inputs_changed(flagged.length) },
  { flag: 'cut-short', warn: (flagged) => WARNINGS.cut_short(flagged.length) },
  { flag: 'shared-database', warn: () => WARNINGS.shared_database() },
  { flag: 'no-child-usage', warn: () => WARNINGS.no_child_usage() },
  { flag: 'counted-instructions', warn: () => WARNINGS.instructions_blind() },
  { flag: 'no-valgrind', warn: () => WARNINGS.no_instructions('valgrind is not installed') },
  {
    flag: 'uncounted-node',
    warn: () =>
      WARNINGS.no_instructions(
        'the command runs JavaScript, which is compiled while it runs and by the clock, so that counts of one program differ',
      ),
  },
  { flag: 'uncounted', warn: () => WARNINGS.no_instructions('a process of the command left no count') },
  // The page cache loses a file now and then.
  { flag: 'read-disk', from: SOME, warn: (flagged) => WARNINGS.read_disk(flagged.length) },
  { flag: 'left-running', warn: (flagged) => WARNINGS.left_running(flagged.length) },
];

/** What the conditions of samples say about a result. */
export function conditionWarnings(samples: readonly Conditioned[], pinned: boolean): readonly Warning[] {
  const warnings = RULES.flatMap(({ flag, from = 0, warn }) => {
    const flagged = samples.filter((sample) => sample.flags.includes(flag));
    return flagged.length > 0 && flagged.length >= from * samples.length ? [warn(flagged)] : [];
  });
  const failed = samples.reduce((sum, s) => sum + s.operations.failed, 0);
  const total = samples.reduce((sum, s) => sum + s.operations.counted + s.operations.timed, 0);
  if (failed > 0) {
    const worst = samples.reduce((a, b) => (b.operations.failed > a.operations.failed ? b : a));
    warnings.push(WARNINGS.some_failed(failed, total, worst.operations.worst_failure));
  }
  // What has no generator has nothing to be kept apart from.
  if (!pinned && samples.some(({ conditions }) => conditions.generator)) warnings.push(WARNINGS.not_pinned());
  return warnings;
}

/** What a machine itself says about everything that is measured on it. */
export function machineWarnings({ cores, limits }: Fingerprint): readonly Warning[] {
  const usable = limits?.cores ?? cores;
  return limits?.cpu_quota === undefined ? [] : [WARNINGS.cpu_quota(limits.cpu_quota, usable)];
}

function most(samples: readonly Conditioned[], pick: (sample: Conditioned) => number | undefined): number {
  return Math.max(0, ...samples.map((sample) => pick(sample) ?? 0));
}

function stallMs({ conditions }: Conditioned): number {
  return conditions.stalls?.longest_ms ?? 0;
}
