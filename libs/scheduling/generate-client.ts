import { Permanent, SPEC_STEPS, Unavailable } from '#core';
import type { Clock, Spec, SpecProgress, SpecStore } from '#core';
import type { ClientGenerator, GeneratedClient } from '#openapi';
import type { ClientFolders } from './client-folders.js';
import type { Herald } from './herald.js';
import type { LeaseKeeper } from './lease-keeper.js';
import type { PayloadStore } from './payload-store.js';
import type { ReleaseProcesses } from './release-processes.js';

const { received, claimed, yaml: yamlStep, client: clientStep } = SPEC_STEPS;

/** SPEC: reads a document and generates its Client, step by step under one claim. */
export class GenerateClient {
  constructor(
    private readonly specs: SpecStore,
    private readonly payloads: PayloadStore,
    private readonly generator: ClientGenerator,
    private readonly folders: ClientFolders,
    private readonly release: ReleaseProcesses,
    private readonly leases: LeaseKeeper,
    private readonly herald: Herald,
    private readonly clock: Clock,
    private readonly owner: string,
  ) {}

  /** Takes a Spec that waits for its Client; null means that there is nothing to do. */
  async claim(traceId: string): Promise<Spec | null> {
    const lease = { owner: this.owner, until: this.leases.until() };
    return this.specs.claim(traceId, 'generate', lease, [received, claimed], this.clock.now());
  }

  /**
   * Generates for a claimed Spec: it ends READY_CLIENT, or in ERROR with one sentence.
   * @throws Unavailable when a backend of ours does not answer: the lease ends and the work begins anew.
   */
  async run(spec: Spec, signal: AbortSignal): Promise<void> {
    const lost = new AbortController();
    this.leases.hold(spec, () => lost.abort());
    let steps: string[] = [received, claimed];
    try {
      const document = await this.payloads.read(spec.document);
      const generated = await this.generator.generate(document, {
        signal: AbortSignal.any([signal, lost.signal]),
        onYaml: async (yaml) => {
          steps = [...steps, yamlStep];
          await this.folders.writeDocument(spec, yaml);
          await this.advance(spec, { status: 'READY_YAML', steps, release: false });
        },
      });
      await this.save(spec, generated);
      await this.advance(spec, { status: 'READY_CLIENT', steps: [...steps, clientStep], release: true });
      this.herald.tell('SPEC_CLIENT_GENERATED', spec.traceId);
    } catch (error) {
      if (lost.signal.aborted || error instanceof Superseded) return;
      if (!(error instanceof Permanent)) throw error;
      await this.fail(spec, steps, error.message);
    } finally {
      this.leases.letGo(spec);
    }
  }

  private async fail(spec: Spec, steps: readonly string[], error: string): Promise<void> {
    if (await this.specs.advance(spec, { status: 'ERROR', steps, error, release: true }, this.clock.now())) {
      await this.release.execute(spec.traceId);
    }
  }

  private async advance(spec: Spec, progress: SpecProgress): Promise<void> {
    if (!(await this.specs.advance(spec, progress, this.clock.now()))) throw new Superseded();
  }

  private async save(spec: Spec, generated: GeneratedClient): Promise<void> {
    const folder = `clients/${spec.traceId}/${spec.version}/${spec.attempt}`;
    await this.specs.saveClient({
      specTraceId: spec.traceId,
      project: spec.project,
      version: spec.version,
      yaml: await this.payloads.keep(`${folder}/spec.yaml`, generated.yaml),
      table: await this.payloads.keep(`${folder}/operations.json`, generated.tableJson),
      types: await this.payloads.keep(`${folder}/types.ts`, generated.types),
      summary: await this.payloads.keep(`${folder}/summary.json`, generated.summaryJson),
      createdAt: this.clock.now(),
    });
  }
}

/** The Spec was changed, deleted or taken over while we worked: our result is of no use, and nobody waits for it. */
class Superseded extends Unavailable {
  constructor() {
    super('SPEC_SUPERSEDED', 'The spec has been changed while its former document was being read.');
  }
}
