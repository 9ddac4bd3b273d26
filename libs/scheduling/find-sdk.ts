import { describeName, NotFound, NotInstalled } from '#core';
import type { OpenPayload, Principal, Sdk, SdkStore } from '#core';
import type { SdkInstallation } from '#openapi';
import type { FindSpec } from './find-spec.js';
import type { PayloadStore } from './payload-store.js';
import { sdkName } from './sdk-name.js';

/** What was asked for of a Spec, and what could be. */
export interface SdkChoice {
  /** The generators that can be asked for; none while SDKs cannot be made here. */
  readonly generators: readonly string[];
  /** Why none can be made here, and what to install. */
  readonly missing?: string | undefined;
  /** Those that were asked for, by generator and then newest version first. */
  readonly sdks: readonly Sdk[];
}

/** Finds SDKs for a person who asks. Those of a Spec that was removed are not found. */
export class FindSdk {
  constructor(
    private readonly findSpec: FindSpec,
    private readonly sdks: SdkStore,
    private readonly installation: Pick<SdkInstallation, 'find'>,
    private readonly payloads: PayloadStore,
  ) {}

  /**
   * An SDK of a Spec by a generator: of this version, or of the newest that was asked for.
   * @throws NotFound when there is no such Spec or the SDK was not asked for.
   */
  async execute(caller: Principal, traceId: string, generator: string, version?: number): Promise<Sdk> {
    const { project } = await this.findSpec.execute(caller, traceId);
    const sdk = await this.sdks.find(project, traceId, generator, version);
    if (sdk) return sdk;
    const got = `${describeName(generator)}${version === undefined ? '' : ` of version ${version}`}`;
    throw new NotFound('SDK_NOT_FOUND', `Expected an SDK that was asked for by POST, got ${got}, which was not.`);
  }

  /** @throws NotFound when there is no such Spec. */
  async choice(caller: Principal, traceId: string): Promise<SdkChoice> {
    const { project } = await this.findSpec.execute(caller, traceId);
    const sdks = await this.sdks.list(project, traceId);
    try {
      return { sdks, generators: (await this.installation.find()).generators };
    } catch (error) {
      if (!(error instanceof NotInstalled)) throw error;
      return { sdks, generators: [], missing: error.message };
    }
  }

  /**
   * Opens the zip of an SDK; null unless it ended in SUCCESS.
   * @throws Unavailable when its bytes are gone.
   */
  async open(caller: Principal, sdk: Sdk): Promise<(OpenPayload & { readonly name: string }) | null> {
    if (!sdk.archive) return null;
    const spec = await this.findSpec.execute(caller, sdk.specTraceId);
    return { ...(await this.payloads.open(sdk.archive)), name: `${sdkName(spec, sdk.generator)}.zip` };
  }
}
