import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isSecretName } from "../../../../src/core/events/secretNames.ts";

const secret = [
  ...["token", "Token", "TOKEN", "access_token", "accessToken", "ACCESS-TOKEN", "refreshToken", "authtoken"],
  ...["Zoho-oauthtoken", "X-Zoho-Token", "X-XSRF-TOKEN", "csrfToken", "X-CSRF", "user.password", "Portal_Password"],
  ...["passwd", "db.pwd", "password2", "pass_word", "client_secret", "clientSecret", "api_key", "apiKey", "APIKey"],
  ...["API_Key", "apikey", "X-Api-Key", "zapikey", "X-Zcapikey", "ZCAPIKey", "auth_key", "private_key", "ssh-key"],
  ...["X-Access-Key", "AWSAccessKeyId", "key", "Cookie", "Set-Cookie", "Authorization", "Proxy-Authorization"],
  ...["X-Auth", "auth", "X-Session-Id", "session", "JSESSIONID", "PHPSESSID", "sid", "sig", "signature", "X-Signature"],
  ...["X-Hub-Signature-256", "X-Amz-Signature", "X-Amz-Credential", "jwt", "otp", "ｔｏｋｅｎ", "to\u200bken"],
];

const open = [
  ...["token_type", "tokenType", "expires_in", "Author", "authority", "Authorship", "signature_count"],
  ...["Key_Account", "primary_key", "keyword", "monkey", "keys_of", "key_field", "Session_Title", "session_count"],
  ...["Deal_Name", "Assignee", "Secretary", "Passenger", "Passport", "Password_Expiry", "Cookie_Consent", "Basic"],
  ...["compass", "tokenization", "Design", "Signal", "outside", "Insider", "auth_mode", "www-authenticate"],
  ...["Content-Type", "Keep-Alive", "X-Request-Id", "Modified_Time", "id", "channel_id", "module", "operation"],
];

describe("the name of a secret", () => {
  for (const name of secret) it(`is ${name}`, () => assert.ok(isSecretName(name)));
  for (const name of open) it(`is not ${name}`, () => assert.ok(!isSecretName(name)));
});
