import type { Warning } from '../model/warning.ts';
import type { Profile } from '../profile/model.ts';
import type { Trace } from '../trace/model.ts';
import type { ImportSource } from './import-source.ts';

/** What a file turned into, with what weakens it. */
export interface ImportedProfile {
  readonly profile: Profile;
  readonly warnings: readonly Warning[];
}

export interface ImportedTrace {
  readonly trace: Trace;
  readonly warnings: readonly Warning[];
}

interface Format {
  readonly id: string;
  readonly title: string;
  /** By content; the file's name is a hint that only formats without any mark of their own need. Never throws. */
  detect(source: ImportSource): boolean;
}

/** One format of one producer. `parse` rejects with InputError. */
export interface ProfileImporter extends Format {
  readonly gives: 'profile';
  parse(source: ImportSource): ImportedProfile;
}

export interface TraceImporter extends Format {
  readonly gives: 'trace';
  parse(source: ImportSource): ImportedTrace;
}

export type Importer = ProfileImporter | TraceImporter;
