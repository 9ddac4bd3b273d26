import type { ClientSummary, EndpointParameter, OperationTable, Parameter, SecurityScheme, Server } from '#core';

/**
 * What REST shows of a client: endpoints with their path, query and cookie parameters, the names of header parameters and
 * of the headers that security schemes use (each once, without regard to case, in order of appearance), and the servers
 * with their variables' defaults filled in.
 */
export function summarise(table: OperationTable): ClientSummary {
  const endpoints: Record<string, EndpointParameter[]> = {};
  const headers = new Map<string, string>();
  const addHeader = (name: string): void => {
    if (!headers.has(name.toLowerCase())) headers.set(name.toLowerCase(), name);
  };
  for (const operation of table.operations) {
    endpoints[`${operation.method} ${operation.path}`] = operation.parameters.flatMap(endpointParameter);
    for (const parameter of operation.parameters) if (parameter.in === 'header') addHeader(parameter.name);
  }
  for (const scheme of Object.values(table.securitySchemes)) {
    const name = headerOf(scheme);
    if (name !== null) addHeader(name);
  }
  const servers = table.servers.map(readableUrl);
  return { endpoints, headers: [...headers.values()], servers, url: servers[0] ?? null };
}

function endpointParameter(parameter: Parameter): EndpointParameter[] {
  if (parameter.in === 'header') return [];
  const { default: otherwise, enum: values, type } = parameter.schema;
  // The order of the fields is the one that the REST contract shows.
  return [
    { default: otherwise, enum: values, name: parameter.name, in: parameter.in, type, required: parameter.required },
  ];
}

function headerOf(scheme: SecurityScheme): string | null {
  if (scheme.type === 'apiKey') return scheme.in === 'header' ? scheme.name : null;
  return scheme.type === 'mutualTLS' ? null : 'Authorization';
}

function readableUrl(server: Server): string {
  return server.url.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const variable = Object.hasOwn(server.variables ?? {}, name) ? server.variables?.[name] : undefined;
    return variable?.default ?? whole;
  });
}
