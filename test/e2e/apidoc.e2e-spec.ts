import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { describeWithServer } from '../setup/real-servers.js';
import { CallboardClient } from './callboard-client.js';
import { startStandalone } from './deployment.js';
import type { Deployment } from './deployment.js';

const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describeWithServer(['CHROMIUM_PATH'], 'the API documentation in a browser', (env) => {
  let callboard: Deployment;
  let browser: Browser;

  beforeAll(async () => {
    callboard = await startStandalone();
    browser = await chromium.launch({ executablePath: env.CHROMIUM_PATH ?? '', args: QUIET });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await callboard.stop();
  }, 30_000);

  it('lists every operation, loads nothing from elsewhere, and has nothing to complain about', async () => {
    const { page, seen } = await open();
    const paths = await page.locator('.opblock-summary-path').allInnerTexts();
    const shown = paths.map((path) => path.replaceAll('\u200b', ''));
    expect(shown.sort()).toEqual(await documentedPaths());
    await page.close();
    expect(seen.complaints).toEqual([]);
    expect(seen.origins).toEqual(new Set([callboard.apidoc]));
  });

  it('"Try it out" creates a Spec once the user name and password are given, from the page\'s own origin', async () => {
    const { page, seen } = await open();
    await authorise(page);
    const operation = page.locator('#operations-Spec-createSpec');
    const { code, body } = await execute(operation);
    expect(code).toBe('200');
    const { trace_id: traceId } = JSON.parse(body) as { trace_id: string };
    await page.close();
    expect(seen.complaints).toEqual([]);
    expect(seen.origins).toEqual(new Set([callboard.apidoc]));

    const status = await new CallboardClient(callboard).specEnded(traceId);
    expect(status).toMatchObject({ status: 'SUCCESS' });
  });

  it('tells who calls without credentials what is missing', async () => {
    const { page } = await open();
    const { code, body } = await execute(page.locator('#operations-Spec-listSpecs'));
    expect(code).toBe('401');
    expect(JSON.parse(body)).toMatchObject({ error: true });
    await page.close();
  });

  /** Opens the page in a profile of its own, and writes down what it asks for and what its console says. */
  async function open(): Promise<{ page: Page; seen: { origins: Set<string>; complaints: string[] } }> {
    const seen = { origins: new Set<string>(), complaints: [] as string[] };
    const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
    page.on('request', (request) => {
      if (!request.url().startsWith('data:')) seen.origins.add(new URL(request.url()).origin);
    });
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) seen.complaints.push(message.text());
    });
    page.on('pageerror', (error) => seen.complaints.push(error.message));
    await page.goto(`${callboard.apidoc}/v1/apidoc/swagger`);
    await page.locator('.opblock').first().waitFor();
    return { page, seen };
  }

  async function authorise(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Authorize' }).click();
    const dialog = page.locator('.dialog-ux');
    await dialog.locator('input[type=text]').fill(callboard.username);
    await dialog.locator('input[type=password]').fill(callboard.password);
    await dialog.locator('button.authorize').click();
    await dialog.getByRole('button', { name: 'Close' }).first().click();
  }

  async function execute(operation: Locator): Promise<{ code: string; body: string }> {
    await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    const live = operation.locator('.live-responses-table .response');
    const body = await live.locator('.highlight-code code').first().innerText();
    const code = (await live.locator('.response-col_status').first().innerText()).trim();
    return { code, body };
  }
});

/** The path of each operation of the API's document. */
async function documentedPaths(): Promise<string[]> {
  const file = join(import.meta.dirname, '../../docs/swagger/openapi.json');
  const { paths } = JSON.parse(await readFile(file, 'utf8')) as { paths: Record<string, object> };
  return Object.entries(paths)
    .flatMap(([path, operations]) => Object.keys(operations).map(() => path))
    .sort();
}
