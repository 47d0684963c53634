import type { Frame } from '../profile/model.ts';
import { runtimeModule } from '../profile/runtime-calls.ts';
import { detectChargedWork } from './detect-charged-work.ts';

interface Compiler {
  readonly package: RegExp;
  /** Of the path inside the package, and of the function: everything of the package without. */
  readonly file?: RegExp;
  readonly name?: RegExp;
}

/**
 * The parts of packages that turn a text into code, as opposed to those that run it, from their sources (handlebars 4,
 * pug 3, ejs 3, eta 3 and 4, nunjucks 3, mustache 4, lodash 4, ajv 8, doT 1).
 */
const COMPILERS: readonly Compiler[] = [
  // `ret` stands in the compiler's file and runs the template.
  { package: /^handlebars$/, file: /\/compiler\//, name: /^(?!ret\b)/ },
  { package: /^handlebars$/, name: /^(?:compileInput|precompile)$/ },
  { package: /^@handlebars\/parser$/ },
  { package: /^pug-(?!runtime$)/ },
  { package: /^pug$/, name: /^(?:compile|compileBody|exports\.compile)/ },
  {
    package: /^ejs$/,
    name: /^(?:Template|compile|generateSource|parseTemplateText|scanLine|handleCache|exports\.compile)$/,
  },
  { package: /^eta$/, name: /^(?:compile|compileToString|compileBody|parse)$/ },
  { package: /^nunjucks$/, file: /\/(?:compiler|parser|lexer|transformer)\.js$/ },
  { package: /^mustache$/, name: /^(?:parseTemplate|nestTokens|squashTokens|compileTags|scanUntil)$/ },
  { package: /^lodash(?:\.template|-es)?$/, name: /^template$/ },
  { package: /^dot$/, name: /^template$/ },
  // What it made runs without a file; dist/runtime is what that calls.
  { package: /^ajv$/, file: /\/dist\/(?!runtime\/)/ },
];

function isCompiler(frame: Frame): boolean {
  const { file, package: owner, name, kind } = frame;
  if (kind === 'builtin' && runtimeModule(frame) === 'vm') return name !== 'runInContext';
  if (owner === undefined || file === undefined) return false;
  return COMPILERS.some(
    (compiler) =>
      compiler.package.test(owner) &&
      (compiler.file?.test(file) ?? true) &&
      (compiler.name?.test(name) ?? true),
  );
}

const COMPILES =
  /\bnew\s+(?:Function|RegExp|Ajv\w*)\s*\(|\bFunction\s*\(\s*['"`]|\bnew\s+vm\s*\.\s*Script\s*\(/;

/** Templates, schemas and patterns that are turned into code again and again, though their text stays the same. */
export const templateCompiledPerRequest = detectChargedWork({
  id: 'template-compiled-per-request',
  title: 'Template or schema compiled per request',
  layer: 'algorithm',
  subject: 'Turning a template, schema or pattern into code for',
  together: false,
  isWork: isCompiler,
  isWorkLine: (code) => COMPILES.test(code),
  signals: () => ['compile', 'invariant-work'],
  confirm: (place) =>
    `Count the different texts that ${place} has compiled: if they are few, keep what was made of each; the compiler must then be gone from a new profile.`,
});
