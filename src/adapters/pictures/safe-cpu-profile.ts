import { z } from 'zod';
import { InputError } from '../../core/errors.ts';

const callFrameSchema = z.object({
  functionName: z.string(),
  url: z.string().default(''),
  lineNumber: z.number().default(-1),
});
const cpuProfileSchema = z.object({
  nodes: z
    .array(
      z.object({
        id: z.number(),
        callFrame: callFrameSchema,
        hitCount: z.number().optional(),
        children: z.array(z.number()).optional(),
        parent: z.number().optional(),
      }),
    )
    .min(1),
  samples: z.array(z.number()).optional(),
});

export interface SafeCpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: z.infer<typeof callFrameSchema>;
    readonly hitCount: number;
    readonly children: readonly number[];
  }[];
}

/**
 * A .cpuprofile as 0x 6.0.0 can draw it truthfully (lib/cpu-profile-to-tree.js): the root has id 1, which 0x takes for
 * granted; every node has a hit count, from the samples where the producer left it out; the line, which V8 counts from
 * 0 and 0x prints as it is, counts from 1; an anonymous function has a name; and no name can become markup, because 0x
 * writes names into a script element and into innerHTML of tooltips without escaping them.
 */
export function toSafeCpuProfile(text: string): SafeCpuProfile {
  const profile = parseCpuProfile(text);
  const hits = new Map<number, number>();
  for (const id of profile.samples ?? []) hits.set(id, (hits.get(id) ?? 0) + 1);

  const known = new Set(profile.nodes.map(({ id }) => id));
  const children = new Map<number, number[]>();
  const isChild = new Set<number>();
  const adopt = (parent: number, child: number): void => {
    if (isChild.has(child) || !known.has(child) || !known.has(parent)) return;
    isChild.add(child);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [child]);
    else siblings.push(child);
  };
  for (const node of profile.nodes) {
    for (const child of node.children ?? []) adopt(node.id, child);
    if (node.parent !== undefined) adopt(node.parent, node.id);
  }

  const root = profile.nodes.find(({ id }) => !isChild.has(id));
  if (root === undefined) throw notAProfile('its nodes form a circle');
  const renumbered = new Map([[root.id, 1]]);
  for (const { id } of profile.nodes) if (id !== root.id) renumbered.set(id, renumbered.size + 1);
  const idOf = (id: number): number => renumbered.get(id) ?? 0;

  return {
    nodes: profile.nodes.map((node) => ({
      id: idOf(node.id),
      callFrame: {
        // Not in parentheses: 0x takes leaves like "(idle)" out of the picture.
        functionName:
          node.callFrame.functionName === '' ? 'anonymous' : withoutMarkup(node.callFrame.functionName),
        url: withoutMarkup(node.callFrame.url),
        lineNumber: node.callFrame.lineNumber < 0 ? 0 : node.callFrame.lineNumber + 1,
      },
      hitCount: node.hitCount ?? hits.get(node.id) ?? 0,
      children: (children.get(node.id) ?? []).map(idOf),
    })),
  };
}

/** Look-alikes instead of entities: a reader of the canvas, where no entity is decoded, sees the name as well. */
export function withoutMarkup(text: string): string {
  return text.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('&', '＆').replaceAll('"', '”');
}

function parseCpuProfile(text: string): z.infer<typeof cpuProfileSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw notAProfile('it is not JSON');
  }
  const parsed = cpuProfileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw notAProfile(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown'}`);
}

function notAProfile(reason: string): InputError {
  return new InputError('no_profile', `The text is not a V8 .cpuprofile (${reason}).`, {
    fix: 'Give the JSON that node --cpu-prof or the inspector writes.',
  });
}
