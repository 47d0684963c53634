import { countTokens, MAX_INSTRUCTION_BYTES, MAX_TOKENS } from '../scripts/count-tokens.ts';
import type { Bench } from './bench.ts';

export const toolList: Bench = {
  name: 'tool-list',
  title: 'What every session pays',
  method:
    'The JSON of `tools/list` as a client receives it, output schemas included, counted with the tokenizer o200k_base (gpt-tokenizer); the instructions in bytes. Exact, no measurement. `npm run check:tokens` prints it by tool.',
  run: () => {
    const { total, tools, instructionBytes } = countTokens();
    return Promise.resolve([
      {
        what: `tools/list, ${tools.length} tools`,
        value: `${total} tokens`,
        spread: 'exact',
        n: 1,
        target: `under ${MAX_TOKENS}`,
        outcome: total < MAX_TOKENS ? 'pass' : 'fail',
      },
      {
        what: 'instructions',
        value: `${instructionBytes} bytes`,
        spread: 'exact',
        n: 1,
        target: `under ${MAX_INSTRUCTION_BYTES} bytes`,
        outcome: instructionBytes < MAX_INSTRUCTION_BYTES ? 'pass' : 'fail',
      },
    ]);
  },
};
