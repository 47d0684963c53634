import { createBounder } from '../../core/behaviour/bound-value.ts';
import type { Behaviour, Observation } from '../../core/behaviour/model.ts';
import type { ObservePlan } from './child-plan.ts';
import type { Session } from './session.ts';

/** Of the parameters in a name. */
const SHOWN_PARAMETERS = 120;

/** What the statement returns for one parameter set after the other. Values are not hidden: a database knows no checkout. */
export async function observeRows(
  { params, scope }: ObservePlan,
  session: Session,
  beat: () => unknown,
): Promise<Behaviour> {
  const bound = createBounder();
  const observations: Observation[] = [];
  const startedAt = performance.now();
  for (const [index, set] of params.entries()) {
    const isOver =
      scope.extent === undefined ? performance.now() - startedAt > scope.limitMs : index >= scope.extent;
    // One execution is the least that can be said of a statement.
    if (isOver && index > 0) break;
    const { columns, rows, ordered } = await session.fetch(set);
    observations.push({
      id: String(index),
      group: 'statement',
      name: nameOf(set, index, params.length),
      facets: {
        columns: { kind: 'tree', tree: columns },
        rows: bound({ kind: 'rows', columns, rows, ordered }),
      },
      main: ['rows'],
    });
    beat();
    // A library keeps the thread, and whoever listens for the beat has to hear it.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { observations, extent: observations.length };
}

function nameOf(set: readonly unknown[], index: number, sets: number): string {
  if (set.length === 0) return 'the statement';
  const values = JSON.stringify(set);
  const shown = values.length > SHOWN_PARAMETERS ? `${values.slice(0, SHOWN_PARAMETERS)}…` : values;
  return sets === 1 ? `with ${shown}` : `with set ${index + 1}, ${shown}`;
}
