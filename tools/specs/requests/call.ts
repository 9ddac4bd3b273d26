import type { Operation, OperationTable, ReadyCredential, SecurityScheme } from '#core';
import type { RequestInput } from '#client-runtime';
import type { GivenBody, GivenParameter } from './given.js';
import { bodyKind, collectionStyle, type FileInput } from './read-body.js';
import type { Style } from './read-styles.js';
import { isNothing, textOf, withoutNulls } from './read-styles.js';
import type { Random } from './random.js';
import type { Json, Resolve, Sampler } from './sample.js';
import { unreadable } from './unreadable.js';
import { field, isBinary, isObject, listField, objectField, textField, typeOf } from './sample.js';

/** A call made up from a document's schemas. */
export interface SampledCall {
  readonly input: RequestInput;
  readonly parameters: readonly GivenParameter[];
  readonly body: GivenBody | undefined;
  /** What credentials must have added, by place and name. */
  readonly secrets: readonly { readonly in: string; readonly name: string; readonly value: string }[];
  /** Why no reader could read this call back, whoever wrote it. */
  readonly unreadable: string | undefined;
}

const DEFAULT_STYLES: Readonly<Record<string, string>> = {
  path: 'simple',
  header: 'simple',
  query: 'form',
  cookie: 'form',
};
const IGNORED_HEADERS = /^(accept|content-type|authorization)$/i;
/** Headers that belong to the connection, which nobody can set. */
const UNSENDABLE_HEADERS =
  /^(connection|content-length|expect|host|http2-settings|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|cookie)$/i;

/** Makes up one call of an operation: optional things there or not, lists of 0, 1 and 3, awkward texts. */
export class CallSampler {
  constructor(
    private readonly random: Random,
    private readonly sampler: Sampler,
    private readonly resolve: Resolve,
  ) {}

  call(table: OperationTable, operation: Operation, item: Json, node: Json): SampledCall {
    const security = this.security(table, operation);
    const taken = new Set(security.secrets.map((secret) => `${secret.in} ${secret.name.toLowerCase()}`));
    const parameters = this.parameters(item, node, operation.template).filter(
      (parameter) => !taken.has(`${parameter.in} ${parameter.name.toLowerCase()}`),
    );
    const body = this.body(node);
    const values = (place: string): Record<string, unknown> =>
      Object.fromEntries(
        parameters.filter((parameter) => parameter.in === place).map(({ name, value }) => [name, value]),
      );
    const input: RequestInput = {
      urlParams: values('path'),
      queryParams: { ...values('query'), ...values('querystring') },
      headers: values('header'),
      cookieParams: values('cookie'),
      credentials: security.credentials,
      ...(body ? { bodyJson: JSON.stringify(body.value), contentType: body.contentType } : {}),
    };
    return {
      input,
      parameters,
      body,
      secrets: security.secrets,
      unreadable: unreadable(parameters, body, operation),
    };
  }

  private parameters(item: Json, operation: Json, template: string): GivenParameter[] {
    const nodes = new Map<string, Json>();
    for (const given of [...listField(item, 'parameters'), ...listField(operation, 'parameters')]) {
      const node = this.resolve(given);
      if (isObject(node)) nodes.set(`${String(node.in)} ${String(node.name)}`, node);
    }
    return [...nodes.values()].flatMap((node) => {
      const place = String(node.in);
      const name = String(node.name);
      if (
        place === 'header' &&
        (IGNORED_HEADERS.test(name) || UNSENDABLE_HEADERS.test(name) || !/^[\w!#$%&'*+\-.^`|~]+$/.test(name))
      )
        return [];
      if (node.required !== true && this.random.chance(0.4)) return [];
      const [contentType, media] = Object.entries(objectField(node, 'content'))[0] ?? [];
      const schema = field(media ?? node, 'schema') ?? {};
      const crowdedSegment = template.split('/').some((part) => part.includes(`{${name}}`) && /\{.*\{/.test(part));
      let value = place === 'path' && crowdedSegment ? 'word' : this.sampler.value(schema);
      if (isNothing(withoutNulls(value)) || (place === 'path' && /^\.{0,2}$/.test(textOf(value))))
        value = place === 'path' ? 'p' : value;
      if (value === null && contentType === undefined) value = 'n';
      return [{ node, in: place, name, style: styleOf(node, place), contentType, value }];
    });
  }

  private body(operation: Json): GivenBody | undefined {
    const body = this.resolve(field(operation, 'requestBody'));
    const content = Object.entries(objectField(body, 'content'));
    const [contentType, media] = this.random.pick(content) ?? [];
    if (contentType === undefined || (field(body, 'required') !== true && this.random.chance(0.2))) return undefined;
    const schema = field(media, 'schema') ?? {};
    const value = this.bodyValue(contentType, schema, media);
    // Null for a body that may not be null is how a call says that there is none.
    return value === null ? undefined : { contentType, media, value };
  }

  private bodyValue(contentType: string, schema: unknown, media: unknown): unknown {
    const word = (): string => `text é <${String(Math.floor(this.random.next() * 1000))}/>\n`;
    switch (bodyKind(contentType)) {
      case 'json':
        return this.sampler.value(schema);
      case 'any': {
        const value = this.sampler.value(schema);
        return typeof value === 'string' ? word() : value;
      }
      case 'lines':
        return [this.sampler.value(schema), { a: 1 }];
      case 'form':
      case 'multipart':
        return this.form(schema, media, contentType.startsWith('multipart'));
      case 'text':
        return /charset="?(?!utf-8)/i.test(contentType) ? 'ascii' : word();
      case 'bytes':
        return this.random.bytes(20).toString('base64');
    }
  }

  private form(schema: unknown, media: unknown, isMultipart: boolean): Json {
    const value = this.sampler.value(schema);
    const entries = Object.entries(isObject(value) ? value : { field: 'x' });
    return Object.fromEntries(
      entries.map(([name, member]): [string, unknown] => {
        const node = this.property(schema, name);
        const type = textField(objectField(objectField(media, 'encoding'), name), 'contentType');
        const isText = type !== '' && !/[+/]json|\*/.test(type);
        if (isMultipart && this.isFile(schema, name)) return [name, this.file(member, typeOf(node) === 'array')];
        return [name, isText && typeof member === 'object' ? 'text' : member];
      }),
    );
  }

  /** Half of the files as base64 text alone, half with a name and a type. */
  private file(member: unknown, isList: boolean): unknown {
    const one = (): string | FileInput => {
      const base64 = this.random.bytes(12).toString('base64');
      if (this.random.chance(0.5)) return base64;
      return { $file: { base64, filename: 'a "b" é.png', content_type: 'image/png' } };
    };
    return isList && Array.isArray(member) ? member.map(one) : one();
  }

  /** Whether a form's property is a file, or a list of files. */
  isFile(schema: unknown, name: string): boolean {
    const node = this.property(schema, name);
    return isBinary(typeOf(node) === 'array' ? this.sampler.flat(node.items) : node);
  }

  private property(schema: unknown, name: string): Json {
    return this.sampler.flat(objectField(this.sampler.flat(schema), 'properties')[name]);
  }

  private security(
    table: OperationTable,
    operation: Operation,
  ): Pick<SampledCall, 'secrets'> & { credentials: Record<string, ReadyCredential> } {
    const usable = operation.security.filter((requirement) =>
      Object.keys(requirement).every(
        (name) => table.securitySchemes[name] && table.securitySchemes[name].type !== 'mutualTLS',
      ),
    );
    const names = Object.keys(this.random.pick(usable) ?? {});
    const credentials = Object.fromEntries(names.map((name) => [name, credentialFor(table.securitySchemes[name])]));
    const used = usable.find((requirement) => {
      const wanted = Object.keys(requirement);
      return wanted.length > 0 && wanted.every((name) => names.includes(name));
    });
    const seen = new Set<string>();
    const secrets = Object.keys(used ?? {}).flatMap((name) => {
      const secret = secretOf(table.securitySchemes[name]);
      const key = `${secret.in} ${secret.name.toLowerCase()}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return [secret];
    });
    return { credentials, secrets };
  }
}

const KEY = 'k3y+/= &é';

function credentialFor(scheme: SecurityScheme | undefined): ReadyCredential {
  if (scheme?.type === 'apiKey') return { value: scheme.in === 'header' ? 'k3y' : KEY };
  return scheme?.type === 'http' && scheme.scheme === 'basic'
    ? { username: 'üser', password: 'p:w' }
    : { token: 't0ken' };
}

function secretOf(scheme: SecurityScheme | undefined): SampledCall['secrets'][number] {
  if (scheme?.type === 'apiKey')
    return { in: scheme.in, name: scheme.name, value: scheme.in === 'header' ? 'k3y' : KEY };
  const basic = scheme?.type === 'http' && scheme.scheme === 'basic';
  const value = basic ? `Basic ${Buffer.from('üser:p:w').toString('base64')}` : 'Bearer t0ken';
  return { in: 'header', name: 'Authorization', value };
}

function styleOf(node: Json, place: string): Style {
  const style = collectionStyle(node) ?? (textField(node, 'style') || (DEFAULT_STYLES[place] ?? 'form'));
  const explode = typeof node.explode === 'boolean' ? node.explode : style === 'form' || style === 'cookie';
  return { style, explode, allowEmptyValue: node.allowEmptyValue === true };
}
