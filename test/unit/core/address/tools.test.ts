import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withoutSecrets } from "../../../../src/core/address/toolSource.ts";
import { cloudflared } from "../../../../src/core/address/tools/cloudflared.ts";
import { devtunnel } from "../../../../src/core/address/tools/devtunnel.ts";
import { ngrok } from "../../../../src/core/address/tools/ngrok.ts";
import { tailscale } from "../../../../src/core/address/tools/tailscale.ts";
import type { ToolSign, TunnelTool } from "../../../../src/core/address/tunnelTool.ts";
import { toolOutputs } from "../../../support/tunnelTools/outputs.ts";

const target = "http://127.0.0.1:4321";

/** The first line that means something decides, as it does for a run. */
function firstSign(tool: TunnelTool, output: string): ToolSign | undefined {
  return output
    .split("\n")
    .map(line => tool.read(line))
    .find(sign => sign !== undefined);
}

function assertAddress(tool: TunnelTool, output: string, url: string): void {
  assert.deepEqual(firstSign(tool, output), { kind: "address", url });
}

function assertFailure(tool: TunnelTool, output: string, code: string, words: RegExp, remedy = "get-address"): void {
  const sign = firstSign(tool, output);
  assert.ok(sign?.kind === "failed", JSON.stringify(sign));
  assert.equal(sign.problem.code, code);
  assert.match(sign.problem.message, words);
  assert.equal(sign.problem.remedy, remedy);
}

describe("cloudflared", () => {
  const tool = cloudflared("/data/cloudflared.yml");

  it("is asked for a quick tunnel, whatever tunnels the person has configured", () => {
    const expected = ["tunnel", "--config", "/data/cloudflared.yml", "--no-autoupdate", "--url", target];
    assert.deepEqual(tool.args(target), expected);
  });

  it("names its address in a box", () => {
    assertAddress(tool, toolOutputs.cloudflared, "https://quiet-meadow-lantern-example.trycloudflare.com");
  });

  it("is understood where it fails", () => {
    assertFailure(tool, toolOutputs.cloudflaredLimit, "cloudflared: limit", /no further address for now/);
    assertFailure(tool, toolOutputs.cloudflaredOffline, "cloudflared: service", /could not be asked/, "retry");
  });
});

describe("ngrok", () => {
  it("is kept from keeping the requests in the clear", () => {
    assert.ok(ngrok.args(target).includes("--inspect=false"));
    assert.equal(ngrok.args(target)[1], target);
  });

  it("names its address in the log", () => {
    assertAddress(ngrok, toolOutputs.ngrok, "https://lark-example.ngrok-free.dev");
  });

  it("is understood where it fails", () => {
    assertFailure(ngrok, toolOutputs.ngrokSignedOut, "ngrok: not-signed-in", /ngrok config add-authtoken/);
    assertFailure(ngrok, toolOutputs.ngrokLimit, "ngrok: limit", /no more at a time/);
    assertFailure(ngrok, toolOutputs.ngrokInUse, "ngrok: in-use", /another tunnel/);
    assertFailure(ngrok, toolOutputs.ngrokOutdated, "ngrok: outdated", /ngrok update/);
    assertFailure(ngrok, toolOutputs.ngrokOther, "ngrok: service", /ERR_NGROK_9999/, "retry");
  });
});

describe("devtunnel", () => {
  it("is asked to let everybody in, as Zoho cannot sign in", () => {
    const args = ["host", "--port-numbers", "4321", "--protocol", "http", "--allow-anonymous"];
    assert.deepEqual(devtunnel.args(target), args);
  });

  it("names its address, of two the one without a port", () => {
    assertAddress(devtunnel, toolOutputs.devtunnel, "https://x1abcdef-4321.euw.devtunnels.ms");
    assertAddress(devtunnel, toolOutputs.devtunnelOneAddress, "https://x1abcdef-4321.usw3.devtunnels.ms");
  });

  it("is understood where it fails", () => {
    assertFailure(devtunnel, toolOutputs.devtunnelSignedOut, "devtunnel: not-signed-in", /devtunnel user login/);
    assertFailure(devtunnel, toolOutputs.devtunnelExpired, "devtunnel: not-signed-in", /devtunnel user login/);
    assertFailure(devtunnel, toolOutputs.devtunnelLimit, "devtunnel: limit", /limit/);
  });
});

describe("tailscale", () => {
  it("is asked for a funnel that ends with it, without a question", () => {
    assert.deepEqual(tailscale.args(target), ["funnel", "--yes", target]);
  });

  it("names its address on a line of its own", () => {
    assertAddress(tailscale, toolOutputs.tailscale, "https://laptop.tail0a1b2c.ts.net");
  });

  it("is understood where it fails", () => {
    assertFailure(tailscale, toolOutputs.tailscaleNotEnabled, "tailscale: not-enabled", /not enabled/);
    assertFailure(tailscale, toolOutputs.tailscaleNotAllowed, "tailscale: not-allowed", /--operator/);
    assertFailure(tailscale, toolOutputs.tailscaleInUse, "tailscale: in-use", /port 443/);
    assertFailure(tailscale, toolOutputs.tailscaleInUseBackground, "tailscale: in-use", /port 443/);
    assertFailure(tailscale, toolOutputs.tailscaleSignedOut, "tailscale: not-signed-in", /tailscale up/);
    assertFailure(tailscale, toolOutputs.tailscaleNotRunning, "tailscale: not-running", /not running/);
  });
});

describe("a number in what tools print", () => {
  const started: readonly (readonly [TunnelTool, string])[] = [
    [cloudflared("/data/cloudflared.yml"), toolOutputs.cloudflared],
    [ngrok, toolOutputs.ngrok],
    [devtunnel, toolOutputs.devtunnel],
    [devtunnel, toolOutputs.devtunnelOneAddress],
    [tailscale, toolOutputs.tailscale],
  ];
  const numbers = [80, 401, 403, 429, 443, 500, 503, 1015, 4018, 4429, 105, 108, 120, 334, 725];

  it("is no failure where it is a port", () => {
    for (const [tool, output] of started) {
      for (const number of numbers) {
        const lines = output.replaceAll("4321", String(number)).split("\n");
        const failed = lines.filter(line => tool.read(line)?.kind === "failed");
        assert.deepEqual(failed, [], `${tool.id} at port ${number}`);
      }
    }
  });

  it("is one where it is the status of an answer", () => {
    const statuses: readonly (readonly [string, string])[] = [
      ["Tunnel service response status code: 401", "not-signed-in"],
      ["Response status code does not indicate success: 401 (Unauthorized).", "not-signed-in"],
      ["Tunnel service error: 403", "not-allowed"],
      ["Tunnel service error: Forbidden (403)", "not-allowed"],
      ["HTTP/1.1 403 Forbidden", "not-allowed"],
      ["Tunnel service response status code: TooManyRequests", "limit"],
      ["Tunnel service error: HTTP 429", "limit"],
      ["Tunnel service error: port 4290 is not there", "service"],
    ];
    for (const [line, failure] of statuses) {
      const sign = devtunnel.read(line);
      assert.equal(sign?.kind === "failed" ? sign.problem.code : "none", `devtunnel: ${failure}`, line);
    }
  });
});

describe("what tools print, in the log", () => {
  it("has no tokens in it", () => {
    assert.equal(withoutSecrets("Your authtoken: 2abCDefGh"), "Your authtoken: …");
    assert.equal(withoutSecrets('{"authtoken":"2abCDefGh"}'), '{"authtoken":"…"}');
    assert.equal(withoutSecrets(`key ${"a1".repeat(20)} end`), "key … end");
    assert.equal(
      withoutSecrets("https://quiet-meadow-example.trycloudflare.com"),
      "https://quiet-meadow-example.trycloudflare.com",
    );
  });
});
