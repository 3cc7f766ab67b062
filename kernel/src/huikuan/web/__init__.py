"""The web server: one GraphQL endpoint, probes, metrics, and what keeps both standing under hostile traffic.

``app.create_app(kernel)`` is the ASGI application, ``server.serve(settings)`` runs it.
"""
