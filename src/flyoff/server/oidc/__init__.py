"""Logging in through an identity provider: OpenID Connect, authorization code with PKCE.

Only a server that was started with ``--oidc FILE`` imports what lies here; it needs the extra
``flyoff[oidc]``.
"""
