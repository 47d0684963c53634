/**
 * What every session pays before it asks for anything: the tokens of tools/list as a client receives it, and the bytes of
 * the instructions. `npm run check:tokens`; ends with 1 above a limit.
 */
import { fileURLToPath } from 'node:url';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { INSTRUCTIONS } from '../src/server/instructions.ts';
import { publishedTool } from '../src/server/tool-handlers.ts';
import { TOOLS } from '../src/tools/index.ts';

/** Tokens of o200k_base (GPT-4o and later; other vendors publish no tokenizer, theirs differ by some percent). */
export const MAX_TOKENS = 4500;
/** Claude Code cuts instructions there (notes on MCP clients, section 3). */
export const MAX_INSTRUCTION_BYTES = 2048;

export interface TokenCount {
  readonly tools: readonly {
    readonly name: string;
    readonly tokens: number;
    readonly input: number;
    readonly output: number;
  }[];
  readonly total: number;
  readonly instructionBytes: number;
}

export function countTokens(): TokenCount {
  const published = TOOLS.map(publishedTool);
  return {
    tools: published.map((tool) => ({
      name: tool.name,
      tokens: tokensOf(tool),
      input: tokensOf(tool.inputSchema),
      output: tokensOf(tool.outputSchema),
    })),
    total: tokensOf({ tools: published }),
    instructionBytes: Buffer.byteLength(INSTRUCTIONS),
  };
}

/** What is over its limit, in words; empty when all is well. */
export function findExcess({ total, instructionBytes }: TokenCount): readonly string[] {
  return [
    ...(total > MAX_TOKENS ? [`tools/list takes ${total} tokens; the limit is ${MAX_TOKENS}`] : []),
    ...(instructionBytes > MAX_INSTRUCTION_BYTES
      ? [`the instructions take ${instructionBytes} bytes; the limit is ${MAX_INSTRUCTION_BYTES}`]
      : []),
  ];
}

function tokensOf(value: unknown): number {
  return encode(JSON.stringify(value)).length;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const count = countTokens();
  const rows = count.tools.map(({ name, tokens, input, output }) => [name, tokens, input, output]);
  for (const [name, ...numbers] of [
    ['tool', 'tokens', 'arguments', 'result'],
    ...rows,
    ['total', count.total],
  ]) {
    console.log(`${String(name).padEnd(20)}${numbers.map((n) => String(n).padStart(11)).join('')}`);
  }
  console.log(`instructions: ${count.instructionBytes} bytes`);
  const excess = findExcess(count);
  for (const text of excess) console.error(`Too much: ${text}.`);
  process.exitCode = excess.length === 0 ? 0 : 1;
}
