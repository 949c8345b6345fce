// A relying party on oauth4webapi: the same protocol one step lower, where each answer is checked by a call of its own. It is a
// public client, or one that signs with a key of its own.
import * as oauth from "oauth4webapi";
import { hear, listen, main, refused, say } from "./talk.mjs";

const insecure = { [oauth.allowInsecureRequests]: true };

/** How the client proves who it is, and what of it must be registered. */
async function keys() {
  const pair = await oauth.generateKeyPair("ES256", { extractable: true });
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { pair, jwks: { keys: [{ kty, crv, x, y, kid: "first", alg: "ES256", use: "sig" }] } };
}

main(async () => {
  const here = await listen();
  const { pair, jwks } = await keys();
  say("listening", { redirect_uri: here.callback, post_logout_redirect_uri: here.goodbye, jwks });
  const { issuer, client_id, scope, signs } = await hear();

  const found = await oauth.discoveryRequest(new URL(issuer), insecure);
  const as = await oauth.processDiscoveryResponse(new URL(issuer), found);
  const client = { client_id, require_auth_time: true };
  const proof = signs ? oauth.PrivateKeyJwt({ key: pair.privateKey, kid: "first" }) : oauth.None();

  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const url = new URL(as.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id,
    response_type: "code",
    redirect_uri: here.callback,
    scope,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  });
  say("authorize", { url: url.href });

  const answer = oauth.validateAuthResponse(as, client, await here.visit("/callback"), state);
  const redeeming = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    proof,
    answer,
    here.callback,
    verifier,
    insecure,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, redeeming, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(as, redeeming, insecure);
  const claims = oauth.getValidatedIdTokenClaims(tokens);

  const asking = await oauth.userInfoRequest(as, client, tokens.access_token, insecure);
  const userinfo = await oauth.processUserInfoResponse(as, client, claims.sub, asking);

  const refresh = (token) => oauth.refreshTokenGrantRequest(as, client, proof, token, insecure);
  const refreshed = await oauth.processRefreshTokenResponse(as, client, await refresh(tokens.refresh_token));
  const revoking = await oauth.revocationRequest(as, client, proof, refreshed.refresh_token, insecure);
  await oauth.processRevocationResponse(revoking);
  const afterwards = await refused(
    "a revoked refresh token",
    refresh(refreshed.refresh_token).then((again) => oauth.processRefreshTokenResponse(as, client, again)),
  );
  say("result", {
    claims,
    userinfo,
    scope: tokens.scope,
    expires_in: tokens.expires_in,
    access_token: tokens.access_token,
    refreshed: { access_token: refreshed.access_token, claims: oauth.getValidatedIdTokenClaims(refreshed) },
    afterwards,
  });

  const goodbye = new URL(as.end_session_endpoint);
  goodbye.search = new URLSearchParams({
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: here.goodbye,
    state,
  });
  say("logout", { url: goodbye.href });
  const visit = await here.visit("/goodbye");
  say("logged_out", { state_returned: visit.searchParams.get("state") === state });
});
