/** Where the page and all that it loads are served. */
export const PAGE_PATH = '/v1/apidoc/swagger';

/** What the page may do: load and call its own origin, nothing else. Swagger UI draws icons from `data:` addresses. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const PAGE_HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Callboard API</title>
    <link rel="icon" type="image/png" sizes="32x32" href="${PAGE_PATH}/favicon-32x32.png">
    <link rel="stylesheet" href="${PAGE_PATH}/swagger-ui.css">
  </head>
  <body>
    <noscript>This page needs JavaScript. The document itself is at ${PAGE_PATH}/openapi.json.</noscript>
    <div id="swagger-ui"></div>
    <script src="${PAGE_PATH}/swagger-ui-bundle.js"></script>
    <script src="${PAGE_PATH}/page.js"></script>
  </body>
</html>
`;

/** A file of its own, since the policy allows no script inside the page. */
export const PAGE_SCRIPT = `// Swagger UI puts characters into Basic authentication one byte each; the API reads UTF-8 (RFC 7617).
const bytes = (text) => String.fromCharCode(...new TextEncoder().encode(text));
const inUtf8 = ({ username = '', password = '' }) => ({ username: bytes(username), password: bytes(password) });
const authorize = (next) => ({ basic, ...others }) =>
  next({ ...others, ...(basic && { basic: { ...basic, value: inUtf8(basic.value) } }) });

SwaggerUIBundle({
  url: '${PAGE_PATH}/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  plugins: [() => ({ statePlugins: { auth: { wrapActions: { authorize } } } })],
  // Otherwise the address of the document is sent to a service on the internet.
  validatorUrl: null,
  // The page shows a 401 itself; otherwise the browser would ask for a password, and keep it for all of this origin.
  requestInterceptor: (request) => Object.assign(request, { credentials: 'omit' }),
});
`;
