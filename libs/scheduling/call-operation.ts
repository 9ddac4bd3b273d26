import { STATUS_CODES } from 'node:http';
import { errorWord, Permanent, Unavailable } from '#core';
import type {
  BlobStore,
  CallFailure,
  Clock,
  KeyStore,
  OperationTable,
  ProcessOutcome,
  Response,
  ResponseCache,
  SchedulerProcess,
  Spec,
  Tracer,
} from '#core';
import { CallFailed, TokenSource } from '#client-runtime';
import type { HttpCaller, HttpRequest } from '#client-runtime';
import { failureOfAnswer, failureOfCall, isRepeatable } from './call-failure.js';
import type { ClientSource } from './client-source.js';
import type { PayloadStore } from './payload-store.js';
import { PrepareCall } from './prepare-call.js';
import type { PreparedCall } from './prepare-call.js';
import { cacheKey, cacheUse, timeToLiveSeconds } from './response-caching.js';
import { callAttributes, withTraceContext } from './trace-call.js';

export interface CallOperationOptions {
  /** For how long an answer may be reused unless something says otherwise, in seconds. */
  readonly cacheTtlSeconds: number;
  /** How long a whole call may take unless the process says otherwise, in milliseconds. */
  readonly defaultTimeoutMs: number;
  /** The largest answer that is kept, in bytes; a larger one is an ERROR. */
  readonly responseMaxBytes: number;
  /** How many times as long as it comes an answer may be when it is decoded; more is an ERROR. Unset: no limit. */
  readonly responseMaxRatio?: number | undefined;
  readonly tracer?: Tracer | undefined;
}

/** What would fail in the same way again. */
const CANNOT_BE_MADE: CallFailure = { reason: null, mayHaveActed: false };

/** How a call ended that others wait for: by itself, or because its process was taken from this worker. */
type CallEnd = 'ended' | 'broken off';

/** How a call went. */
export interface CalledOperation {
  readonly outcome: ProcessOutcome;
  /** What it means to another call; absent when the service answered below 400. */
  readonly failure?: CallFailure | undefined;
  /** Whether the request may be made twice. */
  readonly isRepeatable: boolean;
}

export interface ExecuteOptions {
  readonly signal: AbortSignal;
  /** Awaited before a request leaves that must not be made twice; when it rejects, nothing is sent. */
  readonly onSending?: (() => Promise<void>) | undefined;
  /** Called when a request is about to leave: not where the answer comes from the cache or from an equal call. */
  readonly onCall?: (() => void) | undefined;
  /** Called after that when `signal` ends the call before anything of the request can have left. */
  readonly onUnsent?: (() => void) | undefined;
}

/** What else is known of a call under way. */
interface WatchedOptions extends ExecuteOptions {
  /** Told the status of each redirect. */
  readonly onRedirect: (status: number) => void;
  /** Whether the service may have acted, though the answer in hand says that it has not. */
  readonly mayHaveActed: () => boolean;
}

/** Makes the call of one process: builds the request, asks the cache, sends, keeps the answer. */
export class CallOperation {
  private readonly inFlight = new Map<string, Promise<CallEnd>>();
  private secret: Promise<Buffer> | undefined;
  private readonly prepare: PrepareCall;
  private readonly tokens: TokenSource;

  constructor(
    private readonly clients: ClientSource,
    private readonly caller: HttpCaller,
    private readonly cache: ResponseCache,
    private readonly keys: KeyStore,
    payloads: PayloadStore,
    private readonly blobs: BlobStore,
    private readonly clock: Clock,
    private readonly options: CallOperationOptions,
  ) {
    this.prepare = new PrepareCall(payloads, blobs);
    this.tokens = new TokenSource(caller, clock);
  }

  /**
   * @param version which of the Spec's versions to run on.
   * @returns how the process ends; what the document, the caller or the service did wrong is an outcome.
   * @throws Unavailable when one of our own backends does not answer, or whatever `signal` aborted with: the process
   *   has not ended.
   */
  async execute(
    process: SchedulerProcess,
    spec: Spec,
    version: number,
    options: ExecuteOptions,
  ): Promise<CalledOperation> {
    let repeatable = true;
    let isElsewhere = false;
    const watched: WatchedOptions = {
      ...options,
      onRedirect: (status) => void (isElsewhere ||= leadsToResult(status)),
      mayHaveActed: () => isElsewhere && !repeatable,
    };
    try {
      const prepared = await this.prepare.execute(process, spec, await this.table(spec, version));
      repeatable = isRepeatable(prepared.request);
      const { response, cache } = await this.answer(process, { ...spec, version }, prepared, watched);
      const stored = { ...response, cache };
      const failure = afterRedirect(failureOfAnswer(response, this.clock.now()), isElsewhere);
      const common = { specVersion: version, response: stored };
      if (!failure) return { outcome: { status: 'SUCCESS', ...common }, isRepeatable: repeatable };
      const error = callFailed(statusSentence(response.status));
      return { outcome: { status: 'ERROR', error, ...common }, failure, isRepeatable: repeatable };
    } catch (error) {
      if (!(error instanceof Permanent) || options.signal.aborted) throw error;
      const outcome = { status: 'ERROR', specVersion: version, error: callFailed(error.message) } as const;
      const failure = afterRedirect(error instanceof CallFailed ? failureOfCall(error) : CANNOT_BE_MADE, isElsewhere);
      return { outcome, failure, isRepeatable: repeatable };
    }
  }

  /** @throws Permanent when the version is one that was let go since the process began. */
  private async table(spec: Spec, version: number): Promise<OperationTable> {
    try {
      return await this.clients.table(spec.traceId, version);
    } catch (error) {
      const isSuperseded = version < (spec.servingVersion ?? spec.version);
      if (!isSuperseded || !(error instanceof Unavailable && error.code === 'CLIENT_MISSING')) throw error;
      throw new Permanent('VERSION_GONE', `version ${version} of the document, on which it began, is no longer kept`);
    }
  }

  /** The answer from the cache, from an equal request that is under way, or from the service. */
  private async answer(
    process: SchedulerProcess,
    spec: Pick<Spec, 'project' | 'traceId' | 'version'>,
    call: PreparedCall,
    options: WatchedOptions,
  ): Promise<{ response: Response; cache: 'HIT' | 'MISS' }> {
    const use = cacheUse(process);
    if (!use.write) return { response: await this.send(process, call, options), cache: 'MISS' };
    const key = cacheKey(await this.cacheSecret(), spec, call.request);
    const begun = this.clock.now();
    const waitedMs = () => Math.max(0, this.clock.now() - begun);
    if (use.read) {
      const kept = await this.reuse(process, key);
      if (kept) return { response: kept, cache: 'HIT' };
      // Nothing is awaited between the last look and the mark below, or equal calls could pass each other unseen.
      for (let other = this.inFlight.get(key); other; other = this.inFlight.get(key)) {
        const end = await this.endOf(other, process, waitedMs(), options.signal);
        if (end === 'broken off') continue;
        const shared = await this.reuse(process, key);
        if (shared) return { response: shared, cache: 'HIT' };
        break;
      }
    }
    const answered = this.sendAndKeep(process, call, key, options, waitedMs());
    if (use.read) this.markInFlight(key, answered, options.signal);
    return { response: await answered, cache: 'MISS' };
  }

  /**
   * The answer kept under a key as this process's own: a large body gets a name of its own, so that it stays when the
   * process goes that it was first sent to. Where that has gone already it is a miss.
   */
  private async reuse(process: SchedulerProcess, key: string): Promise<Response | null> {
    const kept = await this.cache.get(key);
    if (!kept || 'inline' in kept.body) return kept;
    const { blob, bytes } = kept.body;
    const own = responseBlob(process);
    return (await this.blobs.copy(blob, own)) ? { ...kept, body: { blob: own, bytes } } : null;
  }

  /**
   * Waits for an equal call that is under way. If its answer may not be reused, all that waited for it make their own
   * calls side by side; if it was broken off, one of them does and the others wait for that.
   */
  private async endOf(
    other: Promise<CallEnd>,
    process: SchedulerProcess,
    waitedMs: number,
    signal: AbortSignal,
  ): Promise<CallEnd> {
    const timeoutMs = this.timeoutOf(process);
    const over = new AbortController();
    const onAbort = () => over.abort();
    signal.addEventListener('abort', onAbort);
    try {
      const late = this.clock.sleep(Math.max(1, timeoutMs - waitedMs), over.signal).then(() => 'late' as const);
      const first = await Promise.race([other, late]);
      signal.throwIfAborted();
      if (first === 'late') throw new Permanent('CALL_TIMEOUT', `no whole answer within ${timeoutMs} ms`);
      return first;
    } finally {
      signal.removeEventListener('abort', onAbort);
      over.abort();
    }
  }

  private timeoutOf(process: SchedulerProcess): number {
    return process.timeoutMs ?? this.options.defaultTimeoutMs;
  }

  /** Asked for once; what failed is asked for again. */
  private cacheSecret(): Promise<Buffer> {
    this.secret ??= this.keys.key('response-cache').catch((error: unknown) => {
      this.secret = undefined;
      throw error;
    });
    return this.secret;
  }

  private markInFlight(key: string, call: Promise<unknown>, signal: AbortSignal): void {
    const unmark = (end: CallEnd) => {
      // An equal call that followed may have set a mark of its own since.
      if (this.inFlight.get(key) === settled) this.inFlight.delete(key);
      return end;
    };
    const settled = call.then(
      () => unmark('ended'),
      () => unmark(signal.aborted ? 'broken off' : 'ended'),
    );
    this.inFlight.set(key, settled);
  }

  private async sendAndKeep(
    process: SchedulerProcess,
    call: PreparedCall,
    key: string,
    options: WatchedOptions,
    waitedMs: number,
  ): Promise<Response> {
    const response = await this.send(process, call, options, waitedMs);
    const ttlSeconds = timeToLiveSeconds(response, process.cache?.ttlSeconds, this.options.cacheTtlSeconds);
    if (ttlSeconds > 0) await this.cache.set(key, response, ttlSeconds);
    return response;
  }

  /**
   * Fetches the tokens that the call needs, and once more where the service refuses one: it has done nothing then, so
   * no method forbids it.
   * @param waitedMs how much of the call's time has been waited for an equal one
   */
  private async send(
    process: SchedulerProcess,
    call: PreparedCall,
    options: WatchedOptions,
    waitedMs = 0,
  ): Promise<Response> {
    const { signal } = options;
    const begun = this.clock.now();
    const left = () => Math.max(1, this.timeoutOf(process) - waitedMs - Math.max(0, this.clock.now() - begun));
    if (call.tokens.wanted.length === 0) return this.sendTraced(process, call, call.request, options, left());
    const credentials = await this.tokens.ready(call.tokens, { timeoutMs: left(), signal });
    const response = await this.sendTraced(process, call, call.withTokens(credentials), options, left());
    if (response.status !== 401 || options.mayHaveActed()) return response;
    if ('blob' in response.body) await this.blobs.remove(response.body.blob);
    this.tokens.refused(call.tokens, credentials);
    const renewed = await this.tokens.ready(call.tokens, { timeoutMs: left(), signal });
    return this.sendTraced(process, call, call.withTokens(renewed), options, left());
  }

  /** Sends as part of the process's trace, if there is one. */
  private async sendTraced(
    process: SchedulerProcess,
    call: PreparedCall,
    request: HttpRequest,
    options: WatchedOptions,
    timeoutMs: number,
  ): Promise<Response> {
    const span = this.options.tracer?.start(`${request.method} ${process.endpoint}`, {
      kind: 'client',
      parent: process.traceContext,
      attributes: callAttributes(process, request),
    });
    try {
      const traced = withTraceContext(request, span?.context ?? process.traceContext);
      const response = await this.sendOnce(process, traced, options, timeoutMs);
      span?.set({ 'http.response.status_code': response.status });
      span?.end(response.status >= 400 ? String(response.status) : undefined);
      return response;
    } catch (error) {
      span?.end(errorWord(error));
      throw error;
    }
  }

  private async sendOnce(
    process: SchedulerProcess,
    request: HttpRequest,
    { signal, onSending, onCall, onUnsent, onRedirect }: WatchedOptions,
    timeoutMs: number,
  ): Promise<Response> {
    if (onSending && !isRepeatable(request)) await onSending();
    onCall?.();
    const blob = responseBlob(process);
    return this.caller.call(request, {
      timeoutMs,
      maxBytes: this.options.responseMaxBytes,
      maxRatio: this.options.responseMaxRatio,
      signal,
      onUnsent,
      onRedirect,
      keepLarge: async (stream) => ({ blob, bytes: await this.blobs.put(blob, stream) }),
    });
  }
}

/** Where a large answer lies: apart for each attempt, so that a late one changes nothing. */
function responseBlob({ traceId, attempt }: SchedulerProcess): string {
  return `responses/${traceId}/${attempt}`;
}

/**
 * Whether a redirect leads to what came of a request, and is not asked to make it elsewhere: such an answer says that the
 * service may have acted. https://www.rfc-editor.org/rfc/rfc9110#section-15.4
 */
function leadsToResult(status: number): boolean {
  return status !== 307 && status !== 308;
}

/** Nothing that is answered or fails behind such a redirect takes back what came before it. */
function afterRedirect<Failure extends CallFailure | undefined>(failure: Failure, isElsewhere: boolean): Failure {
  return failure && isElsewhere ? { ...failure, mayHaveActed: true } : failure;
}

/** The sentence of a call that could not be made or was not answered well, as the REST contract has it. */
function callFailed(reason: string): string {
  return `Error executing API call: API call failed: ${reason}`;
}

function statusSentence(status: number): string {
  const reason = STATUS_CODES[status];
  return reason ? `${status} ${reason}` : String(status);
}
