# Debian's glibc: every native dependency brings a binary for it, on amd64 and on arm64; nothing is compiled.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npx --no-install tsc -p tsconfig.build.json && npm prune --omit=dev --no-audit --no-fund

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE* ./
COPY bin ./bin
COPY scripts/docker-entrypoint.sh scripts/health-check.cjs ./scripts/
COPY config/docker.conf /etc/diskdb/diskdb.conf
RUN ln -s /app/bin/diskdb.js /usr/local/bin/diskdb \
  && mkdir /data \
  && chown node:node /data

# What is configured nowhere is at ./data, for the server and for the tools.
WORKDIR /
# A volume takes the owner of the directory it is first mounted over. A directory of the host must be writable
# for uid 1000, or be used with --user.
USER node
VOLUME /data
EXPOSE 6380
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "/app/scripts/health-check.cjs"]

# Flags alone go with the image's configuration; anything else is a command line of diskdb.
ENTRYPOINT ["/bin/sh", "/app/scripts/docker-entrypoint.sh"]
