#!/bin/sh
# web, worker and beat run for ever; migrate and everything else is a command of manage.py.
set -eu
cd /app
case "${1:-web}" in
    web) exec python -m config.web ;;
    worker | beat) exec python -m config.jobs "$1" ;;
    *) exec python manage.py "$@" ;;
esac
