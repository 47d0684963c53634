import type { DataTable } from '../load/data-rows.ts';

export interface DataFileRequest {
  /** Absolute path of the checkout that the file is read from. */
  readonly directory: string;
  /** Relative to it. */
  readonly file: string;
  /** Absolute path of the project: links to its git-ignored files lead there, and may lead nowhere else. */
  readonly projectDirectory: string;
}

/** Files whose rows vary the inputs of a workload. */
export interface DataFiles {
  /** Rejects with InputError invalid_data: no such file, outside of the project, too large, empty, a broken row (with its line). */
  read(request: DataFileRequest): Promise<DataTable>;
}
