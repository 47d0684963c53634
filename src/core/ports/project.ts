import type { BudgetsFile, Decision } from '../model/guard.ts';
import type { Argv, Goals } from '../model/goals.ts';
import type { Checkouts, Snapshots } from './snapshots.ts';
import type { Store } from './store.ts';

/** What a look at the project's files told; the draft of goals is made from it. */
export interface ProjectFacts {
  readonly name: string;
  readonly packageJson: {
    readonly scripts: Readonly<Record<string, string>>;
    readonly dependencies: readonly string[];
    readonly devDependencies: readonly string[];
    readonly main?: string;
    readonly bin?: Readonly<Record<string, string>>;
  } | null;
  readonly lockfile: 'npm' | 'pnpm' | 'yarn' | null;
  /** Source files that mention a listening server or routes, with what was found by pattern: candidates, not facts. */
  readonly serverFiles: readonly {
    readonly file: string;
    readonly routes: readonly { readonly method: string; readonly path: string }[];
    readonly listens: boolean;
    readonly portEnv: string | null;
  }[];
  readonly hasGit: boolean;
}

/** The committed files of a project's state. */
export interface ProjectFiles {
  facts(): Promise<ProjectFacts>;
  /** Undefined when there is none. Rejects with InputError invalid_goals (the file is left untouched). */
  readGoals(): Promise<Goals | undefined>;
  writeGoals(goals: Goals): Promise<string>;
  readBudgets(): Promise<BudgetsFile | undefined>;
  writeBudgets(budgets: BudgetsFile): Promise<string>;
  decisions(): Promise<
    readonly { readonly id: string; readonly file: string; readonly title: string; readonly text: string }[]
  >;
  /** Writes the next numbered file. */
  writeDecision(decision: Omit<Decision, 'id' | 'file'>, markdown: (id: string) => string): Promise<Decision>;
}

/** Which committed commands the person at this machine has confirmed; kept per user, outside the project. */
export interface Approvals {
  missing(projectDir: string, commands: readonly Argv[]): Promise<readonly Argv[]>;
  approve(projectDir: string, commands: readonly Argv[]): Promise<void>;
}

export interface Project {
  /** Absolute, real path. */
  readonly directory: string;
  readonly files: ProjectFiles;
  readonly store: Store;
  readonly snapshots: Snapshots;
  readonly checkouts: Checkouts;
}

export interface Projects {
  /** The same object for the same directory. Rejects with InputError invalid_project. */
  open(directory: string): Promise<Project>;
  closeAll(): Promise<void>;
}
