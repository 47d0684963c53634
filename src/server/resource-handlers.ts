import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { ReadResourceResult } from '@modelcontextprotocol/sdk/types.js';
import {
  CompleteRequestSchema,
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { ResourceContent, ResourceFamily } from '../resources/definition.ts';
import { collectionUri, itemUri, parseUri, templateUri } from './resource-uris.ts';
import type { Session } from './session.ts';

/** A completion holds at most this many values (MCP specification, completion/complete). */
const MAX_COMPLETIONS = 100;

export function handleResources({ server }: McpServer, session: Session): void {
  const families = async () => (await import('../resources/index.ts')).RESOURCES;

  server.setRequestHandler(ListResourcesRequestSchema, async () => {
    const fixed = (await families())
      .filter((family) => family.collection !== undefined)
      .map(({ name, title, description, mimeType }) => ({
        uri: collectionUri(name),
        name,
        title,
        description,
        mimeType,
      }));
    const items = await Promise.all((await families()).map((family) => listItems(session, family)));
    return { resources: [...fixed, ...items.flat()] };
  });

  server.setRequestHandler(ListResourceTemplatesRequestSchema, async () => ({
    resourceTemplates: (await families())
      .filter((family) => family.item !== undefined)
      .map(({ name, title, description, mimeType }) => ({
        uriTemplate: templateUri(name),
        name,
        title,
        description,
        mimeType,
      })),
  }));

  server.setRequestHandler(
    ReadResourceRequestSchema,
    async ({ params: { uri } }): Promise<ReadResourceResult> => {
      const parsed = parseUri(uri);
      const family = (await families()).find((candidate) => candidate.name === parsed?.family);
      if (parsed && family) {
        for (const project of await session.projects()) {
          const content =
            parsed.id === undefined
              ? await family.collection?.(project)
              : await family.item?.read(project, parsed.id);
          if (content) return { contents: [contents(uri, content)] };
        }
      }
      throw new McpError(
        ErrorCode.InvalidParams,
        `There is no resource "${uri}". List resources, or call get_history.`,
      );
    },
  );

  server.setRequestHandler(CompleteRequestSchema, async ({ params: { ref, argument } }) => {
    const uri = ref.type === 'ref/resource' ? ref.uri : undefined;
    const family = (await families()).find((candidate) => templateUri(candidate.name) === uri);
    const ids = family ? (await listItems(session, family)).map((item) => parseUri(item.uri)?.id ?? '') : [];
    const values = ids.filter((id) => id.startsWith(argument.value));
    return {
      completion: {
        values: values.slice(0, MAX_COMPLETIONS),
        total: values.length,
        hasMore: values.length > MAX_COMPLETIONS,
      },
    };
  });

  notifyOfChanges(server, session);
}

function notifyOfChanges(server: McpServer['server'], session: Session): void {
  const subscribed = new Set<string>();
  server.setRequestHandler(SubscribeRequestSchema, ({ params: { uri } }) => {
    subscribed.add(uri);
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
    subscribed.delete(uri);
    return {};
  });
  session.changes.onChange((uris) => {
    // A client that has gone cannot be told; that must not fail the run that made the change.
    const ignore = () => undefined;
    server.sendResourceListChanged().catch(ignore);
    for (const uri of uris) {
      if (subscribed.has(uri)) server.sendResourceUpdated({ uri }).catch(ignore);
    }
  });
}

async function listItems(session: Session, family: ResourceFamily) {
  const lists = (await session.projects()).map(async (project) => {
    return (await family.item?.list(project)) ?? [];
  });
  return (await Promise.all(lists))
    .flat()
    .map(({ id, title, mimeType }) => ({ uri: itemUri(family.name, id), name: id, title, mimeType }));
}

function contents(uri: string, { mimeType, content }: ResourceContent) {
  return 'text' in content
    ? { uri, mimeType, text: content.text }
    : { uri, mimeType, blob: Buffer.from(content.bytes).toString('base64') };
}
