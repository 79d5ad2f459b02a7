# The bot as an image with one file in it. Build it for both kinds of machines
# with `docker buildx build --platform linux/amd64,linux/arm64 .`, or for one
# with `docker build .`; deploy/compose.yaml shows how to run it.

# The compiler runs on the builder's own platform and compiles for the other:
# nothing is emulated.
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS TARGETARCH VERSION
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -tags goolm,timetzdata -ldflags "-s -w -X main.version=$VERSION" -o /out/usr/local/bin/wolkwijs . \
    && mkdir -p /data/var/lib/wolkwijs /out/etc/ssl/certs \
    && cp /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/

FROM scratch
COPY --from=build /out /
COPY --from=build --chown=65532:65532 /data /
# A number, not a name: there is no /etc/passwd, and Kubernetes wants to see
# that it is not root.
USER 65532:65532
# The root can be read-only: all that is written goes here.
VOLUME /var/lib/wolkwijs
ENTRYPOINT ["/usr/local/bin/wolkwijs"]
# Health and metrics are served inside the container, unless metrics.listen
# says otherwise, so that the check below has somebody to ask.
CMD ["run", "-c", "/etc/wolkwijs/config.toml", "--listen", "127.0.0.1:9464"]
HEALTHCHECK --interval=1m --timeout=10s --start-period=2m \
    CMD ["/usr/local/bin/wolkwijs", "health", "-c", "/etc/wolkwijs/config.toml"]
