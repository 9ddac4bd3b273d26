import { Permanent, SPEC_STEPS, Unavailable } from '#core';
import type { Clock, DocumentReport, Payload, Spec, SpecProgress, SpecStore, TraceContext } from '#core';
import type { ClientGenerator, GeneratedClient } from '#openapi';
import type { ClientFolders } from './client-folders.js';
import { reportOf, reportOfRefusal } from './document-report.js';
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
   * @param traceContext where in a distributed trace it stands
   * @throws Unavailable when a backend of ours does not answer: the lease ends and the work begins anew.
   */
  async run(spec: Spec, signal: AbortSignal, traceContext?: TraceContext): Promise<void> {
    const lost = new AbortController();
    this.leases.hold(spec, () => lost.abort());
    let steps: string[] = [received, claimed];
    try {
      const document = await this.payloads.read(spec.document);
      const generated = await this.generator.generate(document, {
        signal: AbortSignal.any([signal, lost.signal]),
        onYaml: async (yaml) => {
          steps = [...steps, yamlStep];
          // The folder shows the Client that serves; where there is one, the review puts the next in its place.
          if (spec.servingVersion === null) await this.folders.writeDocument(spec, yaml);
          await this.advance(spec, { status: 'READY_YAML', steps, release: false });
        },
      });
      await this.save(spec, generated);
      const report = await this.keepReport(spec, reportOf(generated));
      await this.advance(spec, { status: 'READY_CLIENT', steps: [...steps, clientStep], report, release: true });
      this.herald.tell('SPEC_CLIENT_GENERATED', spec.traceId, traceContext);
    } catch (error) {
      if (lost.signal.aborted || error instanceof Superseded) return;
      if (!(error instanceof Permanent)) throw error;
      await this.fail(spec, steps, error);
    } finally {
      this.leases.letGo(spec);
    }
  }

  private async fail(spec: Spec, steps: readonly string[], error: Permanent): Promise<void> {
    const report = await this.keepReport(spec, reportOfRefusal(error));
    const progress: SpecProgress = { status: 'ERROR', steps, error: error.message, report, release: true };
    if (await this.specs.advance(spec, progress, this.clock.now())) {
      await this.release.execute(spec.traceId);
    }
  }

  private async keepReport(spec: Spec, report: DocumentReport): Promise<Payload> {
    return this.payloads.keep(`${clientBlobs(spec)}/report.json`, JSON.stringify(report));
  }

  private async advance(spec: Spec, progress: SpecProgress): Promise<void> {
    if (!(await this.specs.advance(spec, progress, this.clock.now()))) throw new Superseded();
  }

  private async save(spec: Spec, generated: GeneratedClient): Promise<void> {
    const folder = clientBlobs(spec);
    await this.specs.saveClient({
      specTraceId: spec.traceId,
      project: spec.project,
      version: spec.version,
      yaml: await this.payloads.keep(`${folder}/spec.yaml`, generated.bytes.yaml),
      table: await this.payloads.keep(`${folder}/operations.json`, generated.bytes.table),
      types: await this.payloads.keep(`${folder}/types.ts`, generated.bytes.types),
      summary: await this.payloads.keep(`${folder}/summary.json`, generated.bytes.summary),
      schemas: await this.payloads.keep(`${folder}/schemas.json`, generated.bytes.schemas),
      createdAt: this.clock.now(),
    });
  }
}

/** Where the large parts lie: apart for each attempt, so that a late one changes nothing. */
function clientBlobs(spec: Spec): string {
  return `clients/${spec.traceId}/${spec.version}/${spec.attempt}`;
}

/** The Spec was changed, deleted or taken over while we worked: our result is of no use, and nobody waits for it. */
class Superseded extends Unavailable {
  constructor() {
    super('SPEC_SUPERSEDED', 'The spec has been changed while its former document was being read.');
  }
}
