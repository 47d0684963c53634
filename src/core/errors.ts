import type { NextStep } from './model/result.ts';

/**
 * Errors are sorted by who can fix them. A message says what happened, with the value; `fix` says what to do;
 * `next` is the call to make. Text that a foreign program printed goes into `output` only: it is shown as quoted data.
 */
export type ErrorKind = 'input' | 'environment' | 'target' | 'internal';

export interface ErrorDetails {
  readonly fix: string;
  readonly next?: readonly NextStep[];
  /** Untrusted text of the measured program, e.g. the tail of its stderr. */
  readonly output?: string;
  readonly cause?: unknown;
}

export abstract class DeepOptimizeError extends Error {
  abstract readonly kind: ErrorKind;
  readonly code: ErrorCode;
  readonly fix: string;
  readonly next: readonly NextStep[];
  readonly output: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    super(message, { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.fix = details.fix;
    this.next = details.next ?? [];
    this.output = details.output;
  }
}

/** The call or a file that the user keeps is wrong. */
export class InputError extends DeepOptimizeError {
  readonly kind = 'input';
}

/** The machine or the project's surroundings lack something. */
export class EnvironmentError extends DeepOptimizeError {
  readonly kind = 'environment';
}

/** The measured program failed. */
export class TargetError extends DeepOptimizeError {
  readonly kind = 'target';
}

/** We failed. */
export class InternalError extends DeepOptimizeError {
  readonly kind = 'internal';
}

/** Every code with what it means; docs/tools.md is generated from this table. */
export const ERROR_CODES = {
  unknown_tool: 'No tool of that name.',
  invalid_arguments: "The arguments do not fit the tool's schema.",
  invalid_project: 'project_dir is not a directory that can be read.',
  invalid_goals: 'goals.json cannot be read as goals. The file is left untouched.',
  invalid_budgets: 'budgets.json cannot be read as budgets. The file is left untouched.',
  invalid_import:
    'The file that was given to import cannot be read as what was asked for: requests, a profile or a trace.',
  no_goals: 'The project has no goals yet.',
  unknown_workload: 'No workload of that name in goals.json.',
  unknown_id: 'No record of that id in the history.',
  no_baseline: 'The workload has no baseline yet.',
  untrusted_baseline: 'The baseline differs from its own copy, so nothing compared with it could be trusted.',
  workload_changed: 'The workload differs from the one that the baseline measured.',
  no_correctness: 'What was asked needs a test command, and the goals name none.',
  nothing_to_guard: 'There is no measured value or goal to make a budget from.',
  too_few_levels: 'A fit was asked for over fewer different values than a curve takes.',
  commands_not_approved: 'Commands of a committed file that nobody has confirmed yet.',
  invalid_data: 'A data file of a workload cannot be used.',
  host_not_allowed: 'Load goes to loopback only.',
  busy: 'Another measurement runs on this machine.',
  not_writable: 'The state directory cannot be written (read-only or full disk).',
  git_missing: 'The git program is needed for snapshots and was not found.',
  snapshot_missing: 'The snapshot of that record is no longer there.',
  state_too_new: 'The history was written by a newer version.',
  state_corrupt: 'The history database cannot be read.',
  install_failed: 'Installing the dependencies of a checkout failed.',
  setup_failed: 'A setup command of the workload failed.',
  start_failed: 'The start command could not be run or exited.',
  never_ready: 'The program did not become ready in time.',
  listens_elsewhere: 'The program listens on another port than the one it was given.',
  port_taken: 'The port of the workload is in use.',
  expectation_failed: 'The program does not do what the workload expects.',
  target_died: 'The program died while it was measured.',
  function_failed: 'The module, the arguments or the function of a workload failed.',
  no_samples: 'No process gave a usable sample.',
  no_profile: 'The profiling probe gave no profile.',
  native_profiler_unavailable: 'perf, which looks at programs from outside, is not there or not permitted.',
  sql_invalid: 'The SQL or the parameters of a query workload are wrong.',
  sql_refused:
    'The SQL of a query workload is not run: several statements, a write that the workload does not name, or something that a rollback cannot undo.',
  no_database_url: 'The environment variable that holds the connection URL is not set.',
  database_unreachable: 'The database of a query workload cannot be connected to or opened.',
  statement_failed: 'The database rejected the statement of a query workload.',
  statement_timeout: 'A statement ran past its limit and was ended.',
  command_failed: 'A command failed.',
  command_timeout: 'A command ran past its limit and was killed.',
  generator_failed: 'The load generator failed.',
  cancelled: 'The run was cancelled.',
  internal: 'A defect of deep-optimize.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
