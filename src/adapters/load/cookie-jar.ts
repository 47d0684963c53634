import { CookieJar } from 'tough-cookie';
import type { AnswerHeaders } from './answer.ts';
import type { Destination } from './child-plan.ts';

export interface UserCookies {
  /** Value of the Cookie header for a path; empty when there is none to send. */
  headerFor(path: string): string;
  keep(path: string, headers: AnswerHeaders): void;
}

/** The cookies of one user: path, expiry and the Secure mark count as in a browser, which takes loopback for secure. */
export function createUserCookies({ protocol, host }: Pick<Destination, 'protocol' | 'host'>): UserCookies {
  // The list of public suffixes protects sites from each other; here is one.
  const jar = new CookieJar(undefined, { rejectPublicSuffixes: false });
  const url = (path: string): string => `${protocol}//${host}${path}`;
  return {
    headerFor: (path) => jar.getCookieStringSync(url(path)),
    keep: (path, headers) => {
      for (const line of headers.cookies()) jar.setCookieSync(line, url(path), { ignoreError: true });
    },
  };
}
