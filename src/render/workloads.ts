import type { HttpStep, Workload } from '../core/model/goals.ts';
import type { AppliedLoad } from '../core/model/measurement.ts';
import { formatValue } from './number.ts';

/** The first line says what runs, the others what is asked of it. */
export function describeWorkload(workload: Workload): readonly string[] {
  const head = (what: string): string =>
    `workload ${workload.name} (${workload.kind}): ${what}${workload.draft === true ? ' [draft]' : ''}`;
  switch (workload.kind) {
    case 'http':
      return [
        head(workload.start?.command.join(' ') ?? `attached to ${workload.attach?.url ?? ''}`),
        ...(workload.requests ?? []).map((request) => `  ${describeSent(request)}${times(request.weight)}`),
        ...(workload.journeys ?? []).map(
          ({ name, weight, steps }) => `  ${name}${times(weight)}: ${steps.map(describeSent).join(', ')}`,
        ),
        ...(workload.data === undefined ? [] : [`  rows of ${workload.data.file}`]),
      ];
    case 'function':
      return [
        head(`${workload.export ?? 'default'} of ${workload.module}`),
        ...(workload.sizes === undefined ? [] : [`  sizes ${workload.sizes.join(', ')}`]),
      ];
    case 'command':
      return [
        head(workload.command.join(' ')),
        ...Object.entries(workload.parameters ?? {}).map(
          ([name, values]) => `  {${name}}: ${values.join(', ')}`,
        ),
      ];
    case 'query': {
      const { database } = workload;
      const where = database.engine === 'postgres' ? `postgres at $${database.url_env}` : database.file;
      return [
        head(where),
        `  ${workload.file ?? workload.sql ?? ''}`,
        ...(workload.params === undefined ? [] : [`  ${workload.params.length} parameter sets`]),
      ];
    }
  }
}

function describeSent({ method = 'GET', path }: Pick<HttpStep, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

function times(weight = 1): string {
  return weight === 1 ? '' : ` x${weight}`;
}

/** "16 connections, 120 requests a second" */
export function describeLoad(load: AppliedLoad): string {
  switch (load.kind) {
    case 'http':
      return load.requests_per_arrival === undefined
        ? `${load.connections} connections, ${load.rate_per_s} requests a second`
        : `${load.connections} users, ${load.rate_per_s} journeys a second`;
    case 'function':
      return `${load.calls_per_timing} calls to a timing${load.size === undefined ? '' : `, size ${load.size}`}`;
    case 'command':
      return `${load.runs === 1 ? '1 run' : `${load.runs} runs`} to a sample${
        load.start_overhead_ms === undefined
          ? ''
          : ` (starting anything takes ${formatValue(load.start_overhead_ms, 'ms')} of it)`
      }`;
    case 'query':
      return `${load.executions} executions to a sample`;
  }
}
