import { Conflict, inlinePayload, Permanent, specReadiness } from '#core';
import type { OperationTable, Principal, Spec, SpecStore } from '#core';
import { findOperation, mergeHeaders, unknownOperation, validateInput } from '#client-runtime';
import type { Fault } from '#client-runtime';
import type { ClientSource } from './client-source.js';
import type { PrepareCall } from './prepare-call.js';
import type { ScheduleProcessInput } from './schedule-process.js';
import { SpecsByName } from './specs-by-name.js';

/** Where what keeps a request from being built stands in the call, by the code of the error. */
const PLACES: Readonly<Record<string, string>> = {
  CREDENTIAL_UNUSABLE: '/credentials',
  BLOB_UNKNOWN: '/req_body',
  BODY_UNSUITABLE: '/req_body',
  PARAMETER_UNSUITABLE: '/url_params',
};

/** POST /v1/api/scheduler/process with `Prefer: handling=strict`: checks a call against the document before it is kept. */
export class CheckProcess {
  constructor(
    private readonly specs: SpecStore,
    private readonly clients: ClientSource,
    private readonly prepare: PrepareCall,
  ) {}

  /**
   * @returns every fault; with none, the request can be built from what was given.
   * @throws Conflict when the service has no Client yet to check against.
   */
  async execute(
    caller: Principal,
    input: ScheduleProcessInput,
    specs = new SpecsByName(this.specs, caller),
  ): Promise<readonly Fault[]> {
    const service = input.service.toLowerCase();
    const spec = await specs.find(service);
    if (!spec) return [unknownService(service)];
    const version = spec.servingVersion;
    if (version === null) throw notReady(spec);
    const table = await this.clients.table(spec.traceId, version);
    const unknown = unknownOperation(table, input.method.toUpperCase(), input.endpoint);
    if (unknown) return [unknown];
    const faults = validateInput(
      findOperation(table, input.method.toUpperCase(), input.endpoint),
      await this.clients.schemas(spec.traceId, version),
      {
        urlParams: input.urlParams,
        queryParams: input.queryParams,
        cookieParams: input.cookieParams,
        headers: mergeHeaders<unknown>(spec.headers, input.headers),
        body: input.reqBody,
        contentType: input.contentType,
        credentials: { ...spec.credentials, ...input.credentials },
      },
    );
    return faults.length > 0 ? faults : this.buildFault(input, spec, table);
  }

  /** What no schema tells: a server that is not set, a blob that is not there, a credential that does not fit. */
  private async buildFault(input: ScheduleProcessInput, spec: Spec, table: OperationTable): Promise<Fault[]> {
    const { method, endpoint, headers, queryParams, urlParams, cookieParams, contentType, credentials } = input;
    const reqBody = input.reqBody === undefined ? null : inlinePayload(JSON.stringify(input.reqBody));
    const given = { headers: headers ?? null, queryParams: queryParams ?? null, urlParams: urlParams ?? null };
    const call = { method: method.toUpperCase(), endpoint, ...given, cookieParams, reqBody, contentType, credentials };
    try {
      await this.prepare.execute(call, spec, table);
      return [];
    } catch (error) {
      if (!(error instanceof Permanent)) throw error;
      const pointer = Object.hasOwn(PLACES, error.code) ? (PLACES[error.code] ?? '') : '';
      return [{ pointer, expected: 'a call that can be made', got: 'one that cannot', message: error.message }];
    }
  }
}

function unknownService(service: string): Fault {
  const expected = 'the name of a spec';
  const got = JSON.stringify(service);
  return { pointer: '/service', expected, got, message: `Expected /service to be ${expected}, got ${got}.` };
}

function notReady(spec: Spec): Conflict {
  const state = specReadiness(spec) === 'pending' ? 'is still in the making' : 'could not be made';
  return new Conflict(
    'CLIENT_NOT_READY',
    `Expected a spec with a client to check the call against, got ${spec.name}, whose client ${state}.`,
  );
}
