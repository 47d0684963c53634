import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDataFiles } from '../../../src/adapters/data/create-data-files.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

async function checkoutWith(files: Readonly<Record<string, string | Buffer>>) {
  const projectDirectory = await temporaryDirectory();
  const directory = join(projectDirectory, 'checkout');
  await mkdir(directory);
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  const read = (file: string, maxBytes?: number) =>
    createDataFiles(maxBytes === undefined ? {} : { maxBytes }).read({ directory, file, projectDirectory });
  return { directory, projectDirectory, read };
}

describe('data files', () => {
  it('are CSV with a line of names, all values text', async () => {
    const { read } = await checkoutWith({
      'users.csv': '\uFEFFuser, city\r\nada,"Paris, France"\r\n\r\nbob,"a ""b"""\r\n',
    });
    expect(await read('users.csv')).toEqual({
      columns: ['user', 'city'],
      rows: [
        ['ada', 'Paris, France'],
        ['bob', 'a "b"'],
      ],
    });
  });

  it('are JSON objects, one a line, with their types', async () => {
    const { read } = await checkoutWith({
      'users.jsonl': '{"user":"ada","n":1,"tags":["x"]}\n\n{"n":null,"user":"bob","tags":[],"more":true}\n',
    });
    expect(await read('users.jsonl')).toEqual({
      columns: ['user', 'n', 'tags'],
      rows: [
        ['ada', 1, ['x']],
        ['bob', null, []],
      ],
    });
  });

  it.each([
    ['short.csv', 'a,b\n1,2\n3\n', 'short.csv, line 3: Invalid Record Length: expect 2, got 1.'],
    ['long.csv', 'a\n1\n2\n3,4\n', 'long.csv, line 4: Invalid Record Length: expect 1, got 2.'],
    ['quote.csv', 'a,b\n1,x"y\n', 'quote.csv, line 2: Invalid Opening Quote'],
    ['twice.csv', 'a,a\n1,2\n', 'twice.csv, line 1: there are two columns "a".'],
    ['unnamed.csv', 'a,,c\n1,2,3\n', 'unnamed.csv, line 1: column 2 has no name.'],
    ['empty.csv', '', 'empty.csv has no rows.'],
    ['header.csv', 'a,b\n', 'header.csv has no rows.'],
    ['broken.jsonl', '{"a":1}\n{"a":\n', 'broken.jsonl, line 2 is not a JSON object.'],
    ['list.jsonl', '{"a":1}\n\n[1]\n', 'list.jsonl, line 3 is not a JSON object.'],
    ['ragged.jsonl', '{"a":1,"b":2}\n{"b":1}\n', 'ragged.jsonl, line 2 has no "a", which the first row has.'],
    ['blank.jsonl', '\n\n', 'blank.jsonl has no rows.'],
  ])('that are broken are refused with the place: %s', async (file, content, message) => {
    const { read } = await checkoutWith({ [file]: content });
    await expect(read(file)).rejects.toMatchObject({ kind: 'input', code: 'invalid_data' });
    await expect(read(file)).rejects.toThrow(message);
  });

  it('that are not text, too large or not there are refused', async () => {
    const { read } = await checkoutWith({
      'latin.csv': Buffer.from('a\ncaf\xe9\n', 'latin1'),
      'big.csv': 'a\n1234\n',
    });
    await expect(read('latin.csv')).rejects.toThrow('latin.csv is not UTF-8 text.');
    await expect(read('big.csv', 6)).rejects.toThrow('big.csv has 7 bytes; a data file may have 6.');
    expect((await read('big.csv', 7)).rows).toHaveLength(1);
    await expect(read('none.csv')).rejects.toThrow('There is no file none.csv');
  });

  it('may be linked from the project, and from nowhere else', async () => {
    const { directory, projectDirectory, read } = await checkoutWith({});
    const outside = join(await temporaryDirectory(), 'secrets.csv');
    await writeFile(outside, 'a\n1\n');
    await writeFile(join(projectDirectory, 'ignored.csv'), 'a\n1\n');
    await symlink(join(projectDirectory, 'ignored.csv'), join(directory, 'linked.csv'));
    await symlink(outside, join(directory, 'escape.csv'));
    await symlink(projectDirectory, join(directory, 'folder.csv'));
    expect((await read('linked.csv')).rows).toEqual([['1']]);
    await expect(read('escape.csv')).rejects.toThrow('escape.csv leads out of the project.');
    await expect(read(`../../${outside}`)).rejects.toMatchObject({ code: 'invalid_data' });
    await expect(read('folder.csv')).rejects.toMatchObject({ code: 'invalid_data' });
  });

  it('are parsed once while they stay as they are', async () => {
    const { directory, projectDirectory } = await checkoutWith({ 'a.csv': 'a\n1\n' });
    const files = createDataFiles();
    const request = { directory, file: 'a.csv', projectDirectory };
    const first = await files.read(request);
    expect(await files.read(request)).toBe(first);
    await writeFile(join(directory, 'a.csv'), 'a\n2\n');
    await utimes(join(directory, 'a.csv'), 1, 1);
    expect((await files.read(request)).rows).toEqual([['2']]);
  });
});
