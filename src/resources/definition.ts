import type { Project } from '../core/ports/project.ts';

export interface ResourceEntry {
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly mimeType: string;
}

export interface ResourceContent {
  readonly mimeType: string;
  readonly content: { readonly text: string } | { readonly bytes: Uint8Array };
}

/**
 * A family of resources, as data: one file each. `collection` has a fixed URI; `item` is one record by id. A read answers
 * undefined when this project has no such record.
 */
export interface ResourceFamily {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
  readonly collection?: (project: Project) => Promise<ResourceContent>;
  readonly item?: {
    read(project: Project, id: string): Promise<ResourceContent | undefined>;
    /** The newest ones, for lists and completion. */
    list(
      project: Project,
    ): Promise<readonly { readonly id: string; readonly title: string; readonly mimeType: string }[]>;
  };
}

export function json(value: unknown): ResourceContent {
  return { mimeType: 'application/json', content: { text: JSON.stringify(value, null, 2) } };
}
