import { Command, Option } from 'commander';

export interface ServeOptions {
  readonly project: string | undefined;
  readonly allowHost: readonly string[];
}

export interface CheckOptions {
  readonly project: string | undefined;
  readonly workload: string | undefined;
  readonly budget: string | undefined;
  readonly effort: 'quick' | 'standard' | 'thorough';
  readonly json: boolean;
}

export interface Commands {
  serve(options: ServeOptions): Promise<void>;
  check(options: CheckOptions): Promise<void>;
  report(options: { readonly project: string | undefined }): Promise<void>;
}

/** The command line: without a command it serves MCP on stdio; the commands are the same loop for people and CI. */
export function createProgram(version: string, commands: Commands): Command {
  const project = () =>
    new Option('-C, --project <directory>', 'the project (default: the working directory)');
  const program = new Command('deep-optimize')
    .description('Performance work from evidence: an MCP server, and its budgets as a command for CI.')
    .version(version)
    .addOption(project())
    .option('--allow-host <host...>', 'hosts other than loopback that load may be sent to', [])
    .allowExcessArguments(false)
    .exitOverride()
    .action(async (options: { project?: string; allowHost: string[] }) =>
      commands.serve({ project: options.project, allowHost: options.allowHost }),
    );
  program
    .command('check')
    .description(
      'Measure the working tree against its budgets. Exit codes: 0 pass, 1 fail, 2 inconclusive or invalid, 3 usage or environment.',
    )
    .addOption(project())
    .option('-w, --workload <name>', 'only this workload')
    .option('-b, --budget <id>', 'only this budget')
    .addOption(
      new Option('-e, --effort <effort>', 'how long to measure')
        .choices(['quick', 'standard', 'thorough'])
        .default('quick'),
    )
    .option('--json', 'print the outcomes as JSON', false)
    .exitOverride()
    .action(
      async (
        options: Omit<CheckOptions, 'project' | 'workload' | 'budget'> & {
          project?: string;
          workload?: string;
          budget?: string;
        },
        command: Command,
      ) =>
        commands.check({
          ...options,
          project: options.project ?? parentProject(command),
          workload: options.workload,
          budget: options.budget,
        }),
    );
  program
    .command('report')
    .description('Print where the loop stands: baselines, experiments, decisions, budgets.')
    .addOption(project())
    .exitOverride()
    .action(async (options: { project?: string }, command: Command) =>
      commands.report({ project: options.project ?? parentProject(command) }),
    );
  return program;
}

/** `deep-optimize -C dir check` means the same as `deep-optimize check -C dir`. */
function parentProject(command: Command): string | undefined {
  return command.parent?.opts<{ project?: string }>().project;
}
