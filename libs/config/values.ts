import type { Value, Variable } from './variable.js';
import { VARIABLES, type VariableName } from './variables.js';

type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Tail>>}`
  : Lowercase<S>;

/** The value of each variable under its own name in camel case: `API_PORT` is `apiPort`. */
export type Values = {
  readonly [Name in VariableName as CamelCase<Name>]: (typeof VARIABLES)[Name]['default'];
};

/** The key of a variable in `Values`. */
export function camelCase(name: VariableName): keyof Values {
  return name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) as keyof Values;
}

/** The variables with the types that they have in common. */
export function variables(): [VariableName, Variable<Value | undefined>][] {
  return Object.entries(VARIABLES) as [VariableName, Variable<Value | undefined>][];
}
