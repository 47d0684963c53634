import { keyName } from './literal-value.ts';
import type { Call, SyntaxNode } from './parse-source.ts';

/** The name of a method that is called, e.g. `get` in `app.get('/')`; undefined for calls of functions. */
export function calledMember(call: Call): string | undefined {
  return call.callee.type === 'MemberExpression' && !call.callee.computed
    ? keyName(call.callee.property)
    : undefined;
}

/** What the method is called on. */
export function calledObject(call: Call): SyntaxNode | undefined {
  return call.callee.type === 'MemberExpression' ? call.callee.object : undefined;
}
