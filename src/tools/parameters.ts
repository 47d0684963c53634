import { z } from 'zod';
import { effortSchema } from '../core/model/measurement.ts';
import { NAME } from '../core/model/workloads/common.ts';

/** Parameters that several tools share, each described once. */
const ID = z.string().regex(/^[a-z0-9_-]{1,120}$/);

/** What it is by default stands in the server's instructions, once and not twelve times. */
export const projectDir = z.string().optional();
export const workload = NAME.optional().describe('default: the only one');
export const effort = effortSchema.optional();
export const waitS = z.number().min(0).max(50).optional().describe('default 40; then poll get_run');
export const recordId = ID;

/** How long a call waits for its run unless told otherwise, in s. Clients give up after 60 s (notes on MCP clients, section 3). */
export const DEFAULT_WAIT_S = 40;
