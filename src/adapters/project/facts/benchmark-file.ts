import type { BenchmarkFacts } from '../../../core/ports/project.ts';
import { resolveModule } from '../syntax/resolve-module.ts';
import { constantsOf, keyName, literalText, literalValue } from '../syntax/literal-value.ts';
import { bindingsOf } from '../syntax/module-bindings.ts';
import type { Binding } from '../syntax/module-bindings.ts';
import { parseSource } from '../syntax/parse-source.ts';
import type { Argument, Call, Expression, SyntaxNode } from '../syntax/parse-source.ts';
import { walk } from '../syntax/walk.ts';

type Tool = BenchmarkFacts['tool'];
type Case = BenchmarkFacts['cases'][number];

const TOOLS: Readonly<Record<string, Tool>> = {
  tinybench: 'tinybench',
  mitata: 'mitata',
  benchmark: 'benchmark.js',
  vitest: 'vitest bench',
};
const MENTIONS_TOOL = new RegExp(`['"\`](?:${Object.keys(TOOLS).join('|')})['"\`]|\\bbench\\s*\\(`);

const MAX_CASES = 20;

/**
 * The cases of a benchmark file, and which export of the project each of them calls. `fileSet` are the project's files,
 * to see which module an import means. Undefined for what is no benchmark.
 */
export function readBenchmark(
  text: string,
  file: string,
  fileSet: ReadonlySet<string>,
): BenchmarkFacts | undefined {
  if (!MENTIONS_TOOL.test(text)) return undefined;
  const program = parseSource(text, file);
  if (program === undefined) return undefined;
  const bindings = bindingsOf(program);
  const tool = toolOf(bindings, file);
  if (tool === undefined) return undefined;
  const constants = constantsOf(program);
  const cases: Case[] = [];
  walk(program, (node) => {
    if (node.type !== 'CallExpression' || !isCase(node)) return;
    const [title, body] = node.arguments;
    const name = literalText(title, constants);
    if (name === undefined || body === undefined) return;
    const subject = subjectOf(body, bindings, (specifier) => resolveModule(specifier, file, fileSet));
    if (subject === undefined) {
      cases.push({ name, subject: null });
      return;
    }
    const values = subject.args.map((argument) => literalValue(argument, constants));
    const known = values.flatMap((value) => (value === undefined ? [] : [value.value]));
    cases.push({
      name,
      subject: {
        module: subject.module,
        export: subject.exported,
        args: known.length === values.length ? known : null,
        argsText: text.slice(subject.args[0]?.start ?? 0, subject.args.at(-1)?.end ?? 0),
      },
    });
  });
  return { file, tool, cases: cases.slice(0, MAX_CASES) };
}

function toolOf(bindings: ReadonlyMap<string, Binding>, file: string): Tool | undefined {
  for (const { specifier, exported } of bindings.values()) {
    const tool = TOOLS[specifier];
    if (tool !== undefined && (specifier !== 'vitest' || exported === 'bench')) return tool;
  }
  // Vitest can give its functions as globals.
  return /\.bench\.[cm]?[jt]sx?$/.test(file) ? 'vitest bench' : undefined;
}

/** `bench('name', fn)` of mitata and vitest, `suite.add('name', fn)` of tinybench and benchmark.js. */
function isCase({ callee, arguments: given }: Call): boolean {
  if (given.length < 2) return false;
  if (callee.type === 'Identifier') return callee.name === 'bench';
  return callee.type === 'MemberExpression' && keyName(callee.property) === 'add';
}

interface Subject {
  readonly module: string;
  readonly exported: string;
  readonly args: readonly Argument[];
}

/** The first call, in the order of the text, of something that a module of the project exports. */
function subjectOf(
  body: Argument,
  bindings: ReadonlyMap<string, Binding>,
  resolve: (specifier: string) => string | undefined,
): Subject | undefined {
  let found: Subject | undefined;
  const take = (callee: SyntaxNode | Expression, args: readonly Argument[]): void => {
    const path = memberPath(callee);
    const binding = bindings.get(path[0] ?? '');
    const module = binding === undefined ? undefined : resolve(binding.specifier);
    if (found !== undefined || binding === undefined || module === undefined) return;
    const names = binding.exported === '*' ? path.slice(1) : [binding.exported, ...path.slice(1)];
    found = { module, exported: names.length === 0 ? 'default' : names.join('.'), args };
  };
  if (body.type === 'Identifier') take(body, []);
  else
    walk(body, (node) => {
      if (node.type === 'CallExpression') take(node.callee, node.arguments);
    });
  return found;
}

/** `a.b.c` as its names; empty for anything else. */
function memberPath(node: SyntaxNode | Expression): readonly string[] {
  if (node.type === 'Identifier') return [node.name];
  if (node.type !== 'MemberExpression' || node.computed) return [];
  const above = memberPath(node.object);
  const name = keyName(node.property);
  return above.length === 0 || name === undefined ? [] : [...above, name];
}
