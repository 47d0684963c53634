import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileSizes } from '../../../src/adapters/data/file-sizes.ts';
import { writeFiles } from '../../support/git-project.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const sizes = createFileSizes();

async function built(): Promise<string> {
  const directory = await temporaryDirectory();
  writeFiles(directory, {
    'dist/app.1a2b.js': 'x'.repeat(1000),
    'dist/app.1a2b.js.map': 'x'.repeat(50_000),
    'dist/vendor.js': 'x'.repeat(200),
    'dist/assets/logo.svg': 'x'.repeat(30),
    'image.tar': 'x'.repeat(7),
  });
  symlinkSync('/etc/passwd', join(directory, 'dist/link.js'));
  return directory;
}

describe('what files weigh', () => {
  it.each([
    [['image.tar'], 7],
    [['dist'], 51_230],
    [['dist/'], 51_230],
    [['dist/*.js'], 1200],
    [['dist/app.*.js'], 1000],
    [['*/vendor.js'], 200],
    [['dist/vendor.js', 'dist/*.js', 'image.tar'], 1207],
  ])('%j: %i bytes, each file once, without links', async (paths, bytes) => {
    expect(await sizes.total({ directory: await built(), paths })).toBe(bytes);
  });

  it.each(['dist/*.css', 'build', 'dist/link.js', 'dist/[a-z]*'])(
    '%s finds nothing: then nothing is guessed',
    async (path) => {
      const directory = await built();
      await expect(sizes.total({ directory, paths: ['dist', path] })).rejects.toMatchObject({
        kind: 'target',
        code: 'expectation_failed',
        message: `Nothing to weigh: ${path} finds no file.`,
        fix: expect.stringContaining('"bundle"') as string,
      });
    },
  );
});
