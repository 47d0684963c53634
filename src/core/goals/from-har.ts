import { InputError } from '../errors.ts';
import type { HttpRequest } from '../model/goals.ts';
import { chooseByRoute } from './choose-by-route.ts';
import { servedCalls } from './har-calls.ts';
import { harEntries, isHar } from './har-entries.ts';
import { toHarRequest } from './har-request.ts';
import type { HarOmissions } from './har-request.ts';
import { effectsNote, listFew } from './imported-requests.ts';
import type { Missing, RequestImporter } from './imported-requests.ts';
import { maskedNote } from './mask-request.ts';
import { Tally } from './tally.ts';

/** A recording of a browser's (or proxy's) traffic, as its network panel exports it. */
export const har: RequestImporter = {
  id: 'har',
  title: 'a HAR recording',
  detect: isHar,
  convert: (document, { file, maxRequests }) => {
    const leftOut = new Tally();
    const omitted: HarOmissions = { headers: new Set(), fields: new Set(), bodies: new Set() };
    const entries = harEntries(document);
    const calls = servedCalls(entries, leftOut);
    const repeatable = calls.flatMap((call) => toHarRequest(call, omitted, leftOut) ?? []);
    if (repeatable.length === 0) {
      const reasons = String(leftOut);
      throw new InputError(
        'invalid_import',
        `${file} has no call that can be repeated among its ${entries.length} entries${reasons === '' ? '' : `. Left out: ${reasons}`}.`,
        {
          fix: 'Record again while the pages under test call the service (network panel of the browser, then export as HAR).',
        },
      );
    }
    const { requests, routes } = chooseByRoute(repeatable, maxRequests);
    const reasons = String(leftOut);
    return {
      requests,
      found: [
        `${file}: ${repeatable.length} of ${entries.length} entries are calls to ${calls[0]?.url.origin ?? ''}; ${routes.kept} of ${routes.all} routes kept, weights are their frequencies`,
        ...(reasons === '' ? [] : [`left out: ${reasons}`]),
      ],
      missing: missingOf(requests, omitted),
    };
  },
};

function missingOf(
  requests: readonly HttpRequest[],
  { headers, fields, bodies }: HarOmissions,
): readonly Missing[] {
  const notes: readonly (readonly [ReadonlySet<string>, string, string])[] = [
    [
      headers,
      'headers',
      'were left out, since goals.json holds no credentials: log in with the first step of a journey and extract the token, or start the service with a test identity (start.env)',
    ],
    [bodies, 'bodies of', 'are not in the recording; give them'],
  ];
  return [
    ...notes.flatMap(([names, what, why]) =>
      names.size === 0 ? [] : [{ what: `${what} ${listFew([...names])}`, why }],
    ),
    ...maskedNote(fields),
    ...effectsNote(requests),
    {
      what: 'ids in paths and bodies',
      why: 'are those of the recording; the service under test must have them',
    },
  ];
}
