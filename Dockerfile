# The images of Callboard: docker build --target api|worker|apidoc . (see docs/adr/0010-one-dockerfile.md)
# Exact, so that an image is built again as it was; raise it with each release of security fixes.
ARG NODE_VERSION=22.23.5

# All packages, fetched once for the next two stages.
FROM node:${NODE_VERSION}-bookworm-slim AS fetched
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --include=dev --ignore-scripts --no-audit --no-fund

# Compiles apps/ and libs/ into dist/.
FROM fetched AS build
COPY tsconfig.json .swcrc LICENSE ./
COPY tools/build.mjs tools/runtime-bundle.mjs tools/
COPY libs libs/
COPY apps apps/
RUN npm run build

# The packages that run, without maps for debuggers.
FROM fetched AS packages
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund && find node_modules -name '*.map' -delete

# What the three images share. Only the folder of generated clients belongs to the user that runs it.
FROM node:${NODE_VERSION}-bookworm-slim AS app
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY docs/swagger docs/swagger/
RUN mkdir generated-clients && chown node:node generated-clients
USER node

# A small nursery: very large answers then pass through in flat memory.
FROM app AS api
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["node", "dist/apps/health/probe.js", "api"]
CMD ["node", "--max-semi-space-size=8", "dist/apps/api/main.js"]

FROM app AS worker
EXPOSE 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["node", "dist/apps/health/probe.js", "worker"]
CMD ["node", "--max-semi-space-size=8", "dist/apps/worker/main.js"]

FROM app AS apidoc
EXPOSE 8082
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["node", "dist/apps/health/probe.js", "apidoc"]
CMD ["node", "dist/apps/apidoc/main.js"]
