export { compileDocument, toSchemas, toTable, type CompiledDocument } from './compile.js';
export {
  ClientGenerator,
  GeneratedClient,
  type GenerateOptions,
  type GeneratorOptions,
} from './generator/client-generator.js';
export { DEFAULT_LIMITS, type DocumentLimits } from './limits.js';
export { DocumentRefused } from './refused.js';
export { typecheck, type TypecheckOptions } from './review/typecheck.js';
export { SdkInstallation, type Installed } from './sdk/installation.js';
export { SdkMaker, type SdkMakerOptions, type WantedArchive } from './sdk/sdk-maker.js';
export { summarise } from './table/summarise.js';
export type { Warning, WarningCode } from './warning.js';
export { diffSpecs } from './diff/diff-specs.js';
export type { Change, ChangeKind, DocumentTables } from './diff/change.js';
