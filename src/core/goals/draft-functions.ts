import type { FunctionWorkload } from '../model/workloads/function.ts';
import type { BenchmarkFacts, ProjectFacts } from '../ports/project.ts';
import type { DraftPart } from './draft.ts';
import { listFew, toName } from './imported-requests.ts';

type Subject = NonNullable<BenchmarkFacts['cases'][number]['subject']>;

/** Functions that somebody already found worth a benchmark, called as that benchmark calls them. */
export function draftFunctions({ benchmarks }: ProjectFacts): DraftPart {
  const seen = new Set<string>();
  const workloads: FunctionWorkload[] = [];
  const missing: DraftPart['missing'][number][] = [];
  for (const { file, tool, cases } of benchmarks) {
    const unknown: string[] = [];
    for (const { name: title, subject: given } of cases) {
      if (given === null) {
        unknown.push(title);
        continue;
      }
      const isLong = JSON.stringify(given.args).length > MAX_ARGS_CHARACTERS;
      const subject = isLong ? { ...given, args: null } : given;
      const key = `${subject.module} ${subject.export}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const name = toName(subject.export === 'default' ? stem(subject.module) : subject.export) ?? 'function';
      workloads.push(toWorkload(name, subject, `${title} (${file})`));
      if (subject.args === null) {
        missing.push({
          about: name,
          what: `args of ${name}`,
          why: `${file} calls it with ${shorten(subject.argsText)}, known only at run time or too long to repeat here: export a generator of inputs and give {"module":…,"export":…}`,
        });
      }
    }
    if (unknown.length > 0 || cases.length === 0) {
      missing.push({
        what: `${file} (${tool}${cases.length === 0 ? '' : `: ${listFew(unknown, 3)}`})`,
        why: 'which export of the project it calls was not recognized; write {"kind":"function","module":…,"export":…,"args":{"json":[…]}}',
      });
    }
  }
  return {
    workloads,
    found: benchmarks.map(
      ({ file, tool, cases }) =>
        `benchmark: ${file} (${tool}, ${cases.length} ${cases.length === 1 ? 'case' : 'cases'})`,
    ),
    missing: missing.slice(0, MAX_NOTES),
  };
}

/** Longer arguments belong into a file of the project. */
const MAX_ARGS_CHARACTERS = 500;
/** A project with fifty benchmark files needs no fifty notes to know what to do. */
const MAX_NOTES = 4;

function toWorkload(name: string, subject: Subject, description: string): FunctionWorkload {
  return {
    name,
    kind: 'function',
    description,
    module: subject.module,
    ...(subject.export === 'default' ? {} : { export: subject.export }),
    ...(subject.args === null || subject.args.length === 0 ? {} : { args: { json: [...subject.args] } }),
  };
}

function stem(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/\.[^.]+$/, '');
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= 60 ? line : `${line.slice(0, 57)}…`;
}
