import type { SpecStore } from '#core';
import type { ClientFolders } from './client-folders.js';

/** SPEC_UPDATE: brings a Spec's folder up to date where the document itself has not changed. */
export class RefreshFolder {
  constructor(
    private readonly specs: SpecStore,
    private readonly folders: ClientFolders,
  ) {}

  /** Writes the metadata anew, or removes the folder of a Spec that is no more. */
  async execute(traceId: string): Promise<void> {
    const spec = await this.specs.find(null, traceId);
    await (spec ? this.folders.writeMetadata(spec) : this.folders.remove(traceId));
  }
}
