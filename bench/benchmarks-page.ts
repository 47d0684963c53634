import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import type { Bench, Figure, Page } from './bench.ts';
import type { Conditions } from './conditions.ts';

const pathOf = (page: Page): string => fileURLToPath(new URL(`../docs/${page}.md`, import.meta.url));

/** Puts the figures of one bench between its markers; the words around them, and the other benches, stay. */
export async function updatePage(
  bench: Bench,
  figures: readonly Figure[],
  conditions: Conditions,
): Promise<void> {
  const path = pathOf(bench.page ?? 'benchmarks');
  const page = replaceSection(
    await readFile(path, 'utf8'),
    bench.name,
    renderSection(bench, figures, conditions),
  );
  await writeFile(path, await format(page, { ...(await resolveConfig(path)), parser: 'markdown' }));
}

export function replaceSection(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [start, end] = [page.indexOf(open), page.indexOf(close)];
  if (start === -1 || end < start) throw new Error(`The page has no markers ${open} … ${close}.`);
  return `${page.slice(0, start + open.length)}\n\n${text}\n\n${page.slice(end)}`;
}

function renderSection({ title, method }: Bench, figures: readonly Figure[], conditions: Conditions): string {
  const rows = figures.map(({ what, value, spread, n, target = '', outcome = '' }) =>
    [what, value, spread, n, target, outcome].join(' | '),
  );
  return [
    `## ${title}`,
    method,
    ['figure | value | spread | n | target | outcome', '--- | --- | --- | --- | --- | ---', ...rows]
      .map((row) => `| ${row} |`)
      .join('\n'),
    describeConditions(conditions),
  ].join('\n\n');
}

function describeConditions({ date, machine, loadBefore, stealShare, seconds }: Conditions): string {
  const steal = stealShare === null ? 'unknown' : `${(stealShare * 100).toFixed(1)} %`;
  return `${date}; ${machine}. Load average at the start ${loadBefore.toFixed(1)}, steal ${steal}, took ${seconds.toFixed(0)} s.`;
}
