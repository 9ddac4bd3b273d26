import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from '#config';
import { encodeMessage } from '#core';
import type { MessageType } from '#core';
import type { Adapters } from '#adapters';
import { lines, registerRequestLog } from '#observability';
import type { Logger } from '#observability';
import type { WorkerOptions } from '../worker/start.js';
import { edgeOf } from '../http/edge.js';
import type { Edge } from '../http/edge.js';
import type { AppContext } from './run-app.js';

/** Adds the request log of a service to its server. */
export function requestLog(
  { config, logger, clock }: AppContext,
  service: string,
): (app: NestFastifyApplication) => void {
  return (app) =>
    registerRequestLog(app.getHttpAdapter().getInstance(), {
      logger: logger.child({ service }),
      service,
      clock,
      trustedProxies: config.trustedProxies,
      forwardedFor: config.forwardedFor,
    });
}

/** What the servers of this process bear with. @throws InvalidInput when the files of TLS cannot be used. */
export function edge({ config, logger }: AppContext): Edge {
  return edgeOf(config, (sentence) => logger.warn(sentence));
}

/** Logs what nobody foresaw, whole. */
export function unforeseen(logger: Logger): (error: unknown) => void {
  return (error) => logger.error('An error that nobody foresaw', { error });
}

/** Types whose handling writes the last status of a Spec or a process. */
const ENDINGS = new Set<MessageType>(['SPEC_UPDATE', 'SCHEDULER_PROCESS_RESPONSE']);

/** Puts a worker's events into its log, in the words of the contract. */
export function workerListener(config: Config, adapters: Adapters, logger: Logger): WorkerOptions['listener'] {
  const database = config.mongodbUri === undefined ? 'the database' : 'MongoDB';
  return {
    onReceived: (message) => logger.line(lines.received(message.traceId)),
    onHandled: (message, outcome, startedAt) => {
      const details = () => ({
        traceId: message.traceId,
        handler: message.type,
        startedAt,
        endedAt: adapters.clock.now(),
        // A response is data of the caller's service: not for the log.
        queueMessage: encodeMessage(message.data === undefined ? message : { ...message, data: 'not logged' }),
      });
      if (outcome.kind === 'dead') logger.error(`Dead letter: ${outcome.reason}`, details());
      else if (outcome.kind === 'ack' && ENDINGS.has(message.type)) logger.info(lines.completed(database), details());
      else if (logger.wants('debug')) logger.debug(`Message: ${outcome.kind}`, details());
    },
    onError: (message, error) =>
      logger.warn('A message could not be handled', { traceId: message.traceId, handler: message.type, error }),
    onEnded: (type, traceId) => logger.info(lines.completed(database), { traceId, handler: type }),
    onFault: (traceId, error) => logger.warn('Work failed and is taken up again later', { traceId, error }),
    onFolderFault: (error) => logger.warn('A folder of generated clients could not be written', { error }),
    onUnsent: (type, traceId) => logger.debug(`A ${type} message was not sent; the reconciler sends it`, { traceId }),
    onReconcileFault: (error) => logger.warn('The reconciler could not look', { error }),
    onSweepFault: (error) => logger.warn('The sweeper could not let go what is old', { error }),
    onLetterFault: (error) => logger.warn('A dead letter could not be kept yet', { error }),
    onWorkerFailed: (worker, error) => logger.error(`The ${worker} failed and is started again`, { error }),
    onUnforeseen: unforeseen(logger),
  };
}
