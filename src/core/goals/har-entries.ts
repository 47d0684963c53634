import { z } from 'zod';
import { isRecord } from './imported-requests.ts';

/**
 * The fields of a HAR 1.2 entry that a request is made of (http://www.softwareishard.com/blog/har-12-spec/). Names with
 * an underscore are Chrome's own. Recorders differ in everything else, so everything else is ignored, and an entry that
 * lacks one of these is counted and left out.
 */
const pair = z.object({ name: z.string(), value: z.string() });

const entrySchema = z.object({
  request: z.object({
    method: z.string(),
    url: z.string(),
    headers: z.array(pair).catch([]),
    postData: z
      .object({
        mimeType: z.string().catch(''),
        text: z.string().optional().catch(undefined),
        /** Instead of the text, by some recorders; chrome-har splits JSON objects too, so a value may be anything. */
        params: z
          .array(z.object({ name: z.string(), value: z.unknown() }))
          .optional()
          .catch(undefined),
      })
      .optional()
      .catch(undefined),
  }),
  response: z.object({
    /** 0 when no answer came: aborted, blocked, or a recording that ended first. */
    status: z.int(),
    content: z.object({ mimeType: z.string().catch('') }).catch({ mimeType: '' }),
  }),
  _resourceType: z.string().optional().catch(undefined),
  _fromCache: z.string().optional().catch(undefined),
});

export type HarEntry = z.infer<typeof entrySchema>;

export function isHar(document: unknown): boolean {
  return isRecord(document) && isRecord(document['log']) && 'entries' in document['log'];
}

/** Undefined in place of an entry that cannot be read. */
export function harEntries(document: unknown): readonly (HarEntry | undefined)[] {
  const log = isRecord(document) ? document['log'] : undefined;
  const entries = isRecord(log) ? log['entries'] : undefined;
  return Array.isArray(entries) ? entries.map((entry) => entrySchema.safeParse(entry).data) : [];
}
