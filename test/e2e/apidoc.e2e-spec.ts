import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

  it('a page that a service answers with runs nothing in our origin', async () => {
    const service = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(
        '<h1>hello</h1><script>document.title = "ran"; fetch("/v1/api/ran")</script><img src=x onerror="alert(1)">',
      );
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    const client = new CallboardClient(callboard);
    const document = { openapi: '3.0.3', info: { title: 'Page', version: '1' }, servers: [{ url }] };
    const paths = { '/': { get: { responses: { 200: { description: 'A page.' } } } } };
    await client.specEnded(await client.register('page', JSON.stringify({ ...document, paths })));
    const traceId = await client.schedule('page', 'GET', '/');
    await client.processEnded(traceId);
    service.close();

    const { username, password } = callboard;
    const context = await browser.newContext({ httpCredentials: { username, password } });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const path = `/v1/api/scheduler/process/${traceId}/response`;
    // A browser is told to save it; what it would show otherwise is put into a frame here, which must not show it either.
    await expect(page.goto(`${callboard.api}${path}`)).rejects.toThrow(/Download is starting|ERR_ABORTED/);
    const { headers } = await client.response(traceId);
    await page.route('**/shown', (route) =>
      route.fulfill({
        body: '<h1>x</h1><script>document.title="ran"</script>',
        contentType: 'text/html',
        headers: { 'content-security-policy': headers['content-security-policy'] ?? '' },
      }),
    );
    await page.goto(`${callboard.api}/shown`);
    expect(await page.locator('h1').innerText()).toBe('x');
    expect(await page.title()).toBe('');
    expect(asked).toEqual([path, '/shown']);
    await context.close();
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
    const form = dialog.locator('form').filter({ has: page.locator('input[name=username]') });
    await form.locator('input[type=text]').fill(callboard.username);
    await form.locator('input[type=password]').fill(callboard.password);
    await form.locator('button.authorize').click();
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
