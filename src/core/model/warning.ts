import { z } from 'zod';

/** A thing that weakens a result, as data: what, and what to do about it. Codes are listed in core/warnings.ts. */
export const warningSchema = z.object({ code: z.string(), message: z.string(), fix: z.string().optional() });
export type Warning = z.infer<typeof warningSchema>;
