import { createHash } from "node:crypto";
import * as v from "valibot";
import { second } from "../../base/clock.ts";
import { parseJson } from "../../base/json.ts";
import { type Disposable, toDisposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { AccessToken, TokenSharing } from "../../zoho/tokenSharing.ts";
import type { Claims } from "../windows/claims.ts";
import type { Ledger } from "../windows/ledger.ts";
import type { SecretVault } from "./connection.ts";

export interface SharedTokensOptions {
  readonly vault: SecretVault;
  readonly ledger: Pick<Ledger, "add" | "since">;
  readonly claims: Pick<Claims, "take">;
  readonly logger: Logger;
}

const tokenSchema = v.object({ value: v.pipe(v.string(), v.minLength(1)), expiresAt: v.number() });

/** Longer than a token call may take. */
const turnLength = 40 * second;

/**
 * Access tokens that all windows of this machine use together, so that ten windows that open mint one and not ten. They
 * lie in the vault, beside what they were made from and what opens far more. Where the vault or the
 * database fails, each window mints its own.
 */
export class SharedTokens {
  readonly #options: SharedTokensOptions;

  constructor(options: SharedTokensOptions) {
    this.#options = options;
  }

  /** What is shared about the tokens that are made from a secret, such as a refresh token. */
  of(secret: string): TokenSharing {
    const name = nameOf(secret);
    const { ledger } = this.#options;
    return {
      read: async () => this.#orLog(async () => this.#read(name), undefined),
      write: async token =>
        this.#orLog(async () => this.#options.vault.store(vaultKey(name), JSON.stringify(token)), undefined),
      mints: {
        add: at => ledger.add(`token-mint/${name}`, at),
        since: from => ledger.since(`token-mint/${name}`, from),
      },
      takeTurn: () => this.#takeTurn(name),
    };
  }

  /** Forgets the token of a sign-in that ended. */
  async forget(secret: string): Promise<void> {
    await this.#orLog(async () => this.#options.vault.delete(vaultKey(nameOf(secret))), undefined);
  }

  async #read(name: string): Promise<AccessToken | undefined> {
    const text = await this.#options.vault.get(vaultKey(name));
    const json = text === undefined ? undefined : parseJson(text);
    const parsed = json?.ok === true ? v.safeParse(tokenSchema, json.value) : undefined;
    return parsed?.success === true ? parsed.output : undefined;
  }

  /** Without a database to take turns by, everybody has theirs. */
  #takeTurn(name: string): Disposable | undefined {
    try {
      return this.#options.claims.take(`token-mint/${name}`, turnLength);
    } catch (error) {
      this.#options.logger.warn(`access token: ${describeCauses(error)}`);
      return toDisposable(() => undefined);
    }
  }

  async #orLog<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#options.logger.warn(`access token: ${describeCauses(error)}`);
      return otherwise;
    }
  }
}

function vaultKey(name: string): string {
  return `zohoCrm.accessToken.${name}`;
}

/** Names a secret without giving it away: the ledger and the names of secrets are no secrets. */
function nameOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url").slice(0, 22);
}
