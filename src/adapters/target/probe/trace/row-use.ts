import { inspect } from 'node:util';

const MOST_ROWS = 2000;
const MOST_COLUMNS = 100;

export interface RowUse {
  readonly columns: readonly string[];
  readonly read: () => { readonly rowsRead: number; readonly columnsRead: readonly string[] };
}

/**
 * Makes the columns of rows tell when they are read. Accessors in place of values, and no Proxy, since structuredClone and
 * postMessage refuse one; keys, JSON, spread, prototype and identity stay, and a column that is written is a value again.
 * What prints a row sees its values. Undefined where rows are of another kind than plain objects: those stay as they are.
 */
export function watchRows(rows: readonly unknown[]): RowUse | undefined {
  const first = rows[0];
  if (rows.length > MOST_ROWS || !rows.every(isPlainRow)) return undefined;
  const columns = isPlainRow(first) ? Object.keys(first).filter(isColumn) : [];
  if (columns.length > MOST_COLUMNS) return undefined;
  const columnsRead = new Set<string>();
  const rowsRead = new Set<number>();
  for (const [at, row] of rows.entries()) {
    watchRow(row, (column) => {
      columnsRead.add(column);
      rowsRead.add(at);
    });
  }
  return { columns, read: () => ({ rowsRead: rowsRead.size, columnsRead: [...columnsRead] }) };
}

function isPlainRow(row: unknown): row is Record<string, unknown> {
  if (typeof row !== 'object' || row === null || Array.isArray(row) || !Object.isExtensible(row))
    return false;
  const prototype: unknown = Object.getPrototypeOf(row);
  return prototype === Object.prototype || prototype === null;
}

/** libsql puts the time that a row took among its columns. */
export function isColumn(name: string): boolean {
  return name !== '_metadata';
}

function watchRow(row: Record<string, unknown>, onRead: (column: string) => void): void {
  for (const column of Object.keys(row).filter(isColumn)) {
    const descriptor = Object.getOwnPropertyDescriptor(row, column);
    if (descriptor?.configurable !== true || !('value' in descriptor)) continue;
    const value: unknown = descriptor.value;
    Object.defineProperty(row, column, {
      configurable: true,
      enumerable: true,
      get() {
        onRead(column);
        return value;
      },
      set(this: object, next: unknown) {
        Object.defineProperty(this, column, {
          configurable: true,
          enumerable: true,
          writable: true,
          value: next,
        });
      },
    });
  }
  Object.defineProperty(row, inspect.custom, {
    configurable: true,
    enumerable: false,
    writable: true,
    value(this: object) {
      return Object.assign(Object.create(Object.getPrototypeOf(this) as object | null) as object, this);
    },
  });
}
