import { canonicalJson, type Operation, type OperationTable, type SecurityScheme } from '#core';
import { excerpt } from '../json.js';

/** One way to be let in: what each scheme asks for, with its scopes. */
type Alternative = ReadonlyMap<string, readonly string[]>;

/** What has changed of who is let in; null when nothing has. Breaking when a way that was enough no longer is. */
export function compareSecurity(
  from: Operation,
  fromTable: OperationTable,
  to: Operation,
  toTable: OperationTable,
): { breaking: boolean; text: string } | null {
  const before = alternativesOf(from, fromTable);
  const after = alternativesOf(to, toTable);
  const isEnough = (given: Alternative, alternatives: readonly Alternative[]): boolean =>
    alternatives.some((alternative) =>
      [...alternative].every(
        ([scheme, scopes]) => scopes.every((scope) => given.get(scheme)?.includes(scope)) && given.has(scheme),
      ),
    );
  const lost = before.filter((alternative) => !isEnough(alternative, after));
  const gained = after.filter((alternative) => !isEnough(alternative, before));
  if (lost.length === 0 && gained.length === 0) return null;
  const isOpen = to.security.length === 0 || to.security.some((alternative) => Object.keys(alternative).length === 0);
  const text = isOpen ? 'it can now be called without credentials' : `it now asks for ${namesOf(to)}`;
  return {
    breaking: lost.length > 0,
    text: lost.length > 0 ? `${text}, and what was asked for before is no longer enough` : text,
  };
}

function alternativesOf({ security }: Operation, { securitySchemes }: OperationTable): Alternative[] {
  const alternatives = security.map(
    (alternative) =>
      new Map(Object.entries(alternative).map(([name, scopes]) => [meaningOf(name, securitySchemes), scopes])),
  );
  return alternatives.length === 0 ? [new Map()] : alternatives;
}

/** What a scheme puts into a request: its name, and where its tokens come from, may change without anybody's notice. */
function meaningOf(name: string, schemes: Readonly<Record<string, SecurityScheme>>): string {
  const scheme = Object.hasOwn(schemes, name) ? schemes[name] : undefined;
  if (!scheme) return name;
  switch (scheme.type) {
    case 'apiKey':
      return canonicalJson([scheme.in, scheme.in === 'header' ? scheme.name.toLowerCase() : scheme.name]);
    case 'http':
      return scheme.scheme.toLowerCase();
    default:
      return scheme.type;
  }
}

function namesOf({ security }: Operation): string {
  const names = security.slice(0, 5).map((alternative) =>
    Object.keys(alternative)
      .map((name) => excerpt(name))
      .join(' and '),
  );
  return `${names.join(', or ')}${security.length > 5 ? ' …' : ''}`;
}
