import { isWaiting, shareText } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const upgradeOrReplacePackage: StrategyRule = {
  key: 'upgrade-or-replace-package',
  layer: 'infrastructure',
  title: 'Upgrade, configure or replace a hot package',
  appliesTo(bottleneck) {
    const { location } = bottleneck;
    const name = location.package;
    if (name === undefined || name === 'node' || isWaiting(bottleneck)) return null;
    return {
      why: `Package ${name} takes ${shareText(bottleneck)} in ${location.function ?? 'its code'}, which the project cannot edit.`,
    };
  },
  how: 'Look first at who calls it and how often (inspect_evidence, callers): fewer calls beat faster ones. Then its options (development mode, validation, logging level), its changelog for a faster version, and alternatives with the same interface.',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'medium',
    operational_risk: 'medium',
    notes: 'Other versions bring other behaviour; a replacement brings its own bugs and licence.',
  },
  affects: ['cpu_us_per_request', 'throughput_rps', 'latency_p95_ms'],
  needs: ['new-dependency'],
  priorFractionOfCeiling: 0.4,
  validation: 'validate_change must show less CPU per request, with the whole test suite passing.',
};
