# Caddy as an ordinary user on unprivileged ports; compose publishes them as 80 and 443.
FROM caddy:2.10-alpine
RUN adduser -D -H -u 10002 -s /sbin/nologin proxy \
    && setcap -r /usr/bin/caddy \
    && install -d -o proxy -g proxy -m 0750 /data /config /data/caddy /config/caddy
COPY infra/docker/Caddyfile /etc/caddy/Caddyfile
USER 10002:10002
EXPOSE 8080 8443
