// A relying party on openid-client: everything that this library does by itself, with all of its checks on.
import * as client from "openid-client";
import { hear, listen, main, refused, say } from "./talk.mjs";

main(async () => {
  const here = await listen();
  say("listening", { redirect_uri: here.callback, post_logout_redirect_uri: here.goodbye });
  const { issuer, client_id, client_secret, scope, pushed } = await hear();

  const config = await client.discovery(
    new URL(issuer),
    client_id,
    undefined,
    client_secret ? client.ClientSecretPost(client_secret) : client.None(),
    { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
  );

  const verifier = client.randomPKCECodeVerifier();
  const checks = {
    pkceCodeVerifier: verifier,
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
    maxAge: 3600,
  };
  const parameters = {
    redirect_uri: here.callback,
    scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    max_age: "3600",
  };
  const url = pushed
    ? await client.buildAuthorizationUrlWithPAR(config, parameters)
    : client.buildAuthorizationUrl(config, parameters);
  say("authorize", { url: url.href });

  const tokens = await client.authorizationCodeGrant(config, await here.visit("/callback"), checks);
  const claims = tokens.claims();
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  await client.tokenRevocation(config, refreshed.refresh_token, { token_type_hint: "refresh_token" });
  const afterwards = await refused("a revoked refresh token", client.refreshTokenGrant(config, refreshed.refresh_token));
  say("result", {
    claims,
    userinfo,
    scope: tokens.scope,
    expires_in: tokens.expires_in,
    access_token: tokens.access_token,
    refreshed: { access_token: refreshed.access_token, claims: refreshed.claims() },
    afterwards,
  });

  const state = client.randomState();
  const goodbye = client.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: here.goodbye,
    state,
  });
  say("logout", { url: goodbye.href });
  const visit = await here.visit("/goodbye");
  say("logged_out", { state_returned: visit.searchParams.get("state") === state });
});
