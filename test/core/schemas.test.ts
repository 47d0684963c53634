import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderSchemas } from '../../scripts/generate-schemas.ts';

test.each(Object.entries(renderSchemas()))(
  'schemas/%s is what the model says (npx tsx scripts/generate-schemas.ts)',
  (file, text) => {
    expect(readFileSync(join(import.meta.dirname, '../../schemas', file), 'utf8')).toBe(text);
  },
);
