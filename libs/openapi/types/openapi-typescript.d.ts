/** Parts of openapi-typescript without its main entry, which loads a bundler that is never used here. */
declare module 'openapi-typescript/dist/transform/index.mjs' {
  import type { transformSchema } from 'openapi-typescript';
  const transform: typeof transformSchema;
  export default transform;
}
declare module 'openapi-typescript/dist/lib/ts.mjs' {
  export { astToString } from 'openapi-typescript';
}
declare module 'openapi-typescript/dist/lib/utils.mjs' {
  export { scanDiscriminators } from 'openapi-typescript';
}
