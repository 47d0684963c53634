import { describe, expect, it } from 'vitest';
import { findConnectionUrl } from '../../../src/adapters/query/connection-url.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';

describe('findConnectionUrl', () => {
  const temporary = createTemporaryDirectory();
  const find = (
    env: Readonly<Record<string, string>>,
    baseEnv: Readonly<Record<string, string>>,
    name = 'DB_URL',
  ) => findConnectionUrl(name, { env, baseEnv, directory: temporary.path });

  it('looks into the workload, then the server, then .env', async () => {
    temporary.write('.env', 'OTHER=1\n# comment\nDB_URL="postgres://file/#1"\n');
    const server = { DB_URL: 'postgres://server/' };
    expect(await find({ DB_URL: 'postgres://workload/' }, server)).toBe('postgres://workload/');
    expect(await find({}, server)).toBe('postgres://server/');
    expect(await find({}, {})).toBe('postgres://file/#1');
    await expect(find({}, {}, 'MISSING')).rejects.toMatchObject({ code: 'no_database_url' });
  });

  it.each(['postgres://a:secret@h/d', 'postgres://h/d?user=a&password=secret'])(
    'refuses %s in goals.json',
    async (url) => {
      await expect(find({ DB_URL: url }, {})).rejects.toMatchObject({
        kind: 'input',
        code: 'invalid_goals',
        message: expect.not.stringContaining('secret') as string,
      });
      expect(await find({}, { DB_URL: url })).toBe(url);
    },
  );
});
