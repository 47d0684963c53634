import type { z } from 'zod';
import type { Envelope } from '../core/model/result.ts';
import type { Ports } from '../core/ports/index.ts';
import type { Project } from '../core/ports/project.ts';
import type { Changes } from '../loop/changes.ts';
import type { RunProgress, Runs } from '../loop/runs.ts';

/** What calling a tool does to the world; one function (server/annotations.ts) turns it into all four MCP hints. */
export type Effect = 'reads' | 'writes' | 'runs-code';

/** What the shell hands to a handler: everything it may use, and nothing of the protocol. */
export interface ToolContext {
  readonly ports: Ports;
  readonly project: Project;
  readonly runs: Runs;
  readonly changes: Changes;
  /** Aborts when the client cancels the request or goes away. */
  readonly signal: AbortSignal;
  /** Tells the client, if it asked to be told. */
  readonly progress: (progress: RunProgress) => void;
}

export type Result<Payload> = Envelope & Payload;

/**
 * A tool, as data: one file each, named after the tool. The zod schemas give the types here, the JSON Schema that clients
 * see, the checks of the shell and docs/tools.md.
 */
export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  /** For an agent that chooses between tools: what it does, when to use it, what it costs. */
  readonly description: string;
  readonly effect: Effect;
  readonly input: Input;
  /** The tool's own fields, beside the envelope. All optional while a run goes on. */
  readonly output: Output;
  handle(input: z.output<Input>, context: ToolContext): Promise<Result<z.output<Output>>>;
  /** The body of the text answer, between the summary and the warnings; derived from the data alone. */
  render(result: Result<z.output<Output>>): string;
}

/** Keeps the types of input and output tied together within a definition, and hides them from the registry. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): AnyTool {
  return {
    ...tool,
    // The shell has parsed `input` with this very schema, and `result` came from this very handler.
    handle: (input, context) => tool.handle(tool.input.parse(input), context),
    render: (result) => tool.render({ ...result, ...tool.output.parse(result) }),
  };
}

export interface AnyTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly effect: Effect;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  handle(input: unknown, context: ToolContext): Promise<Envelope>;
  render(result: Envelope): string;
}
