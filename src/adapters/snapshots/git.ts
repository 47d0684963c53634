import { devNull } from 'node:os';
import { EnvironmentError, InternalError } from '../../core/errors.ts';
import type { CommandResult, Processes } from '../../core/ports/processes.ts';
import { notWritable } from '../../core/write-failure.ts';

/** Adding a large project for the first time reads every byte of it. */
const TIMEOUT_MS = 300_000;
/** Lists of paths come over stdout whole: 256 MiB is some two million paths. */
const KEEP_BYTES = 256 * 2 ** 20;

export interface GitCall {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface Git {
  /** Rejects when git ends with anything but 0. */
  run(call: GitCall): Promise<string>;
  /** The answer whatever it is; rejects only when there is no git at all. */
  attempt(call: GitCall): Promise<CommandResult>;
}

/**
 * Nothing but the call decides what git does: no variables, global or system configuration of the user, and no program
 * that a configuration may name (hooks, fsmonitor) runs.
 */
const ISOLATION: Readonly<Record<string, string>> = {
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_SYSTEM: devNull,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  // Commands in the user's repository then never refresh its index.
  GIT_OPTIONAL_LOCKS: '0',
  // We read messages to tell a full disk from a defect.
  LC_ALL: 'C',
};
const SETTINGS = [
  `core.hooksPath=${devNull}`,
  'core.fsmonitor=false',
  `core.attributesFile=${devNull}`,
  'core.autocrlf=false',
  'core.safecrlf=false',
  'core.quotePath=false',
];

export function createGit(processes: Processes, baseEnv: Readonly<Record<string, string>>): Git {
  const inherited = Object.fromEntries(
    Object.entries(baseEnv).filter(([name]) => !name.toUpperCase().startsWith('GIT_')),
  );
  const attempt = async ({ args, cwd, env = {}, input = '' }: GitCall): Promise<CommandResult> => {
    const result = await processes.run(
      {
        command: ['git', ...SETTINGS.flatMap((setting) => ['-c', setting]), ...args],
        cwd,
        env: { ...inherited, ...ISOLATION, ...env },
        input,
        keepBytes: KEEP_BYTES,
      },
      { timeoutMs: TIMEOUT_MS },
    );
    if (result.startError !== undefined) throw gitMissing(result.startError);
    return result;
  };
  return {
    attempt,
    run: async (call) => {
      const result = await attempt(call);
      if (result.code !== 0) throw gitFailed(call, result);
      return result.stdout;
    },
  };
}

function gitMissing(reason: string): EnvironmentError {
  return new EnvironmentError('git_missing', 'The git program could not be started.', {
    fix: 'Install git and make sure it is on the PATH that the server was started with. The project itself need not use git.',
    output: reason,
  });
}

export function gitFailed(call: GitCall, result: CommandResult): Error {
  const said = result.stderr.slice(-2000);
  const target = call.env?.['GIT_DIR'] ?? call.cwd;
  if (/No space left on device|Disk quota exceeded/i.test(said))
    return notWritable(target, 'the disk is full');
  if (/Read-only file system/i.test(said)) return notWritable(target, 'the file system is read-only');
  if (/insufficient permission|unable to (?:create|write)[^\n]*Permission denied/i.test(said)) {
    return notWritable(target, 'permission was denied');
  }
  // A checkout names the file without the reason.
  if (/unable to (?:write|create) file/i.test(said)) {
    return notWritable(call.cwd, 'git could not write a file there, mostly because the disk is full');
  }
  if (
    /unable to read (?:sha1 file|tree|object)|bad (?:tree )?object|invalid object|missing (?:blob|tree)/i.test(
      said,
    )
  ) {
    return new EnvironmentError('snapshot_missing', `Objects are missing in ${target}.`, {
      fix: 'Measure a new baseline: it takes a snapshot of the code as it is now.',
      output: said,
    });
  }
  const how = result.timedOut
    ? 'was stopped at its time limit'
    : `ended with ${result.code ?? result.signal}`;
  const subcommand = call.args.find((arg) => /^[a-z-]{2,}$/.test(arg) && arg !== '-c') ?? '';
  return new InternalError('internal', `git ${subcommand} ${how} while a snapshot was handled.`, {
    fix: 'Look at what git said; a file that this user may not read is the usual cause.',
    output: said,
  });
}
