# One image for migrate, ingest, api and dashboards; the command chooses the part.
# Built and run by docker-compose.yml. Counter units do not use it: see hardware/.
ARG PYTHON=3.12.12-slim-bookworm

FROM python:${PYTHON} AS build
# Which locked sets to install, one requirements/<set>.txt each.
ARG ROLES="server dashboards"
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/motcua
WORKDIR /src
COPY requirements/ requirements/
RUN set -eu; for role in build $ROLES; do \
      /opt/motcua/bin/pip install --require-hashes -r "requirements/$role.txt"; \
    done
COPY . .
RUN /opt/motcua/bin/pip install --no-deps --no-build-isolation . \
 && /opt/motcua/bin/pip check \
 && /opt/motcua/bin/python -m compileall -q /opt/motcua/lib

FROM python:${PYTHON}
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin motcua
# A new volume takes over who owns the folder that it is mounted on.
RUN install --directory --owner=motcua /var/lib/motcua/models /var/lib/motcua/models-key
COPY --from=build /opt/motcua /opt/motcua
ENV PATH=/opt/motcua/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MOTCUA_LOG_FORMAT=json
USER motcua
WORKDIR /tmp
STOPSIGNAL SIGTERM
# Health is checked where each part's meaning of it is known: docker-compose.yml.
ENTRYPOINT ["motcua"]
CMD ["--help"]
