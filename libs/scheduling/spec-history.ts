import { NotFound } from '#core';
import type { DocumentReport, Spec, SpecStatus, SpecStore, SpecVersion } from '#core';
import type { PayloadStore } from './payload-store.js';

/** One version as people are shown it. */
export interface VersionView extends SpecVersion {
  /** SUPERSEDED: a newer document came before this one's generation had ended. */
  readonly status: SpecStatus | 'SUPERSEDED';
  /** Whether calls run on it. */
  readonly serving: boolean;
}

/** What was found in reading a document, and what came of it. */
export interface VersionReport extends VersionView, DocumentReport {}

const NOT_READ: DocumentReport = { title: null, documentVersion: null, operations: 0, warnings: [] };

/** Tells of the documents that a Spec has had. */
export class SpecHistory {
  constructor(
    private readonly specs: SpecStore,
    private readonly payloads: PayloadStore,
  ) {}

  /** A page of versions, newest first. */
  async list(spec: Spec, page: { before?: number | undefined; limit: number }): Promise<VersionView[]> {
    const versions = await this.specs.versions(spec.project, spec.traceId, page);
    return versions.map((version) => viewOf(spec, version));
  }

  /**
   * @param number without it the newest.
   * @throws NotFound when the Spec has no such version.
   */
  async version(spec: Spec, number: number = spec.version): Promise<VersionView> {
    const version = await this.specs.findVersion(spec.project, spec.traceId, number);
    if (version) return viewOf(spec, version);
    throw new NotFound(
      'VERSION_NOT_FOUND',
      `Expected a version of the spec ${spec.traceId} from 1 to ${spec.version}, got ${number}.`,
    );
  }

  /**
   * The report of one version; without warnings while the document has not been read.
   * @param number without it the newest.
   * @throws NotFound when the Spec has no such version.
   */
  async report(spec: Spec, number?: number): Promise<VersionReport> {
    const version = await this.version(spec, number);
    if (!version.report) return { ...NOT_READ, ...version };
    const report = JSON.parse((await this.payloads.read(version.report)).toString()) as DocumentReport;
    return { ...report, ...version };
  }
}

function viewOf(spec: Spec, version: SpecVersion): VersionView {
  const isNewest = version.version === spec.version;
  return {
    ...version,
    status: isNewest ? spec.status : (version.outcome ?? 'SUPERSEDED'),
    serving: version.version === spec.servingVersion,
  };
}
