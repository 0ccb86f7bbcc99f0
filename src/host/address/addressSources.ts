import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertNever } from "../../base/assertNever.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { AddressSource, AddressWay } from "../../core/address/addressSource.ts";
import { findOnPath } from "../../core/address/findOnPath.ts";
import { ToolSource } from "../../core/address/toolSource.ts";
import { cloudflared } from "../../core/address/tools/cloudflared.ts";
import { devtunnel } from "../../core/address/tools/devtunnel.ts";
import { ngrok } from "../../core/address/tools/ngrok.ts";
import { tailscale } from "../../core/address/tools/tailscale.ts";
import type { ToolId, TunnelTool } from "../../core/address/tunnelTool.ts";
import { forwardedPort, forwardsPorts } from "./forwardedPort.ts";

export interface AddressSourcesOptions {
  /** `leashProgram.ts` as it was built. */
  readonly leash: string;
  /** A folder of this extension's own, for the files that tools are given. */
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The ways to a public address that this machine has; looked up anew each time, since tools come and go. */
export class AddressSources {
  readonly #options: AddressSourcesOptions;

  constructor(options: AddressSourcesOptions) {
    this.#options = options;
  }

  isThere(way: AddressWay): boolean {
    return way === "forwarded-port" ? forwardsPorts() : findOnPath(way) !== undefined;
  }

  for(way: AddressWay): AddressSource | undefined {
    const { leash, clock, logger } = this.#options;
    if (way === "forwarded-port") return forwardsPorts() ? forwardedPort(logger) : undefined;
    const program = findOnPath(way);
    if (program === undefined) return undefined;
    return new ToolSource({ tool: this.#tool(way), program, leash, clock, logger });
  }

  #tool(id: ToolId): TunnelTool {
    switch (id) {
      case "cloudflared":
        return cloudflared(this.#emptyConfig());
      case "ngrok":
        return ngrok;
      case "devtunnel":
        return devtunnel;
      case "tailscale":
        return tailscale;
      default:
        return assertNever(id);
    }
  }

  /** cloudflared refuses quick tunnels beside a configuration, and complains about one that is empty. */
  #emptyConfig(): string {
    const { folder } = this.#options;
    const file = join(folder, "cloudflared.yml");
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, "no-autoupdate: true\n");
    return file;
  }
}
