/** docs/tools.md: the reference, made from the registries. `npm run generate` writes it, `npm run check:docs` compares. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { z } from 'zod';
import { createProgram } from '../src/cli/program.ts';
import { DETECTORS } from '../src/core/detectors/index.ts';
import { ERROR_CODES } from '../src/core/errors.ts';
import { METRICS, type Metric } from '../src/core/model/metrics.ts';
import { envelopeSchema } from '../src/core/model/result.ts';
import { STRATEGY_RULES } from '../src/core/strategies/index.ts';
import type { Warning } from '../src/core/model/warning.ts';
import { WARNINGS } from '../src/core/warnings.ts';
import { PROMPTS } from '../src/prompts/index.ts';
import { RESOURCES } from '../src/resources/index.ts';
import { collectionUri, templateUri } from '../src/server/resource-uris.ts';
import type { AnyTool, Effect } from '../src/tools/definition.ts';
import { TOOLS } from '../src/tools/index.ts';
import { findErrorKinds } from './error-kinds.ts';
import { writeOrCheck } from './generated-files.ts';
import { nameType, type JsonSchema } from './schema-words.ts';

const EFFECTS: Readonly<Record<Effect, string>> = {
  reads: 'reads',
  writes: 'writes below `.deep-optimize/`',
  'runs-code': "runs the project's commands",
};

/** Columns of the help of the command line: what fits a page without a scroll bar. */
const HELP_WIDTH = 100;

export function renderToolsDoc(): string {
  return [
    '# Reference',
    '<!-- Made by scripts/generate-docs.ts from the code; edit that. -->',
    'Tools, answers, errors, warnings, metrics, resources, prompts and the command line of deep-optimize. How to use them is in the [README](../README.md), what the numbers mean in [method.md](method.md).',
    '## Tools',
    'Arguments in bold are required.',
    table(
      ['tool', 'title', 'effect'],
      TOOLS.map(({ name, title, effect }) => [`[${name}](#${name})`, title, EFFECTS[effect]]),
    ),
    ...TOOLS.flatMap(describeTool),
    '## Answers',
    'Every tool answers with these fields beside its own; its own are absent while a run goes on. The text of an answer is made from the same data.',
    fieldTable(envelopeSchema, 'output'),
    '## Errors',
    'An error answer has `isError`, and in `error` its kind, code, message and fix. The kind says who can repair it: `input` (the call, or a file that you keep), `environment` (the machine), `target` (the measured program), `internal` (we).',
    table(['code', 'kind', 'meaning'], errorRows()),
    '## Warnings',
    'What weakens a result. "…" stands for a value.',
    table(['code', 'message', 'fix'], Object.values(WARNINGS).map(warningRow)),
    '## Metrics',
    'A smaller change than the minimum effect is not worth a verdict: a ratio, or for a difference the unit of the metric.',
    table(
      ['metric', 'title', 'better', 'compared by', 'minimum effect'],
      Object.entries(METRICS).map(metricRow),
    ),
    '## Bottleneck detectors',
    table(
      ['kind', 'title', 'names'],
      DETECTORS.map(({ id, title, names }) => [code(id), title, names]),
    ),
    '## Strategies',
    table(
      ['key', 'layer', 'remedy', 'needs'],
      STRATEGY_RULES.map(({ key, layer, title, needs }) => [code(key), layer, title, needs.join(', ')]),
    ),
    '## Resources',
    table(['URI', 'type', 'content'], RESOURCES.flatMap(resourceRows)),
    '## Prompts',
    table(
      ['prompt', 'arguments', 'what it does'],
      PROMPTS.map(({ name, args, description }) => [
        code(name),
        Object.keys(args.shape).map(code).join(', '),
        description,
      ]),
    ),
    '## Command line',
    ...commandHelps().map((help) => `\`\`\`text\n${help.trimEnd()}\n\`\`\``),
  ]
    .join('\n\n')
    .concat('\n');
}

function describeTool({ name, title, description, effect, input, output }: AnyTool): readonly string[] {
  return [
    `### ${name}`,
    `**${title}** (${EFFECTS[effect]}). ${description}`,
    fieldTable(input, 'input'),
    `Answers with ${fieldsOf(output, 'output')
      .map(([field, type]) => `${field} (${type})`)
      .join(', ')}.`,
  ];
}

function fieldTable(schema: z.ZodObject, io: 'input' | 'output'): string {
  return table([io === 'input' ? 'argument' : 'field', 'type', ''], fieldsOf(schema, io));
}

/** Name, type and what is said about it; required arguments are bold. */
function fieldsOf(
  schema: z.ZodObject,
  io: 'input' | 'output',
): readonly (readonly [string, string, string])[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
  }) as JsonSchema;
  return Object.entries(properties).map(([name, field]) => [
    io === 'input' && required.includes(name) ? `**${code(name)}**` : code(name),
    nameType(field),
    field.description ?? '',
  ]);
}

function errorRows(): readonly (readonly string[])[] {
  const kinds = findErrorKinds(join(import.meta.dirname, '..', 'src'));
  return Object.entries(ERROR_CODES).flatMap(([name, meaning]) => {
    const found = kinds.get(name);
    return found === undefined ? [] : [[code(name), [...found].sort().join(', '), meaning]];
  });
}

/**
 * Warnings are functions of values; here each value is a "…". It answers what numbers, texts and lists are asked when they
 * are put into a sentence, and every field of it is another one.
 */
const ANSWERS = {
  length: '…',
  0: '…',
  toString: () => '…',
  valueOf: () => Number.NaN,
  toFixed: () => '…',
  toPrecision: () => '…',
  join: () => '…',
  slice: (): object => ANY_VALUE,
  map: (): object => ANY_VALUE,
};
const ANY_VALUE: object = new Proxy(ANSWERS, {
  get: (answers, key): unknown =>
    key in answers ? Reflect.get(answers, key) : typeof key === 'symbol' ? undefined : ANY_VALUE,
});

function warningRow(make: (...values: never[]) => Warning): readonly string[] {
  const { code: name, message, fix = '' } = make(...([ANY_VALUE, ANY_VALUE, ANY_VALUE] as never[]));
  return [code(name), ...[message, fix].map((text: unknown) => String(text).replaceAll('NaN', '…'))];
}

function metricRow([name, { title, better, scale, minimumEffect }]: readonly [
  string,
  Metric,
]): readonly string[] {
  return [code(name), title, better, scale, String(minimumEffect)];
}

function resourceRows({
  name,
  description,
  mimeType,
  collection,
  item,
}: (typeof RESOURCES)[number]): string[][] {
  return [
    ...(collection ? [[code(collectionUri(name)), mimeType, description]] : []),
    ...(item ? [[code(templateUri(name)), mimeType, collection ? 'one of them' : description]] : []),
  ];
}

function commandHelps(): readonly string[] {
  const never = () => Promise.reject(new Error('The documentation runs no command.'));
  const program = createProgram('0', { serve: never, check: never, report: never });
  return [program, ...program.commands].map((command: Command) =>
    command.configureHelp({ helpWidth: HELP_WIDTH }).helpInformation(),
  );
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeOrCheck({ 'docs/tools.md': renderToolsDoc() });
