import { redactUrl } from './mask/redact-url.js';

/** What a worker says of itself while it works, in the wording of the contract. (Connections say their own.) */
export const lines = {
  starting: (service: string, port: number) => `Starting ${service} service on port ${port}`,
  /** The address is shown without user and password. */
  connected: (server: string, address: string) => `Connected to ${server} at ${redactUrl(address)}`,
  workers: (count: number) => `Starting ${count} concurrent workers`,
  received: (traceId: string) => `Consumer received message with ID: ${traceId}`,
  /** @param database where the status is kept: MongoDB, unless the database is embedded. */
  completed: (database = 'MongoDB') => `Task completed successfully, status updated in ${database}`,
};
