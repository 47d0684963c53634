import { compile } from 'json-p3';
import type { JSONValue } from 'json-p3';

/** Undefined when the path finds nothing: JSON itself has no such value. */
export type JsonPath = (document: unknown) => unknown;

/** Throws json-p3's own error for text that is no JSON path (RFC 9535). */
export function compileJsonPath(path: string): JsonPath {
  const query = compile(path);
  // What JSON.parse gives is what the library calls a JSON value.
  return (document) => query.match(document as JSONValue)?.value;
}
