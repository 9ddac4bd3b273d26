import type { Logger } from './logger.js';

/** The shape that Nest asks of a logger. */
export interface FrameworkLogger {
  log(message: unknown, ...context: unknown[]): void;
  error(message: unknown, ...context: unknown[]): void;
  warn(message: unknown, ...context: unknown[]): void;
  debug(message: unknown, ...context: unknown[]): void;
  verbose(message: unknown, ...context: unknown[]): void;
  fatal(message: unknown, ...context: unknown[]): void;
}

/** Lets a framework speak through our log: its chatter as debug, what goes wrong as it is. */
export function frameworkLogger(logger: Logger): FrameworkLogger {
  const say = (level: 'trace' | 'debug' | 'warn' | 'error' | 'fatal') => {
    return (message: unknown, ...context: unknown[]) => {
      const error = message instanceof Error ? message : undefined;
      const text = error?.message ?? (typeof message === 'string' ? message : JSON.stringify(message));
      logger[level](text, { error, otherData: context.length === 0 ? undefined : { context } });
    };
  };
  return {
    log: say('debug'),
    error: say('error'),
    warn: say('warn'),
    debug: say('debug'),
    verbose: say('trace'),
    fatal: say('fatal'),
  };
}
