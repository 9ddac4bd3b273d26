import { Conflict, describeName, newTraceId, NotFound } from '#core';
import type { Clock, Principal, Sdk, SdkStore } from '#core';
import { nearest } from '#client-runtime';
import type { SdkInstallation } from '#openapi';
import type { FindSpec } from './find-spec.js';
import type { Herald } from './herald.js';

/** How many generators are named to somebody who named none. */
const SUGGESTIONS = 3;

/** POST /v1/api/spec/{trace_id}/sdk/{generator}: has an SDK made of the version that serves. */
export class AskForSdk {
  constructor(
    private readonly findSpec: FindSpec,
    private readonly sdks: SdkStore,
    private readonly installation: Pick<SdkInstallation, 'find'>,
    private readonly herald: Herald,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns the SDK as it is now: asked for again it is the same, unless it ended in ERROR.
   * @throws NotFound when there is no such Spec or generator; NotInstalled when SDKs cannot be made here; Conflict when
   *   no version serves yet.
   */
  async execute(caller: Principal, traceId: string, generator: string): Promise<Sdk> {
    const spec = await this.findSpec.execute(caller, traceId);
    const { generators } = await this.installation.find();
    if (!generators.includes(generator)) throw generatorNotFound(generator, generators);
    if (spec.servingVersion === null) throw nothingServes(traceId);
    const { project, servingVersion: version } = spec;
    const wanted = { traceId: newTraceId(), project, specTraceId: traceId, version, generator };
    const sdk = await this.sdks.ask(wanted, this.clock.now());
    if (sdk.status === 'WAITING') this.herald.tell('SPEC_UPDATE', traceId);
    return sdk;
  }
}

function generatorNotFound(name: string, generators: readonly string[]): NotFound {
  const near = nearest(name, generators, SUGGESTIONS).join(', ');
  return new NotFound(
    'GENERATOR_UNKNOWN',
    `Expected a generator of OpenAPI Generator, such as ${near}, got ${describeName(name)}.`,
  );
}

function nothingServes(traceId: string): Conflict {
  const message = `Expected a spec with a reviewed client, got ${traceId}, whose first one has not been reviewed.`;
  return new Conflict('SPEC_NOT_SERVING', message);
}
