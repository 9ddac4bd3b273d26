import { Unavailable } from '#core';

/** What work is aborted with, and rejects with, when it is no longer this worker's: taken over, or cancelled. */
export const LEASE_LOST = new Unavailable('LEASE_LOST', 'The work is no longer held by this worker.');
