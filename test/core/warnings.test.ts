import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/core/model/metrics.ts';
import { WARNINGS } from '../../src/core/warnings.ts';

describe('the catalogue', () => {
  it('gives each warning the code of its name, so that the documentation finds it', () => {
    const made = [
      WARNINGS.few_blocks(3),
      WARNINGS.self_check_failed('x'),
      WARNINGS.unstable(['stalls']),
      WARNINGS.busy_machine(0.2, 1),
      WARNINGS.dropped_blocks([]),
      WARNINGS.linked_files(['.env']),
      WARNINGS.no_baseline(),
      WARNINGS.other_machine(),
      WARNINGS.alpha_spent(2, 0.02),
      WARNINGS.no_tests(),
      WARNINGS.failed_before(),
      WARNINGS.judging_files_changed(['a']),
      WARNINGS.few_samples_per_point(3),
      WARNINGS.curve_misses(0.2),
      WARNINGS.steeper_than_classes(4),
      WARNINGS.no_class_fits(0.6),
      WARNINGS.growth_changes(1, 2),
      WARNINGS.no_picture('x'),
      WARNINGS.no_database_connection(),
      WARNINGS.database_not_seen('x', 'y'),
      WARNINGS.statements_not_explained(2, ['x']),
      WARNINGS.activity_hidden(),
      WARNINGS.no_heap(),
      WARNINGS.no_heap_growth(),
      WARNINGS.gain_kept_on_disk(
        {
          first: [{ baseline: 101.26, candidate: 100 }],
          later: { baseline: 100, candidate: 3 },
          left: ['.seen/1'],
          left_files: 1,
        },
        METRICS.cpu_ms,
      ),
      WARNINGS.constraint_broken(
        { name: 'memory', value: 2, bound: 'max', target: 1, wasBroken: true },
        METRICS.rss_peak_bytes,
      ),
    ];
    for (const { code, message } of made) {
      expect(Object.keys(WARNINGS)).toContain(code);
      expect(message).not.toMatch(/undefined|NaN/);
    }
  });
});
