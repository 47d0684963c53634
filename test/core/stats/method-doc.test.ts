import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../../src/core/model/metrics.ts';
import { PRIMARY_ALPHA } from '../../../src/core/stats/alpha.ts';
import { compareAtLook, defaultFloor } from '../../../src/core/stats/compare.ts';
import { LOOKS } from '../../../src/core/stats/looks.ts';
import { median } from '../../../src/core/stats/order-statistics.ts';
import {
  changeInterval,
  changeOf,
  pairedDifferences,
  shiftOf,
} from '../../../src/core/stats/paired-differences.ts';
import { resolvableFromBlocks } from '../../../src/core/stats/resolvable.ts';

const METRIC = METRICS.latency_p95_ms;
/** Prettier pads the cells of tables; the numbers are what is compared. */
const document = readFileSync(new URL('../../../docs/method.md', import.meta.url), 'utf8').replace(
  / +/g,
  ' ',
);

function readSide(name: 'A' | 'B'): readonly number[] {
  const line = new RegExp(`^${name} ([\\d. ]+)$`, 'm').exec(document)?.[1];
  return (line ?? '').split(' ').map(Number);
}

/** With a typographic minus, as the document writes it. */
function percent(ratio: number, digits = 1): string {
  return (100 * ratio).toFixed(digits).replace('-', '−');
}

const a = readSide('A');
const b = readSide('B');
const differences = pairedDifferences(a, b, METRIC);
const delta = shiftOf(METRIC.minimumEffect, METRIC.scale);
const looks = [0, 1, 2].map((lookIndex) =>
  compareAtLook({
    differences: differences.slice(0, LOOKS.standard[lookIndex]),
    alpha: PRIMARY_ALPHA,
    schedule: 'standard',
    lookIndex,
    delta,
    floor: defaultFloor(delta, METRIC.scale),
  }),
);

function expectedRow(lookIndex: number): string {
  const look = looks[lookIndex];
  if (look === undefined || look.estimate === null || look.interval === null)
    throw new Error(`look ${lookIndex} has no interval`);
  const [low, high] = changeInterval(look.interval, METRIC);
  const cells = [
    `${LOOKS.standard[lookIndex] ?? 0} blocks`,
    `${percent(changeOf(look.estimate, METRIC))} %`,
    `[${percent(low)}, ${percent(high)}]`,
    look.verdict === 'undecided' ? `go on; about ${look.blocksToResolve ?? '?'} more` : `**${look.verdict}**`,
  ];
  return `| ${cells.join(' | ')} |`;
}

describe('docs/method.md', () => {
  it('shows what the code computes for its example', () => {
    expect(looks.map((look) => look.verdict)).toEqual(['undecided', 'undecided', 'improved']);
    for (const lookIndex of [0, 1, 2]) expect(document).toContain(expectedRow(lookIndex));
    const mean = (values: readonly number[]): number => values.reduce((x, y) => x + y) / values.length;
    expect(document).toContain(`means say ${percent(mean(b) / mean(a) - 1)} % `);
    expect(document).toContain(`medians say ${percent(median(b) / median(a) - 1)} %.`);
    const [first = 0] = differences;
    expect(document).toContain(`ln(164.6 / 177.6) = ${first.toFixed(3).replace('-', '−')}`);
    const resolvable = resolvableFromBlocks(differences, 'standard', METRIC) ?? Number.NaN;
    expect(document).toContain(`resolves a change of ${percent(resolvable)} %.`);
  });

  it('quotes the verdict of its example where it explains intervals', () => {
    const final = looks[2];
    const [low, high] = changeInterval(final?.interval ?? [0, 0], METRIC);
    const quote = `"${percent(changeOf(final?.estimate ?? 0, METRIC))} % [${percent(low)}, ${percent(high)}]"`;
    expect(document).toContain(quote);
  });

  it('lists the looks of every effort', () => {
    for (const [effort, blocks] of Object.entries(LOOKS)) {
      expect(document).toContain(`| ${effort} | ${blocks.join(', ')} |`);
    }
  });
});
