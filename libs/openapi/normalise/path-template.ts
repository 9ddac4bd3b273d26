/** A declared path, taken apart. */
export interface PathTemplate {
  /** What a URL is built from: starts with `/`, no fragment, no query; variables are bare names in braces. */
  readonly template: string;
  /** The variables of `template`, each once, in order. */
  readonly variables: readonly string[];
  /** The constant pairs of a query in the path, decoded. */
  readonly fixedQuery: readonly (readonly [name: string, value: string])[];
  /** Pairs of a query in the path whose whole value is a variable. */
  readonly queryVariables: readonly QueryVariable[];
  readonly hasFragment: boolean;
}

interface QueryVariable {
  /** As the query says it. */
  readonly name: string;
  /** As the braces say it. */
  readonly variable: string;
  /** `{?name}` may be left out, `?name={name}` may not. */
  readonly required: boolean;
}

/**
 * Takes a declared path apart: people write `#fragment` and `?query` into it, leave out the first slash, and write variables
 * as URI Templates do (`{+path}`, `{?page,size}`, https://www.rfc-editor.org/rfc/rfc6570), with a pattern (`{id:[0-9]+}`) or with a colon (`/users/:id`).
 * @param declared names of the path parameters that are declared for it: a colon marks a variable only before one of them.
 */
export function readPathTemplate(given: string, declared: ReadonlySet<string>): PathTemplate {
  const path = withoutOrigin(given.trim()).path;
  const hash = indexOutsideBraces(path, '#');
  const withoutFragment = hash < 0 ? path : path.slice(0, hash);
  const optional: QueryVariable[] = [];
  const expanded = replaceBraces(withoutFragment, (whole, inside) => {
    if (!/^[?&]/.test(inside)) return whole;
    for (const name of inside
      .slice(1)
      .split(',')
      .map((word) => cleanName(word, declared))) {
      if (name !== '') optional.push({ name, variable: name, required: false });
    }
    return '';
  });
  const mark = indexOutsideBraces(expanded, '?');
  const pathname = mark < 0 ? expanded : expanded.slice(0, mark);
  const pairs = mark < 0 ? [] : readPairs(expanded.slice(mark + 1), declared);
  const template = toTemplate(pathname, declared);
  return {
    template,
    variables: [...new Set([...template.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? ''))],
    fixedQuery: pairs.filter((pair) => pair.variable === null).map(({ name, value }) => [name, value]),
    queryVariables: [
      ...pairs.flatMap(({ name, variable }) => (variable === null ? [] : [{ name, variable, required: true }])),
      ...optional,
    ],
    hasFragment: hash >= 0,
  };
}

/** A path that people wrote with the address of the service in front, taken apart; the origin is null when there is none. */
export function withoutOrigin(path: string): { origin: string | null; path: string } {
  const origin = /^https?:\/\/[^/?#\s]+/i.exec(path)?.[0];
  return origin === undefined ? { origin: null, path } : { origin, path: path.slice(origin.length) };
}

function toTemplate(pathname: string, declared: ReadonlySet<string>): string {
  const braced = replaceBraces(pathname, (whole, inside) => {
    const clean = cleanName(inside, declared);
    return clean === '' ? whole : `{${clean}}`;
  });
  const colons = braced.replace(/(^|\/):([A-Za-z_]\w*)/g, (whole, slash: string, name: string) =>
    declared.has(name) && !braced.includes(`{${name}}`) ? `${slash}{${name}}` : whole,
  );
  return colons.startsWith('/') ? colons : `/${colons}`;
}

/** Replaces each `{…}`; a pattern inside may hold braces of its own, as in `{id:[0-9]{1,9}}`. */
function replaceBraces(text: string, replace: (whole: string, inside: string) => string): string {
  let result = '';
  let depth = 0;
  let from = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (char === '{') {
      if (depth === 0) {
        result += text.slice(from, index);
        from = index;
      }
      depth += 1;
    } else if (char === '}' && depth > 0) {
      depth -= 1;
      if (depth > 0) continue;
      const whole = text.slice(from, index + 1);
      const inside = whole.slice(1, -1);
      const isPlain = !inside.includes('{') || /^[^{]*:/.test(inside);
      result += isPlain ? replace(whole, inside) : replaceInner(whole, replace);
      from = index + 1;
    }
  }
  return result + text.slice(from);
}

/** Braces within braces that are no pattern's: a template engine's `{{id}}`, or a slip. */
function replaceInner(whole: string, replace: (whole: string, inside: string) => string): string {
  const inner = /^\{\{([^{}]*)\}\}$/.exec(whole)?.[1];
  if (inner !== undefined) return replace(`{${inner}}`, inner);
  return whole.replace(/\{([^{}]*)\}/g, replace);
}

/** A variable's name as its parameter is spelled: without a URI Template's operator, a pattern or white space. */
function cleanName(written: string, declared: ReadonlySet<string>): string {
  if (declared.has(written)) return written;
  const trimmed = written.trim();
  if (declared.has(trimmed)) return trimmed;
  const bare = trimmed
    .replace(/^[+.;/#]/, '')
    .replace(/\*$/, '')
    .replace(/:.*$/s, '')
    .trim();
  if (bare === '' || declared.has(bare)) return bare;
  return [...declared].find((name) => name.toLowerCase() === bare.toLowerCase()) ?? bare;
}

interface Pair {
  readonly name: string;
  readonly value: string;
  readonly variable: string | null;
}

function readPairs(query: string, declared: ReadonlySet<string>): Pair[] {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      const name = decode(equals < 0 ? part : part.slice(0, equals));
      const raw = equals < 0 ? '' : part.slice(equals + 1);
      const variable = /^\{([^{}]+)\}$/.exec(raw)?.[1];
      return { name, value: decode(raw), variable: variable === undefined ? null : cleanName(variable, declared) };
    })
    .filter((pair) => pair.name !== '');
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/** Where a character first stands outside `{…}`, or -1. */
function indexOutsideBraces(text: string, wanted: string): number {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (char === '{') depth += 1;
    else if (char === '}') depth = Math.max(0, depth - 1);
    else if (char === wanted && depth === 0) return index;
  }
  return -1;
}
