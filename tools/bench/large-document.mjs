// Large documents like those that large services publish, the same for the same seed: thousands of schemas that refer
// to each other, operations with parameters, bodies and errors, and prose on everything.

const WORDS =
  'account address amount archive asset balance batch bucket buffer cache channel charge cluster column comment config contact content cost country coupon credit currency customer dataset default delivery device discount document domain element email endpoint entity entry event export factor failure feature field file filter folder format gateway group header history host image import index instance invoice item job key label language layer limit line link list location lock log mail map member message metric model module monitor name network node note object offer option order owner package page parent partner path payment period permission plan policy port price priority process product profile project property provider quota range rate record refund region report request resource result role route rule sample schedule schema scope score search section segment sequence server service session setting share shipment signal site size slot snapshot source stage state status step stock storage stream subject summary table tag target task team template tenant term ticket time token topic total trace transfer trigger type unit update upload usage user value vendor version view volume warning webhook window workflow zone'.split(
    ' ',
  );
const FORMATS = ['date-time', 'uuid', 'uri', 'email', 'date', 'byte'];

/**
 * A document of about `bytes` bytes as JSON.
 * @param {{ bytes: number, version?: '2.0' | '3.0', seed?: number }} options version 3.0 unless said
 * @returns {object}
 */
export function largeDocument({ bytes, version = '3.0', seed = 1 }) {
  const random = mulberry32(seed);
  const maker = new Maker(random, version);
  let size = 0;
  for (let index = 0; size < bytes; index += 1) size += maker.addService(index);
  return maker.document();
}

class Maker {
  constructor(random, version) {
    this.random = random;
    this.isSwagger = version === '2.0';
    this.prefix = this.isSwagger ? '#/definitions/' : '#/components/schemas/';
    this.schemas = {};
    this.names = [];
    this.paths = {};
  }

  /** A few schemas and the five operations of one kind of thing; how many bytes of JSON they are. */
  addService(index) {
    const noun = `${this.word()}-${this.word()}-${index}`;
    const name = noun.replace(/(^|-)(\w)/g, (_, _dash, letter) => letter.toUpperCase());
    const before = this.names.length;
    for (const suffix of ['', 'Details', 'Settings', 'List', 'Input'])
      this.addSchema(name + suffix, suffix === 'List' ? name : null);
    const { [`/v1/${noun}`]: many, [`/v1/${noun}/{id}`]: one } = Object.assign(this.paths, {
      [`/v1/${noun}`]: {
        get: this.operation(`list${name}`, `${name}List`, null, ['limit', 'cursor', 'sort']),
        post: this.operation(`create${name}`, name, `${name}Input`, []),
      },
      [`/v1/${noun}/{id}`]: {
        get: this.operation(`get${name}`, name, null, ['expand'], true),
        patch: this.operation(`change${name}`, name, `${name}Input`, [], true),
        delete: this.operation(`remove${name}`, null, null, [], true),
      },
    });
    const made = this.names.slice(before).map((key) => this.schemas[key]);
    return JSON.stringify([many, one, made]).length;
  }

  addSchema(name, itemsOf) {
    const properties = {};
    if (itemsOf !== null) {
      properties.items = { type: 'array', description: this.prose(8), items: this.ref(itemsOf) };
      properties.next = { type: 'string', nullable: this.isSwagger ? undefined : true };
    }
    const count = 4 + Math.floor(this.random() * 12);
    for (let index = 0; index < count; index += 1) properties[`${this.word()}_${this.word()}`] = this.property();
    const required = Object.keys(properties).filter(() => this.random() < 0.4);
    const body = { type: 'object', description: this.prose(20), properties };
    if (required.length > 0) body.required = required;
    const parent = this.names.length > 10 && this.random() < 0.15 ? this.anyName() : null;
    this.schemas[name] = parent === null ? body : { allOf: [this.ref(parent), body] };
    this.names.push(name);
  }

  property() {
    const description = this.prose(6 + Math.floor(this.random() * 25));
    const dice = this.random();
    if (dice < 0.35)
      return {
        type: 'string',
        description,
        ...(dice < 0.1 ? { format: this.pick(FORMATS) } : {}),
        ...(dice > 0.28 ? { maxLength: 255 } : {}),
      };
    if (dice < 0.5)
      return { type: 'integer', format: 'int64', description, minimum: 0, example: Math.floor(dice * 1000) };
    if (dice < 0.58) return { type: 'boolean', description, default: false };
    if (dice < 0.68)
      return {
        type: 'string',
        description,
        enum: Array.from({ length: 3 + Math.floor(this.random() * 6) }, (_, index) => `${this.word()}_${index}`),
      };
    if (dice < 0.78 && this.names.length > 0) return { type: 'array', description, items: this.ref(this.anyName()) };
    if (dice < 0.92 && this.names.length > 0) return this.ref(this.anyName());
    if (dice < 0.96) return { type: 'object', description, additionalProperties: { type: 'string' } };
    return {
      type: 'object',
      description,
      properties: { [this.word()]: { type: 'number', description: this.prose(5) } },
    };
  }

  operation(operationId, answer, body, query, hasId = false) {
    const parameters = query.map((name) => this.parameter(name, 'query'));
    if (hasId) parameters.unshift(this.parameter('id', 'path'));
    const operation = {
      operationId,
      summary: this.prose(5),
      description: this.prose(40),
      tags: [this.word()],
      parameters,
      responses: {
        200: this.response('OK', answer),
        400: this.response(this.prose(6), 'Problem'),
        default: this.response(this.prose(6), 'Problem'),
      },
    };
    if (body === null) return operation;
    if (this.isSwagger) parameters.push({ name: 'body', in: 'body', required: true, schema: this.ref(body) });
    else operation.requestBody = { required: true, content: { 'application/json': { schema: this.ref(body) } } };
    return operation;
  }

  parameter(name, place) {
    const schema = { type: name === 'limit' ? 'integer' : 'string' };
    const rest = this.isSwagger ? schema : { schema };
    return { name, in: place, description: this.prose(10), ...(place === 'path' ? { required: true } : {}), ...rest };
  }

  response(description, name) {
    if (name === null) return { description };
    if (this.isSwagger) return { description, schema: this.ref(name) };
    return { description, content: { 'application/json': { schema: this.ref(name) } } };
  }

  document() {
    const Problem = { type: 'object', required: ['message'], properties: { message: { type: 'string' } } };
    const info = { title: 'A large service', version: '1.0.0', description: this.prose(100) };
    const definitions = { Problem, ...this.schemas };
    if (!this.isSwagger) {
      const servers = [{ url: 'https://large.example.com' }];
      return { openapi: '3.0.3', info, servers, paths: this.paths, components: { schemas: definitions } };
    }
    const json = ['application/json'];
    return {
      swagger: '2.0',
      info,
      host: 'large.example.com',
      schemes: ['https'],
      consumes: json,
      produces: json,
      paths: this.paths,
      definitions,
    };
  }

  ref(name) {
    return { $ref: this.prefix + name };
  }

  anyName() {
    return this.pick(this.names);
  }

  word() {
    return this.pick(WORDS);
  }

  prose(words) {
    const text = Array.from({ length: words }, () => this.word()).join(' ');
    return `${text[0].toUpperCase()}${text.slice(1)}.`;
  }

  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }
}

/** A small generator of numbers in [0, 1) that gives the same ones for the same seed everywhere. */
function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
