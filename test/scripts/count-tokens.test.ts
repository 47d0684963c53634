import { expect, it } from 'vitest';
import { countTokens, findExcess, MAX_INSTRUCTION_BYTES, MAX_TOKENS } from '../../scripts/count-tokens.ts';
import { TOOLS } from '../../src/tools/index.ts';

it('keeps the list of tools and the instructions within their limits', () => {
  const count = countTokens();
  expect(findExcess(count)).toEqual([]);
  expect(count.tools.map(({ name }) => name)).toEqual(TOOLS.map(({ name }) => name));
  // Each tool is longer than its parts; the list is about the sum of its tools.
  for (const { tokens, input, output } of count.tools) expect(tokens).toBeGreaterThan(input + output);
  const sum = count.tools.reduce((total, { tokens }) => total + tokens, 0);
  expect(Math.abs(count.total - sum)).toBeLessThan(50);
});

it('says what is over a limit, and by how much', () => {
  const over = { tools: [], total: MAX_TOKENS + 1, instructionBytes: MAX_INSTRUCTION_BYTES + 1 };
  expect(findExcess(over)).toEqual([
    `tools/list takes ${MAX_TOKENS + 1} tokens; the limit is ${MAX_TOKENS}`,
    `the instructions take ${MAX_INSTRUCTION_BYTES + 1} bytes; the limit is ${MAX_INSTRUCTION_BYTES}`,
  ]);
  expect(findExcess({ ...over, total: MAX_TOKENS, instructionBytes: MAX_INSTRUCTION_BYTES })).toEqual([]);
});
