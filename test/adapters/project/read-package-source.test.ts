import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPackageSource } from '../../../src/adapters/project/read-package-source.ts';
import { writeFiles } from '../../support/git-project.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

it('reads files of installed packages, linked ones too, and nothing else', async () => {
  const home = await temporaryDirectory();
  writeFiles(home, {
    'app/secret.txt': 'secret',
    'app/node_modules/qs/index.js': 'parse();\n',
    'elsewhere/linked/index.js': 'linked();\n',
  });
  const project = join(home, 'app');
  mkdirSync(join(project, 'node_modules', '@our'));
  symlinkSync(join(home, 'elsewhere', 'linked'), join(project, 'node_modules', '@our', 'linked'));
  const read = (file: string) => readPackageSource(project, file);

  expect(await read('node_modules/qs/index.js')).toBe('parse();\n');
  expect(await read('node_modules/@our/linked/index.js')).toBe('linked();\n');
  expect(await read('node_modules/qs')).toBeUndefined();
  expect(await read('node_modules/none/index.js')).toBeUndefined();
  expect(await read('node_modules/../secret.txt')).toBeUndefined();
  expect(await read('secret.txt')).toBeUndefined();
  expect(await read('../app/node_modules/qs/index.js')).toBeUndefined();
  expect(await read(join(project, 'node_modules/qs/index.js'))).toBeUndefined();
});
