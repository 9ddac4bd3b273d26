import { Unavailable } from '#core';

/** What work is aborted with, and rejects with, when another worker has taken it over. */
export const LEASE_LOST = new Unavailable('LEASE_LOST', 'Another worker has taken over.');
