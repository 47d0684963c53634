import type { BudgetsFile, Decision } from '../model/guard.ts';
import type { Argv, Goals, HttpRequest } from '../model/goals.ts';
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
  /** A description of the service's API, as text: what is wrong with it is told when it is read. */
  readonly openApi: { readonly file: string; readonly text: string } | null;
  readonly benchmarks: readonly BenchmarkFacts[];
  readonly loadScripts: readonly LoadScriptFacts[];
  readonly sqlFiles: readonly SqlFileFacts[];
  readonly databases: DatabaseFacts;
}

/** A file of an existing benchmark. */
export interface BenchmarkFacts {
  readonly file: string;
  readonly tool: 'tinybench' | 'mitata' | 'vitest bench' | 'benchmark.js';
  readonly cases: readonly {
    readonly name: string;
    /** The project's export that it calls; null when that could not be recognized. */
    readonly subject: {
      readonly module: string;
      /** `a.b` reaches into an exported object. */
      readonly export: string;
      /** Null when they are known only at run time; `argsText` is how they are written. */
      readonly args: readonly unknown[] | null;
      readonly argsText: string;
    } | null;
  }[];
}

export type SeenRequest = Pick<HttpRequest, 'method' | 'path' | 'headers' | 'body' | 'weight'> & {
  /** Whether something known only at run time was filled with 1 or left out. */
  readonly isFilled: boolean;
};

/** A script of a load generator. */
export interface LoadScriptFacts {
  readonly file: string;
  readonly tool: 'k6' | 'artillery';
  readonly requests: readonly SeenRequest[];
}

/** A file of statements that only read. */
export interface SqlFileFacts {
  readonly file: string;
  readonly statements: number;
  /** Of the first statement, as written: `$1`, `?`, `:name`. */
  readonly parameters: readonly string[];
}

export interface DatabaseFacts {
  /** Names of environment variables, never their values. */
  readonly urlEnvs: readonly { readonly name: string; readonly engine: 'postgres' | 'sqlite' | null }[];
  /** SQLite files inside the project. */
  readonly sqliteFiles: readonly string[];
}

/** The committed files of a project's state. */
export interface ProjectFiles {
  facts(): Promise<ProjectFacts>;
  /** Text of a file inside the project. Rejects with InputError invalid_import. */
  readImport(file: string): Promise<string>;
  /** Bytes of a profile or trace inside the project, unpacked if they were gzip. Rejects as readImport does. */
  readEvidence(file: string): Promise<Uint8Array>;
  /** Text of a file of an installed package; undefined when it is none, or too large to show. */
  readPackageSource(file: string): Promise<string | undefined>;
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
