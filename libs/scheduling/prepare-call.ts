import { blobsIn, buildRequest, checkFileBytes, findOperation, mergeHeaders, planTokens } from '#client-runtime';
import type { HttpRequest, ReadyCredentials, RequestInput, TokenPlan } from '#client-runtime';
import type { BlobStore, OperationTable, SchedulerProcess, Spec } from '#core';
import { buffer } from 'node:stream/consumers';
import type { PayloadStore } from './payload-store.js';
import { isUploadedBlob } from './upload-blob.js';

/** A call whose request is known but for the tokens that have to be fetched for it. */
export interface PreparedCall {
  /**
   * The request, with stand-ins where tokens go: equal for equal calls of the same client, whatever token is current.
   * Where no token is wanted it is what is sent.
   */
  readonly request: HttpRequest;
  readonly tokens: TokenPlan;
  /** The request with these tokens in place of the stand-ins. */
  withTokens(credentials: ReadyCredentials): HttpRequest;
}

/** What of a process its request is made of. */
export type CallInput = Pick<
  SchedulerProcess,
  | 'method'
  | 'endpoint'
  | 'headers'
  | 'queryParams'
  | 'urlParams'
  | 'cookieParams'
  | 'reqBody'
  | 'contentType'
  | 'credentials'
>;

/** Puts together what a process, its Spec and the document say. */
export class PrepareCall {
  constructor(
    private readonly payloads: PayloadStore,
    private readonly blobs: BlobStore,
  ) {}

  /**
   * @throws Permanent in one sentence when the request cannot be built; Unavailable when a stored body cannot be read.
   */
  async execute(process: CallInput, spec: Spec, table: OperationTable): Promise<PreparedCall> {
    const operation = findOperation(table, process.method, process.endpoint);
    const bodyJson = process.reqBody ? await this.payloads.read(process.reqBody) : undefined;
    const input: Omit<RequestInput, 'credentials'> = {
      headers: mergeHeaders<unknown>(spec.headers, process.headers),
      queryParams: process.queryParams ?? {},
      urlParams: process.urlParams ?? {},
      cookieParams: process.cookieParams ?? {},
      contentType: process.contentType,
      bodyJson,
      blobs: bodyJson && (await this.read(spec.project, blobsIn(bodyJson))),
      url: spec.url,
      serverVariables: spec.serverVariables,
    };
    const tokens = planTokens(table, operation, {
      ...input,
      credentials: { ...spec.credentials, ...process.credentials },
    });
    const withTokens = (credentials: ReadyCredentials) => buildRequest(table, operation, { ...input, credentials });
    return { request: withTokens(tokens.standIns), tokens, withTokens };
  }

  /** The bytes of those that are there. */
  private async read(project: string, names: readonly string[]): Promise<Map<string, Uint8Array>> {
    const bytes = new Map<string, Uint8Array>();
    let total = 0;
    for (const name of names) {
      const opened = isUploadedBlob(project, name) ? await this.blobs.open(name) : null;
      if (!opened) continue;
      const content = await buffer(opened.stream);
      total += content.length;
      checkFileBytes(total);
      bytes.set(name, content);
    }
    return bytes;
  }
}
