import { InputError } from '../core/errors.ts';
import type { Draft } from '../core/goals/draft.ts';
import { describeService } from '../core/goals/draft-service.ts';
import { importRequests } from '../core/goals/import-requests.ts';
import type { ImportedRequests } from '../core/goals/imported-requests.ts';
import { selectWorkload } from '../core/goals/select.ts';
import { NO_GOALS } from '../core/model/goals.ts';
import type { Goals, HttpWorkload } from '../core/model/goals.ts';
import type { Project } from '../core/ports/project.ts';

/** More is a crawl, which nobody confirms request by request. */
const MAX_REQUESTS = 20;
/** About 2,000 tokens: with the next call, which repeats them, well below the 8,000 that no answer exceeds. */
const MAX_CHARACTERS = 8000;

export interface ImportRequest {
  readonly file: string;
  /** The workload that gets the requests: one that exists, or the name of a new one. */
  readonly workload?: string | undefined;
}

/** A draft of an http workload with the requests of a HAR recording or an OpenAPI document. Nothing is saved. */
export async function draftFromImport(project: Project, request: ImportRequest): Promise<Draft> {
  const text = await project.files.readImport(request.file);
  const imported = importRequests(text, {
    file: request.file,
    maxRequests: MAX_REQUESTS,
    maxCharacters: MAX_CHARACTERS,
  });
  const goals = await project.files.readGoals();
  const existing = goals?.workloads.find(({ name }) => name === request.workload);
  if (goals !== undefined && existing !== undefined) return replaceRequests(goals, existing.name, imported);
  return await newWorkload(project, request, imported);
}

function replaceRequests(goals: Goals, name: string, { requests, found, missing }: ImportedRequests): Draft {
  const workload = selectWorkload(goals, name);
  if (workload.kind !== 'http') {
    throw new InputError('invalid_arguments', `Workload "${name}" is of kind "${workload.kind}".`, {
      fix: 'Name an http workload, or none.',
    });
  }
  return {
    goals: { ...NO_GOALS, workloads: [{ ...workload, requests: [...requests], draft: true }] },
    found: [...found, `the rest of workload ${name} as it is saved`],
    missing,
  };
}

async function newWorkload(
  project: Project,
  { file, workload: name }: ImportRequest,
  { requests, found, missing }: ImportedRequests,
): Promise<Draft> {
  const service = describeService(await project.files.facts());
  if (service === undefined) {
    throw new InputError(
      'invalid_import',
      `${file} gives ${requests.length} requests, but nothing in the project tells how the service is started.`,
      {
        fix: 'Define an http workload with its start command and one request first, then import with "workload" set to its name.',
        next: [
          {
            tool: 'define_goals',
            arguments: {
              workloads: [
                { name: name ?? 'service', kind: 'http', start: { command: [] }, requests: [requests[0]] },
              ],
            },
            why: 'say how the service is started (fill in start.command)',
          },
        ],
      },
    );
  }
  const workload: HttpWorkload = {
    ...service.workload,
    ...(name === undefined ? {} : { name }),
    requests: [...requests],
    draft: true,
  };
  return {
    goals: { ...NO_GOALS, workloads: [workload] },
    found: [...found, ...service.found],
    missing: [...missing, ...service.missing],
  };
}
