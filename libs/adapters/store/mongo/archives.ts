import type { mongo } from 'mongoose';
import { hasEnded } from '#core';
import type { Archive } from '#core';
import { byOwner } from '../blob-owner.js';
import { clientRefs, tallyRefs } from '../old-item.js';
import type { SpecDocument, VersionFields } from './documents.js';
import type { MongoDatabase } from './mongo-database.js';

/** How many documents come at a time: those of Specs are large. */
const BATCH = 10;
const REFS_OF_SPEC = { documentRef: 1, versions: 1, version: 1, servingVersion: 1, archivedAt: 1 } as const;
const ENDED_SDK = { status: { $in: ['SUCCESS' as const, 'ERROR' as const] } };

/** All archives, some documents at a time. */
export async function* mongoArchives(database: MongoDatabase): AsyncIterable<Archive> {
  for await (const spec of pieces(database, database.specs)) {
    for (const [number, { documentRef, reportRef }] of Object.entries(spec.versions ?? {})) {
      const version = Number(number);
      if (version >= spec.version || version === spec.servingVersion) continue;
      const refs = [documentRef, reportRef, ...(await clientsOf(database, spec._id, version))];
      yield { kind: 'version', traceId: spec._id, version, since: followedAt(spec, version), ...tallyRefs(refs) };
    }
  }
  for await (const spec of pieces(database, database.archivedSpecs)) {
    const refs = [...new Set([...refsOf(spec), ...(await clientsOf(database, spec._id))])];
    const { blobs, bytes } = tallyRefs(refs);
    yield { kind: 'spec', traceId: spec._id, since: spec.archivedAt.getTime(), bytes, blobs: [...new Set(blobs)] };
  }
  let last = '';
  for (;;) {
    const options = { projection: { archiveRef: 1, updatedAt: 1 }, sort: { _id: 1 as const }, limit: 200 };
    const sdks = await database.command(() =>
      database.sdks.find({ ...ENDED_SDK, _id: { $gt: last } }, options).toArray(),
    );
    for (const { _id, updatedAt, archiveRef } of sdks) {
      yield { kind: 'sdk', traceId: _id, since: updatedAt.getTime(), ...tallyRefs([archiveRef]) };
    }
    if (sdks.length < 200) return;
    last = sdks.at(-1)?._id ?? '';
  }
}

export async function removeArchive(database: MongoDatabase, archive: Archive): Promise<boolean> {
  const { kind, traceId, version = 0, since } = archive;
  switch (kind) {
    case 'version': {
      const field = `versions.${version}`;
      const unused = {
        ...{ _id: traceId, version: { $gt: version }, servingVersion: { $ne: version } },
        [field]: { $exists: true },
      };
      const { matchedCount } = await database.command(() =>
        database.specs.updateOne(unused, { $unset: { [field]: '' } }),
      );
      // After it: of a version that is there no more nobody asks for the Client.
      if (matchedCount === 1) {
        await database.command(() => database.clients.deleteOne({ _id: `${traceId}:${version}` }));
      }
      return matchedCount === 1;
    }
    case 'sdk': {
      const same = { _id: traceId, updatedAt: new Date(since), ...ENDED_SDK };
      return (await database.command(() => database.sdks.deleteOne(same))).deletedCount === 1;
    }
    case 'spec': {
      await database.command(() => database.clients.deleteMany({ specTraceId: traceId }));
      await database.command(() => database.drifts.deleteMany({ specTraceId: traceId }));
      return (await database.command(() => database.archivedSpecs.deleteOne({ _id: traceId }))).deletedCount === 1;
    }
  }
}

export async function unnamedBlobs(database: MongoDatabase, blobs: readonly string[]): Promise<string[]> {
  const unnamed: string[] = [];
  for (const { kind, traceId, blobs: own } of byOwner(blobs).values()) {
    const named = await (kind === 'spec' ? namedBySpec(database, traceId) : namedByProcess(database, traceId));
    if (named !== 'all') unnamed.push(...own.filter((blob) => !named.has(blob)));
  }
  return unnamed;
}

async function namedByProcess(database: MongoDatabase, traceId: string): Promise<Set<string> | 'all'> {
  const projection = { status: 1, bodyBlob: 1, responseBlob: 1, requestBytes: 1 } as const;
  const process = await database.command(() => database.processes.findOne({ _id: traceId }, { projection }));
  if (!process) return new Set();
  // Of older documents it is not known what they name.
  if (!hasEnded(process.status) || process.requestBytes === undefined) return 'all';
  return new Set([process.bodyBlob ?? [], process.responseBlob ?? []].flat());
}

async function namedBySpec(database: MongoDatabase, traceId: string): Promise<Set<string>> {
  const options = { projection: REFS_OF_SPEC };
  const filter = { _id: traceId };
  const specs = [
    await database.command(() => database.specs.findOne(filter, options)),
    await database.command(() => database.archivedSpecs.findOne(filter, options)),
  ];
  const sdks = await database.command(() =>
    database.sdks.find({ specTraceId: traceId }, { projection: { archiveRef: 1 } }).toArray(),
  );
  const refs = [
    ...specs.flatMap((spec) => (spec ? refsOf(spec) : [])),
    ...(await clientsOf(database, traceId)),
    ...sdks.map(({ archiveRef }) => archiveRef),
  ];
  return new Set(tallyRefs(refs).blobs);
}

/** The references of a Spec's documents and reports. */
function refsOf({ documentRef, versions = {} }: SpecDocument): string[] {
  const ofVersions = Object.values(versions).flatMap(({ documentRef: ref, reportRef }: VersionFields) => [
    ref,
    reportRef ?? [],
  ]);
  return [documentRef, ...ofVersions.flat()];
}

/** The references of what a Spec's Clients are made of, or of one version's. */
async function clientsOf(database: MongoDatabase, specTraceId: string, version?: number): Promise<string[]> {
  const filter = { specTraceId, ...(version !== undefined && { version }) };
  const found = await database.command(() => database.clients.find(filter, { projection: { refs: 1 } }).toArray());
  return found.flatMap(({ refs }) => clientRefs(refs));
}

/** When the next version came, which is when this one stopped being the newest. */
function followedAt({ versions = {}, updatedAt }: SpecDocument, version: number): number {
  const later = Object.entries(versions).filter(([number]) => Number(number) > version);
  const times = later.map(([, { createdAt }]) => createdAt.getTime());
  return times.length > 0 ? Math.min(...times) : updatedAt.getTime();
}

/** All documents of a collection of Specs with their references alone, by their key. */
async function* pieces<T extends SpecDocument>(
  database: MongoDatabase,
  collection: mongo.Collection<T>,
): AsyncIterable<mongo.WithId<T>> {
  let last = '';
  for (;;) {
    const filter = { _id: { $gt: last } } as mongo.Filter<T>;
    const options = { projection: REFS_OF_SPEC, sort: { _id: 1 as const }, limit: BATCH };
    const found = await database.command(() => collection.find(filter, options).toArray());
    yield* found;
    if (found.length < BATCH) return;
    last = found.at(-1)?._id ?? '';
  }
}
