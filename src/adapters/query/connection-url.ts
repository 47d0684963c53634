import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { EnvironmentError, InputError } from '../../core/errors.ts';

export interface UrlSources {
  /** Of the workload, from goals.json. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the server. */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** Where a .env file may lie: checkouts have those of the working tree. */
  readonly directory: string;
}

/**
 * The connection URL by the name of its variable: from the workload, else from the server's environment, else from the .env
 * file, in the order in which a program that loads .env by itself would see it. Programs under measurement read .env by
 * themselves; here nobody else would. goals.json is committed, so a URL with a password in it is refused.
 */
export async function findConnectionUrl(name: string, sources: UrlSources): Promise<string> {
  const given = sources.env[name];
  if (given !== undefined) {
    if (holdsPassword(given)) {
      throw new InputError(
        'invalid_goals',
        `goals.json holds a URL with a password, in "env" as "${name}".`,
        {
          fix: 'Take it out: set the variable where the server is registered, or in the .env file that git ignores. Change the password if the file was committed.',
        },
      );
    }
    return given;
  }
  const found = sources.baseEnv[name] ?? (await readDotEnv(sources.directory))[name];
  if (found !== undefined && found !== '') return found;
  throw new EnvironmentError('no_database_url', `The environment variable "${name}" is not set.`, {
    fix: 'Set it to the connection URL in the "env" of the server\'s registration, or in the .env file of the project. goals.json names the variable only.',
  });
}

async function readDotEnv(directory: string): Promise<Readonly<Record<string, string | undefined>>> {
  try {
    return parseEnv(await readFile(join(directory, '.env'), 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new EnvironmentError('no_database_url', 'The .env file of the project cannot be read.', {
      fix: 'Correct it, or set the variable in the "env" of the server\'s registration.',
    });
  }
}

function holdsPassword(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { password, searchParams } = new URL(url);
  return password !== '' || searchParams.has('password');
}
