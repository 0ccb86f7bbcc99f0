import { randomUUID } from "node:crypto";
import { nkeys } from "@nats-io/transport-node";

/** What a NATS server with accounts is configured with, and what a client of one of them signs in with. */
export interface NatsAccount {
  /** Lines of the server's configuration. */
  readonly configuration: string;
  /** A file as NATS's own tools write it (.creds). */
  readonly credentials: string;
}

type KeyPair = ReturnType<typeof nkeys.createUser>;

const unlimited = -1;
const limits = {
  subs: unlimited,
  data: unlimited,
  payload: unlimited,
  imports: unlimited,
  exports: unlimited,
  wildcards: true,
  conn: unlimited,
  leaf: unlimited,
};
const jetStreamLimits = {
  mem_storage: unlimited,
  disk_storage: unlimited,
  streams: unlimited,
  consumer: unlimited,
};

/** An operator with one account that has JetStream and one user, all with new keys. */
export function newNatsAccount(): NatsAccount {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  // The servers' own account, which may not have JetStream.
  const nobody = nkeys.createAccount();
  const system = sign(operator, nobody, { type: "account", version: 2, limits });
  const withJetStream = { ...limits, ...jetStreamLimits };
  const accountToken = sign(operator, account, { type: "account", version: 2, limits: withJetStream });
  const operatorClaims = { type: "operator", version: 2, system_account: nobody.getPublicKey() };
  const configuration = [
    `operator: ${sign(operator, operator, operatorClaims)}`,
    `system_account: ${nobody.getPublicKey()}`,
    "resolver: MEMORY",
    `resolver_preload { ${nobody.getPublicKey()}: ${system}, ${account.getPublicKey()}: ${accountToken} }`,
  ].join("\n");
  const anyone = { subs: unlimited, data: unlimited, payload: unlimited, pub: {}, sub: {} };
  const userToken = sign(account, user, { type: "user", version: 2, ...anyone });
  return { configuration, credentials: credentialsFile(userToken, new TextDecoder().decode(user.getSeed())) };
}

/** A token in the form of NATS: a JWT that an nkey has signed. */
function sign(issuer: KeyPair, subject: KeyPair, nats: object): string {
  const claims = {
    jti: randomUUID(),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    name: "test",
    sub: subject.getPublicKey(),
    nats,
  };
  const content = [{ typ: "JWT", alg: "ed25519-nkey" }, claims].map(part =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  const signature = issuer.sign(Buffer.from(content.join(".")));
  return [...content, Buffer.from(signature).toString("base64url")].join(".");
}

function credentialsFile(token: string, seed: string): string {
  return [
    "-----BEGIN NATS USER JWT-----",
    token,
    "------END NATS USER JWT------",
    "",
    "-----BEGIN USER NKEY SEED-----",
    seed,
    "------END USER NKEY SEED------",
    "",
  ].join("\n");
}
