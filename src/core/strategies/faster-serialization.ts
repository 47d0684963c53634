import { hasSignal, nameOf, shareText } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const fasterSerialization: StrategyRule = {
  key: 'faster-serialization',
  layer: 'algorithm',
  title: 'Serialize less, or with a compiled schema',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'json', 'clone')) return null;
    const copies =
      hasSignal(bottleneck, 'clone') ||
      ['calls:JSON.parse', 'calls:JSON.stringify'].every((name) => hasSignal(bottleneck, name));
    return {
      why: copies
        ? `${nameOf(bottleneck)} copies data through a serializer, which takes ${shareText(bottleneck)}.`
        : `Serializing in ${nameOf(bottleneck)} takes ${shareText(bottleneck)}.`,
    };
  },
  how: 'First remove what need not happen: copies made with JSON.parse(JSON.stringify(x)) (copy the changed part only, or do not mutate), serializing the same value twice, fields nobody reads. Then, for large fixed shapes, a serializer compiled from a schema (fast-json-stringify) or keeping the serialized text.',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'medium',
    operational_risk: 'low',
    notes:
      'JSON copies drop undefined, functions and Dates, and callers may rely on it; a compiled schema leaves out fields that it does not name.',
  },
  affects: ['cpu_us_per_request', 'throughput_rps', 'latency_p95_ms'],
  needs: [],
  priorFractionOfCeiling: 0.7,
  validation: 'validate_change must show less CPU per request with byte-equal (or deeply equal) answers.',
};
