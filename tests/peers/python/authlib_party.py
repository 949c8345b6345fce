"""A relying party on Authlib, over requests. It speaks lines of JSON with whoever started it."""

import json
import os
import queue
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

# Plain HTTP, to the loopback only.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oauth2.rfc8414 import get_well_known_url
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet


def say(event, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)


class Loopback:
    """A server on a free port, which keeps the addresses at which it was visited."""

    def __init__(self):
        visits = {"/callback": queue.Queue(), "/goodbye": queue.Queue()}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                path = urlsplit(self.path).path
                page = f"<!doctype html><title>Relying party</title><link rel=icon href=data:,><p id=here>{path[1:]}</p>".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)
                if path in visits:
                    visits[path].put(self.path)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{server.server_port}"
        self.visits = visits
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def visit(self, path):
        return self.base + self.visits[path].get(timeout=120)


def validated(id_token, keys, metadata, client_id, nonce, access_token):
    algorithms = metadata["id_token_signing_alg_values_supported"]
    token = jwt.decode(id_token, keys, algorithms=algorithms)
    claims = CodeIDToken(
        token.claims,
        token.header,
        {"iss": {"essential": True, "values": [metadata["issuer"]]}, "aud": {"essential": True, "value": client_id}},
        {"client_id": client_id, "nonce": nonce, "access_token": access_token, "max_age": 3600},
    )
    claims.validate(leeway=5)
    return dict(claims)


def main():
    here = Loopback()
    redirect_uri, goodbye_uri = here.base + "/callback", here.base + "/goodbye"
    say("listening", redirect_uri=redirect_uri, post_logout_redirect_uri=goodbye_uri)
    told = json.loads(sys.stdin.readline())
    client_id = told["client_id"]

    found = requests.get(get_well_known_url(told["issuer"], external=True, suffix="openid-configuration"), timeout=20)
    if found.status_code == 404:
        # OpenID Connect Discovery appends, RFC 8414 inserts; they agree where the issuer has no path.
        found = requests.get(told["issuer"] + "/.well-known/openid-configuration", timeout=20)
    found.raise_for_status()
    metadata = OpenIDProviderMetadata(found.json())
    if urlsplit(metadata["issuer"]).scheme == "https":
        metadata.validate()
    else:
        # The library asks for HTTPS in every address; here everything is on the loopback.
        for name in ("response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported"):
            getattr(metadata, "validate_" + name)()
    assert metadata["issuer"] == told["issuer"], metadata["issuer"]

    session = OAuth2Session(
        client_id,
        told.get("client_secret"),
        scope=told["scope"],
        redirect_uri=redirect_uri,
        token_endpoint_auth_method="client_secret_basic",
        revocation_endpoint_auth_method="client_secret_basic",
        code_challenge_method="S256",
    )
    nonce, verifier = generate_token(32), generate_token(64)
    url, state = session.create_authorization_url(
        metadata["authorization_endpoint"], nonce=nonce, code_verifier=verifier, max_age=3600
    )
    say("authorize", url=url)

    answer = here.visit("/callback")
    if metadata.get("authorization_response_iss_parameter_supported"):
        assert parse_qs(urlsplit(answer).query)["iss"] == [told["issuer"]], answer
    token = session.fetch_token(
        metadata["token_endpoint"], authorization_response=answer, state=state, code_verifier=verifier
    )
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=20).json())
    claims = validated(token["id_token"], keys, metadata, client_id, nonce, token["access_token"])
    told_of = session.get(metadata["userinfo_endpoint"])
    told_of.raise_for_status()
    userinfo = told_of.json()
    assert userinfo["sub"] == claims["sub"], userinfo

    refreshed = session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    again = refreshed.get("id_token")
    again = again and validated(again, keys, metadata, client_id, None, refreshed["access_token"])
    session.revoke_token(
        metadata["revocation_endpoint"], token=refreshed["refresh_token"], token_type_hint="refresh_token"
    ).raise_for_status()
    try:
        session.refresh_token(metadata["token_endpoint"], refresh_token=refreshed["refresh_token"])
        raise AssertionError("a revoked refresh token was not refused")
    except OAuthError as refusal:
        afterwards = refusal.error
    say(
        "result",
        claims=claims,
        userinfo=userinfo,
        scope=token.get("scope"),
        expires_in=token["expires_in"],
        access_token=token["access_token"],
        refreshed={"access_token": refreshed["access_token"], "claims": again},
        afterwards=afterwards,
    )

    query = {"id_token_hint": token["id_token"], "post_logout_redirect_uri": goodbye_uri, "state": state}
    say("logout", url=metadata["end_session_endpoint"] + "?" + urlencode(query))
    back = parse_qs(urlsplit(here.visit("/goodbye")).query)
    say("logged_out", state_returned=back.get("state") == [state])


try:
    main()
except Exception as error:
    import traceback

    say("failed", name=type(error).__name__, message=str(error), stack=traceback.format_exc())
    sys.exit(1)
