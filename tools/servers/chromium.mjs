import { findProgram } from './host.mjs';

/** A browser for the pages: nothing to start, only to find. */
export const chromium = {
  name: 'chromium',
  packages: ['chromium', 'fonts-dejavu-core'],
  ports: {},
  installed: () => path() !== undefined,
  environment: () => ({ CHROMIUM_PATH: path() }),
};

function path() {
  return findProgram('chromium', 'chromium-browser', 'google-chrome');
}
