import type { Argv } from '../../../core/model/goals.ts';
import type { QueryWorkload } from '../../../core/model/workloads/query.ts';
import { loadOfKind } from '../load-of-kind.ts';
import type { Measurer } from '../measurer.ts';
import { behaveQuery } from './behave.ts';
import { settleExecutionCount } from './load.ts';
import { statementOf } from './plan.ts';
import { sampleQuery } from './sample.ts';

export function queryMeasurer(workload: QueryWorkload): Measurer {
  return {
    commands: [consentOf(workload)],
    // SQLite runs in a process of its own, and all that can happen to it makes it slower: the low quantile is nearest to what
    // the statement costs. A server has waits of its own (locks, checkpoints, other sessions) that its users pay for as well:
    // the median, which a server that is slow half of the time cannot hide from.
    defaultPrimary: workload.database.engine === 'sqlite' ? 'wall_low_ms' : 'wall_ms',
    env: workload.env ?? {},
    statement: statementOf(workload),
    settle: (ports, context) => settleExecutionCount(ports, { ...context, workload }),
    behave: (ports, context) => behaveQuery(ports, { ...context, workload }),
    sample: (ports, context) =>
      sampleQuery(ports, { ...context, workload, load: loadOfKind('query', context.load) }),
  };
}

/** Not a command, but it runs in somebody's database, and functions there can do anything: asked for like one. */
function consentOf({ database, sql, file, writes }: QueryWorkload): Argv {
  const where = database.engine === 'postgres' ? `$${database.url_env}` : database.file;
  return [writes === true ? 'query and roll back' : 'query', where, file ?? sql ?? ''];
}
