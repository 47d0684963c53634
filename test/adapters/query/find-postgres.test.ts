import { chmodSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPostgres } from '../../support/postgres.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';

describe('where the tests find PostgreSQL', () => {
  const directory = createTemporaryDirectory();
  const install = (folder: string, ...programs: readonly string[]): string => {
    mkdirSync(join(directory.path, folder), { recursive: true });
    for (const program of programs) chmodSync(directory.write(join(folder, program), '#!/bin/sh\n'), 0o755);
    return join(directory.path, folder);
  };

  it('is PATH first, then the newest version of Debian, then nowhere', () => {
    const own = install('own', 'postgres', 'initdb');
    const half = install('half', 'postgres');
    const debian = join(directory.path, 'debian');
    install('debian/9/bin', 'postgres', 'initdb');
    install('debian/15/bin', 'postgres', 'initdb');
    install('debian/17/bin', 'initdb');
    expect(findPostgres([half, own].join(delimiter), debian)).toBe(own);
    expect(findPostgres(half, debian)).toBe(join(debian, '15', 'bin'));
    expect(findPostgres('', join(directory.path, 'none'))).toBeUndefined();
  });
});
