import { describe, excerpt, isObject, own, type Json } from '../json.js';
import type { Place } from '../place.js';
import type { Context } from './context.js';

/**
 * Security requirements of a document or an operation: a list of alternatives that name schemes which exist.
 * https://spec.openapis.org/oas/v3.1.1#security-requirement-object
 */
export function normaliseSecurity(node: Json, place: Place, context: Context): void {
  const list = context.arrayField(node, 'security', place);
  if (!list) return;
  const schemes = context.references.section('securityScheme') ?? {};
  node.security = list.flatMap((item, index) => {
    const at = place.at('security', index);
    const requirement: unknown = typeof item === 'string' ? { [item]: [] } : item;
    if (typeof item === 'string') {
      context.warnings.add('security', at, 'Expected an object, got a string, which was read as the name of a scheme.');
    }
    if (!isObject(requirement)) {
      context.refuse(at, 'a security requirement', item);
      return [];
    }
    nameByPointer(requirement, schemes);
    const names = Object.keys(requirement);
    const known = names.filter((name) => Object.hasOwn(schemes, name));
    for (const name of names.filter((other) => !known.includes(other))) {
      context.warnings.add('security', at, `No security scheme is called \`${excerpt(name)}\`; it was left out.`);
    }
    if (known.length === 0 && names.length > 0) return [];
    return [Object.fromEntries(known.map((name) => [name, scopes(requirement[name])]))];
  });
}

/** A scheme may be named by its place: https://spec.openapis.org/oas/v3.2.0#security-requirement-object */
function nameByPointer(requirement: Json, schemes: Json): void {
  for (const key of Object.keys(requirement)) {
    const name = /^#\/components\/securitySchemes\/([^/]+)$/
      .exec(key)?.[1]
      ?.replaceAll('~1', '/')
      .replaceAll('~0', '~');
    if (name === undefined || Object.hasOwn(schemes, key)) continue;
    requirement[name] = requirement[key];
    Reflect.deleteProperty(requirement, key);
  }
}

function scopes(value: unknown): string[] {
  if (typeof value === 'string') return value.split(/[\s,]+/).filter((scope) => scope !== '');
  return Array.isArray(value) ? value.filter((scope) => typeof scope === 'string') : [];
}

const TYPES = new Map([
  ['apikey', 'apiKey'],
  ['http', 'http'],
  ['basic', 'http'],
  ['bearer', 'http'],
  ['oauth2', 'oauth2'],
  ['openidconnect', 'openIdConnect'],
  ['mutualtls', 'mutualTLS'],
]);
const PLACES: readonly unknown[] = ['header', 'query', 'cookie'];

/**
 * One security scheme, or null when nothing can be done with it.
 * https://spec.openapis.org/oas/v3.1.1#security-scheme-object
 */
export function normaliseSecurityScheme(value: unknown, place: Place, context: Context): Json | null {
  if (!isObject(value)) {
    context.refuse(place, 'a security scheme', value);
    return null;
  }
  const reference = context.reference('securityScheme', value, place);
  if (reference !== undefined) return reference;
  const given = String(own(value, 'type'));
  const type = given.toLowerCase();
  const known = TYPES.get(type);
  if (known !== undefined && known !== given) {
    context.warnings.add('security', place.at('type'), `The type "${excerpt(given, 20)}" was read as ${known}.`);
  }
  switch (type) {
    case 'apikey':
      return apiKey(value, place, context);
    case 'http':
    case 'basic':
    case 'bearer':
      return http(value, type, place, context);
    case 'oauth2':
      value.type = 'oauth2';
      context.textField(value, 'oauth2MetadataUrl', place);
      flows(value, place, context);
      return value;
    case 'openidconnect':
      value.type = 'openIdConnect';
      context.textField(value, 'openIdConnectUrl', place);
      return value;
    case 'mutualtls':
      value.type = 'mutualTLS';
      return value;
    default:
      context.warnings.add(
        'security',
        place,
        `Expected a known type of security scheme, got ${describe(own(value, 'type'))}; it was left out.`,
      );
      return null;
  }
}

function apiKey(value: Json, place: Place, context: Context): Json | null {
  value.type = 'apiKey';
  const name = context.textField(value, 'name', place);
  const location = String(own(value, 'in')).toLowerCase();
  if (name === undefined || name.trim() === '') {
    context.warnings.add('security', place, 'An API key without a name was left out.');
    return null;
  }
  if (PLACES.includes(location)) {
    if (location !== value.in) context.warnings.add('security', place.at('in'), `The place was read as ${location}.`);
    value.in = location;
    return value;
  }
  value.in = 'header';
  context.warnings.add('security', place.at('in'), 'An API key without a known place was taken for a header.');
  return value;
}

function http(value: Json, type: string, place: Place, context: Context): Json {
  value.type = 'http';
  const given = context.textField(value, 'scheme', place);
  value.scheme = given ?? (type === 'http' ? 'bearer' : type);
  if (given === undefined && type === 'http') {
    context.warnings.add('security', place, 'An HTTP scheme without a name was taken for bearer.');
  }
  return value;
}

function flows(value: Json, place: Place, context: Context): void {
  context.eachEntry(
    value,
    'flows',
    place,
    (flow, at) => {
      if (!isObject(flow)) {
        context.refuse(at, 'an OAuth flow', flow);
        return null;
      }
      for (const key of ['authorizationUrl', 'deviceAuthorizationUrl', 'tokenUrl', 'refreshUrl'])
        context.textField(flow, key, at);
      const given = own(flow, 'scopes');
      if (Array.isArray(given)) {
        flow.scopes = Object.fromEntries(scopes(given).map((scope) => [scope, '']));
        context.warnings.add(
          'security',
          at.at('scopes'),
          'Expected an object, got an array, which was read as names of scopes.',
        );
      } else context.objectField(flow, 'scopes', at);
      flow.scopes ??= {};
      return flow;
    },
    true,
  );
  if (own(value, 'flows') !== undefined) return;
  value.flows = {};
  context.warnings.add('security', place, 'OAuth 2 without flows: a token has to be given.');
}
