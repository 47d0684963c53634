import { createProcesses } from '../../src/adapters/process/processes.ts';

/** Adapters that need processes are tested with the real ones. */
export const simpleProcesses = createProcesses();
export const createSimpleProcesses = createProcesses;
