"""The porch: settings, urls, asgi, celery. Wires the apps together and holds no rule."""
