/** What the child process that makes one SDK is told, once. */
export interface MakeRequest {
  /** The normalised document as YAML, in the child's working folder. */
  readonly yamlFile: string;
  /** Where the child writes the document for OpenAPI Generator. */
  readonly jsonFile: string;
  /** Java. */
  readonly program: string;
  readonly arguments: readonly string[];
}

/** How it went; what Java wrote to its standard error comes over the child's own. */
export type MakeAnswer =
  /** A rejection's sentence tells what is wrong with the document. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'ended'; readonly code: number | null; readonly signal: string | null };
