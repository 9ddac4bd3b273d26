/** The parts of a raw document that a publisher may get wrong, found without a word of what the product knows. */
export type Node = Record<string, unknown>;

export interface Anatomy {
  readonly isSwagger: boolean;
  readonly operations: readonly { readonly path: string; readonly method: string; readonly node: Node }[];
  readonly pathItems: readonly Node[];
  /** Parameters that are written out, shared ones included. */
  readonly parameters: readonly Node[];
  /** Lists that hold parameters. */
  readonly parameterLists: readonly unknown[][];
  /** Schemas at whatever depth, references included. */
  readonly schemas: readonly Node[];
  readonly responses: readonly Node[];
  /** Objects from media type to Media Type Object, or 2.0's operations with lists of media types. */
  readonly contents: readonly Node[];
  readonly securitySchemes: readonly Node[];
  /** The map of named schemas, made when there is none. */
  readonly named: Node;
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);
const MOST = 5_000;

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function anatomyOf(root: Node): Anatomy {
  const isSwagger = 'swagger' in root;
  const found = {
    operations: [] as { path: string; method: string; node: Node }[],
    pathItems: [] as Node[],
    parameters: [] as Node[],
    parameterLists: [] as unknown[][],
    schemas: [] as Node[],
    responses: [] as Node[],
    contents: [] as Node[],
    securitySchemes: [] as Node[],
  };
  const components = isSwagger ? root : isNode(root.components) ? root.components : (root.components = {});
  const key = isSwagger ? 'definitions' : 'schemas';
  const holder = components;
  const named = isNode(holder[key]) ? holder[key] : (holder[key] = {});

  const schema = (value: unknown): void => {
    if (!isNode(value) || found.schemas.length > MOST) return;
    found.schemas.push(value);
    for (const word of ['items', 'additionalProperties', 'not']) schema(value[word]);
    for (const word of ['allOf', 'anyOf', 'oneOf']) if (Array.isArray(value[word])) value[word].forEach(schema);
    if (isNode(value.properties)) Object.values(value.properties).forEach(schema);
  };
  const content = (value: unknown): void => {
    if (!isNode(value)) return;
    found.contents.push(value);
    for (const media of Object.values(value)) if (isNode(media)) schema(media.schema);
  };
  const parameter = (value: unknown): void => {
    if (!isNode(value) || '$ref' in value) return;
    found.parameters.push(value);
    schema(value.schema);
    content(value.content);
  };
  const parameters = (value: unknown): void => {
    if (!Array.isArray(value)) return;
    found.parameterLists.push(value);
    value.forEach(parameter);
  };
  const response = (value: unknown): void => {
    if (!isNode(value) || '$ref' in value) return;
    found.responses.push(value);
    schema(value.schema);
    content(value.content);
  };
  for (const value of Object.values(named)) schema(value);
  for (const value of valuesOf(holder.parameters)) parameter(value);
  for (const value of valuesOf(holder.responses)) response(value);
  for (const value of valuesOf(holder[isSwagger ? 'securityDefinitions' : 'securitySchemes']))
    if (isNode(value)) found.securitySchemes.push(value);
  for (const [path, item] of Object.entries(isNode(root.paths) ? root.paths : {})) {
    if (!isNode(item)) continue;
    found.pathItems.push(item);
    parameters(item.parameters);
    for (const [method, node] of Object.entries(item)) {
      if (!METHODS.has(method) || !isNode(node)) continue;
      found.operations.push({ path, method, node });
      parameters(node.parameters);
      if (isNode(node.requestBody)) content(node.requestBody.content);
      for (const value of valuesOf(node.responses)) response(value);
    }
  }
  return { isSwagger, named, ...found };
}

function valuesOf(value: unknown): unknown[] {
  return isNode(value) ? Object.values(value) : [];
}
