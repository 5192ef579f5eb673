# The server and the built page in one image: docker build -t shoal . && docker run -p 8000:8000 shoal
FROM node:22-slim AS build
WORKDIR /shoal
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

# The command `shoal` alone: docker build --target headless -t shoal-headless .
FROM node:22-slim AS headless
WORKDIR /shoal
# The allocator gives back what it does not use: half the memory beyond Node's own.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=131072
COPY --from=build /shoal/package.json ./
# The bundle, and the packages that are not in it.
COPY --from=build /shoal/node_modules/node-datachannel ./node_modules/node-datachannel
COPY --from=build /shoal/node_modules/@node-datachannel ./node_modules/@node-datachannel
COPY --from=build /shoal/node_modules/detect-libc ./node_modules/detect-libc
COPY --from=build /shoal/dist-cli ./dist-cli
COPY --from=build /shoal/cli/shoal.js ./cli/
RUN mkdir /shared && chown node /shared
USER node
WORKDIR /shared
VOLUME /shared
# Told to stop it ends in order.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/shoal/cli/shoal.js"]
CMD ["--help"]

FROM node:22-slim
WORKDIR /shoal
ENV NODE_ENV=production
COPY --from=build /shoal/package.json ./
COPY --from=build /shoal/node_modules ./node_modules
COPY --from=build /shoal/dist ./dist
COPY --from=build /shoal/shared ./shared
COPY --from=build /shoal/signal-server ./signal-server
USER node
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s CMD ["node", "--import", "tsx", "signal-server/health-main.ts"]
CMD ["node", "--import", "tsx", "signal-server/main.ts"]
