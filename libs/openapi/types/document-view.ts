import { isObject, own, type Json } from '../json.js';
import { METHODS } from '../normalise/methods.js';
import type { References } from '../normalise/references.js';
import { list, object, text } from '../table/reading.js';
import { circularReferences } from './circles.js';
import { hideName, hideReference } from './names.js';
import { viewSchema, type SchemaViewContext } from './schema-view.js';

const NOT_PARAMETERS = new Set(['accept', 'content-type', 'authorization']);

/**
 * A normalised document as openapi-typescript can take it: a copy with only what makes types and comments. Examples,
 * links, extensions and the like are left out, for it takes all that looks like a schema for one.
 */
export function viewDocument(root: Json, references: References): { document: Json; hasDiscriminators: boolean } {
  const components = object(root, 'components');
  const circular = circularReferences(object(components, 'schemas'));
  const context: SchemaViewContext = { references, circular, hasDiscriminators: false };
  const document = {
    openapi: root.openapi,
    info: { title: '', version: '' },
    paths: entries(object(root, 'paths'), (item, path) => (path.startsWith('x-') ? null : viewPath(item, context))),
    components: {
      schemas: entries(object(components, 'schemas'), (schema, name) => viewSchema(schema, context, name)),
      responses: named(components, 'responses', viewResponse, context),
      parameters: named(components, 'parameters', viewParameter, context),
      requestBodies: named(components, 'requestBodies', viewBody, context),
      headers: named(components, 'headers', viewHeader, context),
    },
  };
  return { document, hasDiscriminators: context.hasDiscriminators };
}

type View = (node: Json, context: SchemaViewContext) => Json;

/** A section of the components; a name that only stands for another is replaced by what that is. */
function named(components: Json, section: string, view: View, context: SchemaViewContext): Json {
  return entries(object(components, section), (given) => {
    const target = context.references.resolve(given);
    return isObject(target) ? view(target, context) : null;
  });
}

function entries(map: Json, view: (value: unknown, name: string) => Json | null): Json {
  const result: Json = {};
  for (const [name, value] of Object.entries(map)) {
    const viewed = view(value, name);
    if (viewed !== null) result[hideName(name)] = viewed;
  }
  return result;
}

/** A reference is kept as one; anything else is viewed. */
function viewOrReference(given: unknown, view: View, context: SchemaViewContext): Json | null {
  const ref = text(given, '$ref');
  if (ref !== undefined) return { $ref: hideReference(ref) };
  return isObject(given) ? view(given, context) : null;
}

function viewPath(item: unknown, context: SchemaViewContext): Json {
  const result: Json = { parameters: viewParameters(item, context) };
  for (const method of METHODS) {
    const operation = own(item, method);
    if (isObject(operation)) result[method] = viewOperation(operation, context);
  }
  return result;
}

function viewOperation(operation: Json, context: SchemaViewContext): Json {
  const id = text(operation, 'operationId');
  const body = viewOrReference(own(operation, 'requestBody'), viewBody, context);
  return {
    ...comments(operation),
    ...(id ? { operationId: hideName(id) } : {}),
    parameters: viewParameters(operation, context),
    ...(body === null ? {} : { requestBody: body }),
    responses: entries(object(operation, 'responses'), (response, status) =>
      status.startsWith('x-') ? null : viewOrReference(response, viewResponse, context),
    ),
  };
}

function viewParameters(node: unknown, context: SchemaViewContext): Json[] {
  return list(node, 'parameters').flatMap((given): Json[] => {
    const parameter = context.references.resolve(given);
    if (own(parameter, 'in') === 'header' && NOT_PARAMETERS.has(String(own(parameter, 'name')).toLowerCase()))
      return [];
    const viewed = viewOrReference(given, viewParameter, context);
    return viewed === null ? [] : [viewed];
  });
}

function viewParameter(node: Json, context: SchemaViewContext): Json {
  return {
    ...comments(node),
    name: hideName(String(node.name)),
    in: node.in,
    ...(node.required === true ? { required: true } : {}),
    ...schemaOf(node, context),
  };
}

/** The schema of a parameter or header: its own, or that of its content, which is what the caller gives either way. */
function schemaOf(node: Json, context: SchemaViewContext): Json {
  const schema = own(node, 'schema') ?? own(Object.values(object(node, 'content'))[0], 'schema');
  return schema === undefined ? {} : { schema: viewSchema(schema, context) };
}

function viewBody(node: Json, context: SchemaViewContext): Json {
  return {
    ...comments(node),
    ...(node.required === true ? { required: true } : {}),
    content: viewContent(node, context),
  };
}

function viewResponse(node: Json, context: SchemaViewContext): Json {
  return {
    ...comments(node),
    headers: entries(object(node, 'headers'), (header) => viewOrReference(header, viewHeader, context)),
    content: viewContent(node, context),
  };
}

function viewHeader(node: Json, context: SchemaViewContext): Json {
  return { ...comments(node), ...(node.required === true ? { required: true } : {}), ...schemaOf(node, context) };
}

function viewContent(node: Json, context: SchemaViewContext): Json {
  return entries(object(node, 'content'), (media) => {
    const schema = own(media, 'schema');
    return schema === undefined ? {} : { schema: viewSchema(schema, context) };
  });
}

function comments(node: Json): Json {
  const result: Json = {};
  for (const key of ['summary', 'description']) if (typeof node[key] === 'string') result[key] = node[key];
  if (node.deprecated === true) result.deprecated = true;
  return result;
}
