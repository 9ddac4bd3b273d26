import type { Server, ServerVariable } from '#core';
import { own } from '../json.js';
import { list, object, text } from './reading.js';

/** The servers of a document, path or operation; undefined when it has none of its own. */
export function tableServers(node: unknown): Server[] | undefined {
  if (own(node, 'servers') === undefined) return undefined;
  return list(node, 'servers').map((server) => {
    const variables = Object.entries(object(server, 'variables')).map(([name, variable]): [string, ServerVariable] => [
      name,
      tableVariable(variable),
    ]);
    return {
      url: text(server, 'url') ?? '',
      ...(variables.length > 0 ? { variables: Object.fromEntries(variables) } : {}),
    };
  });
}

function tableVariable(node: unknown): ServerVariable {
  const otherwise = text(node, 'default');
  const values = list(node, 'enum').filter((value) => typeof value === 'string');
  return {
    ...(otherwise === undefined ? {} : { default: otherwise }),
    ...(values.length > 0 ? { enum: values } : {}),
  };
}
