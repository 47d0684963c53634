import type { Warning } from '../model/warning.ts';
import type { Profile } from '../profile/model.ts';

/** What a file turned into, with what weakens it. */
export interface ImportedProfile {
  readonly profile: Profile;
  readonly warnings: readonly Warning[];
}

export interface ImportSource {
  /** The content, decoded. */
  readonly text: string;
  readonly fileName?: string;
}

/** One format of one producer. `detect` is cheap and never throws; `parse` rejects with InputError. */
export interface ProfileImporter {
  readonly id: string;
  readonly title: string;
  detect(source: ImportSource): boolean;
  parse(source: ImportSource): ImportedProfile;
}
