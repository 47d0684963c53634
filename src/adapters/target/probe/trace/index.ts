import module from 'node:module';
import type { ModulePatch } from '../module-patches.ts';
import { modulePatch, patchWhenLoaded } from '../module-patches.ts';
import { traceDns, traceThreadPool } from './async-calls.ts';
import { openContext } from './context.ts';
import { traceFileAccess } from './file-access.ts';
import { traceIncomingHttp, traceKoa } from './incoming-http.ts';
import { traceJson } from './json-calls.ts';
import { traceMongoConnection } from './mongodb.ts';
import { traceMysql } from './mysql.ts';
import { traceOutgoingHttp } from './outgoing-http.ts';
import { quietly } from './patch-method.ts';
import { tracePg, tracePgPool } from './postgres.ts';
import { traceIoredis, traceRedisQueue } from './redis.ts';
import { traceSockets } from './sockets.ts';
import { traceNodeSqlite, traceNodeSqliteImports, traceSqliteClass } from './sqlite.ts';
import { traceSyncCalls } from './sync-calls.ts';
import { traceTimers } from './timers.ts';
import { traceUndici, traceUndiciPackage } from './undici.ts';

export { startRecording, stopRecording } from './recorder.ts';

/** What is there before the program: one file each. */
const BUILT_INS: readonly (() => void)[] = [
  traceSockets,
  traceIncomingHttp,
  traceOutgoingHttp,
  traceUndici,
  traceFileAccess,
  traceSyncCalls,
  traceThreadPool,
  traceDns,
  traceTimers,
  traceJson,
];

/** What the program may load; knex, sequelize, prisma and others speak through these. */
const PACKAGES: readonly ModulePatch[] = [
  modulePatch('undici', traceUndiciPackage),
  modulePatch('koa', traceKoa),
  modulePatch('pg', tracePg),
  modulePatch('pg-pool', tracePgPool),
  modulePatch('mysql2', traceMysql),
  modulePatch('ioredis', traceIoredis),
  modulePatch('@redis/client', traceRedisQueue, /^\.\/commands-queue(?:\.js)?$/),
  modulePatch('mongodb', traceMongoConnection, /^\.{1,2}\/(?:cmap\/)?connection(?:\.js)?$/),
  modulePatch('better-sqlite3', traceSqliteClass),
  modulePatch('libsql', traceSqliteClass),
  modulePatch('node:sqlite', traceNodeSqlite),
];

/** Puts everything in place, before the first module of the program is loaded; nothing is recorded before it is asked for. */
export function prepareTracing(): void {
  openContext();
  for (const patch of BUILT_INS) quietly(patch);
  // So that `import { readFileSync } from 'node:fs'` gets what `require` gives.
  module.syncBuiltinESMExports();
  patchWhenLoaded(PACKAGES);
  quietly(traceNodeSqliteImports);
}
