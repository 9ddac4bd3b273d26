import { redactUrl } from './mask/redact-url.js';

/** What the processes say of themselves while they work: the wording of the contract. */
export const lines = {
  starting: (service: string, port: number) => `Starting ${service} service on port ${port}`,
  /** The address is shown without user and password. */
  connected: (server: string, address: string) => `Connected to ${server} at ${redactUrl(address)}`,
  workers: (count: number) => `Starting ${count} concurrent workers`,
  received: (traceId: string) => `Consumer received message with ID: ${traceId}`,
  /** @param database where the status is kept: MongoDB, unless the database is embedded. */
  completed: (database = 'MongoDB') => `Task completed successfully, status updated in ${database}`,
  reconnecting: (server: string, pauseMs: number) =>
    `⏳ Trying to reconnect ${server} in ${Math.max(1, Math.round(pauseMs / 1000))}s...`,
  reconnected: (server: string) =>
    server === 'MongoDB' ? '✅ Connected to MongoDB successfully!' : `✅ ${server} connected successfully!`,
};
