// An OpenID provider for tests. Settings come as one JSON object in PROVIDER:
//   port, redirect_uri, after_logout, accounts: {login: {claims}}, keys: JWKS, clock_offset_s
const settings = JSON.parse(process.env.PROVIDER);
if (settings.clock_offset_s) {
  const offset_ms = settings.clock_offset_s * 1000;
  const True = Date;
  globalThis.Date = class extends True {
    constructor(...given) { if (given.length) super(...given); else super(True.now() + offset_ms); }
    static now() { return True.now() + offset_ms; }
  };
}
const { default: Provider } = await import("oidc-provider");
const provider = new Provider(`http://127.0.0.1:${settings.port}`, {
  clients: [{
    client_id: "motcua",
    client_secret: "a secret of the test's own client",
    redirect_uris: [settings.redirect_uri],
    post_logout_redirect_uris: [settings.after_logout],
    grant_types: ["authorization_code"],
    response_types: ["code"],
  }],
  claims: { openid: ["sub"], profile: ["preferred_username", "name", "groups"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  jwks: settings.keys,
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, ...(settings.accounts[id] ?? {}) }),
  }),
});
provider.listen(settings.port, "127.0.0.1", () => console.log("listening"));
