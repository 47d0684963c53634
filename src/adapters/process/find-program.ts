import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whether a start would find the program, by the rules of execvp: on PATH of the child, or as a path from its directory. */
export function hasProgram(program: string, cwd: string, env: Readonly<Record<string, string>>): boolean {
  if (isAbsolute(program) || program.includes('/')) return isProgram(resolve(cwd, program));
  return (env['PATH'] ?? '')
    .split(delimiter)
    .some((directory) => isProgram(join(resolve(cwd, directory), program)));
}
