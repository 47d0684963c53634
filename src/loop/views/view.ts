import type { Evidence } from '../../core/model/evidence.ts';
import type { Warning } from '../../core/model/warning.ts';
import type { Project } from '../../core/ports/project.ts';

export type Cell = string | number | null;
export type Row = Readonly<Record<string, Cell>>;

/** How a cell reads: numbers are in the base unit of the name, and render/ scales them. `tree` is indented by the row's `depth`. */
export interface Column {
  readonly key: string;
  readonly title: string;
  readonly as: 'share' | 'ms' | 'bytes' | 'count' | 'name' | 'tree' | 'text';
}

export interface ViewRequest {
  /** A function by name, or by `name (file:line)` where several have it. */
  readonly function?: string | undefined;
  readonly file?: string | undefined;
  /** What rows must contain: package, route, statement or thread; "user" is the project's own code. */
  readonly filter?: string | undefined;
}

export interface ViewAnswer {
  /** What it is about, where it is about one thing. */
  readonly subject: string | null;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** What the numbers rest on: "4120 busy samples". */
  readonly basis: string;
  readonly warnings?: readonly Warning[];
}

export interface ViewContext {
  readonly project: Project;
  readonly evidence: Evidence;
}

/** One way to look into evidence of one kind. A new view is a file beside this and a line in index.ts. */
export interface View {
  readonly name: string;
  readonly of: Evidence['kind'];
  show(context: ViewContext, request: ViewRequest): Promise<ViewAnswer>;
}
