import { isObject, own, type Json } from '../json.js';

/** 2.0's names of OAuth 2 flows: https://spec.openapis.org/oas/v2.0#security-scheme-object */
const FLOWS: Readonly<Record<string, string>> = {
  implicit: 'implicit',
  password: 'password',
  application: 'clientCredentials',
  accesscode: 'authorizationCode',
};

/**
 * Security schemes of Swagger 2.0 as those of 3.0, under the names that the document gives them: the converter would
 * rename the ones with spaces, and cut the query off a token URL.
 */
export function swaggerSecuritySchemes(definitions: unknown): Json {
  const schemes: Json = {};
  for (const [name, value] of Object.entries(isObject(definitions) ? definitions : {})) {
    schemes[name] = isObject(value) ? upgraded(value) : value;
  }
  return schemes;
}

function upgraded(value: Json): Json {
  const type = String(own(value, 'type')).toLowerCase();
  if (type === 'basic') return { ...value, type: 'http', scheme: 'basic' };
  if (type !== 'oauth2' || own(value, 'flows') !== undefined) return value;
  const { flow, authorizationUrl, tokenUrl, scopes, ...rest } = value;
  const name = FLOWS[String(flow).toLowerCase()] ?? (tokenUrl === undefined ? 'implicit' : 'authorizationCode');
  const urls = {
    ...(authorizationUrl === undefined ? {} : { authorizationUrl }),
    ...(tokenUrl === undefined ? {} : { tokenUrl }),
  };
  return { ...rest, type: 'oauth2', flows: { [name]: { ...urls, scopes: scopes ?? {} } } };
}
