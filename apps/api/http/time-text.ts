import { z } from 'zod';

/** A point in time as a query or a body gives it. */
export const timeText = z.iso.datetime({
  offset: true,
  error: 'a date and time (RFC 3339), e.g. 2030-01-31T09:00:00Z',
});
