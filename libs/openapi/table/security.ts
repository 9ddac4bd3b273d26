import type { OAuthFlow, SecurityScheme } from '#core';
import { isObject, own, type Json } from '../json.js';
import type { References } from '../normalise/references.js';
import { list, object, text } from './reading.js';

type Requirement = Readonly<Record<string, readonly string[]>>;

/** The security schemes of a document, reduced to what a request needs. */
export function tableSecuritySchemes(root: Json, references: References): Record<string, SecurityScheme> {
  const schemes: Record<string, SecurityScheme> = {};
  for (const [name, given] of Object.entries(object(object(root, 'components'), 'securitySchemes'))) {
    const scheme = references.resolve(given);
    if (isObject(scheme)) schemes[name] = tableScheme(scheme);
  }
  return schemes;
}

function tableScheme(node: Json): SecurityScheme {
  switch (node.type) {
    case 'apiKey':
      return { type: 'apiKey', in: node.in as 'header' | 'query' | 'cookie', name: text(node, 'name') ?? '' };
    case 'oauth2':
      return { type: 'oauth2', flows: tableFlows(node), ...metadataUrl(node) };
    case 'openIdConnect':
      return { type: 'openIdConnect', openIdConnectUrl: text(node, 'openIdConnectUrl') ?? '' };
    case 'mutualTLS':
      return { type: 'mutualTLS' };
    default:
      return { type: 'http', scheme: authScheme(text(node, 'scheme') ?? 'bearer') };
  }
}

/** Known words in lower case, others as the document spells them: services of their own invention may mind. */
function authScheme(word: string): string {
  return /^(basic|bearer|digest)$/i.test(word) ? word.toLowerCase() : word;
}

function metadataUrl(node: Json): { metadataUrl?: string } {
  const url = text(node, 'oauth2MetadataUrl');
  return url === undefined ? {} : { metadataUrl: url };
}

function tableFlows(node: Json): Record<string, OAuthFlow> {
  const flows: Record<string, OAuthFlow> = {};
  for (const [name, flow] of Object.entries(object(node, 'flows'))) {
    if (name.startsWith('x-')) continue;
    const tokenUrl = text(flow, 'tokenUrl');
    const refreshUrl = text(flow, 'refreshUrl');
    flows[name] = {
      ...(tokenUrl === undefined ? {} : { tokenUrl }),
      ...(refreshUrl === undefined ? {} : { refreshUrl }),
      scopes: Object.keys(object(flow, 'scopes')),
    };
  }
  return flows;
}

/** The alternatives of an operation: its own, else the document's. */
export function operationSecurity(root: Json, operation: Json): Requirement[] {
  const owner = own(operation, 'security') === undefined ? root : operation;
  return list(owner, 'security').map((requirement) => requirement as Requirement);
}
