import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DEFAULT_PROJECT, formatTimestamp, messageOf, Unavailable } from '#core';
import { metadataYaml } from '#client-runtime';
import type { Clock, Spec } from '#core';

/** Where the folders of other projects than the default one lie. No trace id is as short. */
const PROJECTS = 'projects';

type OwnedSpec = Pick<Spec, 'project' | 'traceId'>;

/**
 * The folders under `generated-clients/`: for each Spec a copy of its current Client, for people; those of a project lie
 * apart, but for the default one's. Nothing in the
 * service reads them. A file is put in place whole; a reader never sees half of one.
 */
export class ClientFolders {
  constructor(
    private readonly root: string,
    private readonly clock: Clock,
    /** Told what kept a folder from being written: for people it is a pity, for the service it is nothing. */
    private readonly onFault: (error: unknown) => void,
  ) {}

  /**
   * Makes sure that folders can be written here.
   * @throws Unavailable in one sentence that names the place.
   */
  async prepare(): Promise<void> {
    const probe = join(this.root, `.${randomUUID()}`);
    try {
      await mkdir(this.root, { recursive: true });
      await writeFile(probe, '');
      await rm(probe);
    } catch (error) {
      const { root } = this;
      throw new Unavailable(
        'CLIENTS_FOLDER_UNUSABLE',
        `Expected a folder that can be written at ${root} (GENERATED_CLIENTS_DIR), got: ${messageOf(error)}.`,
        { cause: error },
      );
    }
  }

  /** Writes the two files that stand before there is a Client: `spec.yaml` and `service.metadata.yaml`. */
  async writeDocument(spec: Spec, yaml: string | Buffer): Promise<void> {
    await this.write(spec, { 'spec.yaml': yaml, 'service.metadata.yaml': this.metadata(spec) });
  }

  /** Writes `service.metadata.yaml` anew, if the folder is there. */
  async writeMetadata(spec: Spec): Promise<void> {
    if (await exists(this.folderOf(spec))) {
      await this.write(spec, { 'service.metadata.yaml': this.metadata(spec) });
    }
  }

  /** Writes files of a Spec's folder, by their paths in it. */
  async write(spec: OwnedSpec, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
    await this.writeAll(spec, files).catch(this.onFault);
  }

  private async writeAll(spec: OwnedSpec, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      const target = join(this.folderOf(spec), path);
      const draft = `${target}.${randomUUID()}`;
      await mkdir(dirname(target), { recursive: true });
      // What lies under bin/ is there to be started.
      await writeFile(draft, content, { mode: path.startsWith('bin/') ? 0o755 : 0o644 });
      await rename(draft, target);
    }
  }

  /** Removes the folder of a Spec that is no more, in whichever project it was. */
  async remove(traceId: string): Promise<void> {
    const projects = await readdir(join(this.root, PROJECTS)).catch(() => []);
    const folders = [DEFAULT_PROJECT, ...projects].map((project) => this.folderOf({ project, traceId }));
    for (const folder of folders) await rm(folder, { recursive: true, force: true }).catch(this.onFault);
  }

  private folderOf({ project, traceId }: OwnedSpec): string {
    return project === DEFAULT_PROJECT ? join(this.root, traceId) : join(this.root, PROJECTS, project, traceId);
  }

  private metadata(spec: Spec): string {
    return metadataYaml({ traceId: spec.traceId, name: spec.name, updatedAt: formatTimestamp(this.clock.now()) });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
