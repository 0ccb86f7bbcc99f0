import { assertNever } from "../../base/assertNever.ts";
import { second } from "../../base/clock.ts";
import type { User } from "../crm/users.ts";
import { type Answer, html, json } from "../http/answer.ts";
import { formFields } from "../http/formFields.ts";
import { type Route, route } from "../http/router.ts";
import { type DeviceCodes, type DeviceState, deviceCodeLife, devicePollInterval } from "./deviceCodes.ts";
import { deviceConsentPage, deviceEndPage, enterCodePage } from "./devicePages.ts";
import { parseScopes } from "./scopes.ts";
import { type Fields, type TokenRoutesContext, authenticate, firstAnswer, oauthError } from "./tokenRoutes.ts";

export interface DeviceRoutesContext extends TokenRoutesContext {
  readonly deviceCodes: DeviceCodes;
  readonly users: readonly User[];
}

/** Sign-in on another device: the code, the polls, and the page on which a person enters the code. */
export function deviceRoutes(context: DeviceRoutesContext): readonly Route[] {
  return [
    route("POST", "/oauth/v3/device/code", request => codeAnswer(context, formFields(request))),
    route("POST", "/oauth/v3/device/token", request => pollAnswer(context, formFields(request))),
    route("GET", "/oauth/v3/device", ({ query }) => showPage(context, query.get("user_code") ?? undefined)),
    route("POST", "/oauth/v3/device", request => decide(context, formFields(request))),
  ];
}

function codeAnswer(context: DeviceRoutesContext, fields: Fields): Answer {
  const client = context.clients.get(fields.get("client_id") ?? "");
  if (client === undefined) return oauthError("invalid_client");
  if (client.type !== "non-browser") return oauthError("unauthorized_client");
  if (fields.get("grant_type") !== "device_request") return oauthError("unsupported_grant_type");
  const scopes = parseScopes(fields.get("scope") ?? "");
  if (scopes === undefined) return oauthError("invalid_scope");
  const { userCode, deviceCode } = context.deviceCodes.issue(client, scopes, fields.get("access_type") === "offline");
  const unit = context.behaviour.current.deviceTimeUnit === "seconds" ? second : 1;
  return json(200, {
    user_code: userCode,
    device_code: deviceCode,
    interval: devicePollInterval / unit,
    expires_in: deviceCodeLife / unit,
    ...pageAddress(context, userCode),
  });
}

function pageAddress({ behaviour, baseUrl }: DeviceRoutesContext, userCode: string): object {
  const page = `${baseUrl()}/oauth/v3/device`;
  const { devicePageAddress } = behaviour.current;
  switch (devicePageAddress) {
    case "verification_url":
      return { verification_url: page };
    case "verification_uri":
      return { verification_uri: page, verification_uri_complete: `${page}?user_code=${userCode}` };
    case "none":
      return {};
    default:
      return assertNever(devicePageAddress);
  }
}

function pollAnswer(context: DeviceRoutesContext, fields: Fields): Answer {
  const client = authenticate(context.clients, fields);
  if (typeof client === "string") return oauthError(client);
  if (fields.get("grant_type") !== "device_token") return oauthError("unsupported_grant_type");
  return stateAnswer(context, context.deviceCodes.poll(fields.get("code") ?? "", client.client_id));
}

function stateAnswer(context: DeviceRoutesContext, state: DeviceState): Answer {
  const { deviceErrorStatus, deviceExpiredError, deviceLocationMember } = context.behaviour.current;
  const refuse = (error: string, more = {}): Answer => oauthError(error, more, deviceErrorStatus);
  switch (state.kind) {
    case "granted":
      return firstAnswer(context, state.grant, state.offline);
    case "other-centre":
      return refuse("other_dc", { [deviceLocationMember]: state.location });
    case "pending":
      return refuse("authorization_pending");
    case "slow-down":
      return refuse("slow_down");
    case "denied":
      return refuse("access_denied");
    case "expired":
      return refuse(deviceExpiredError);
    case "unknown":
      return refuse("invalid_code");
    default:
      return assertNever(state);
  }
}

function showPage({ deviceCodes, users }: DeviceRoutesContext, userCode: string | undefined): Answer {
  if (userCode === undefined) return html(200, enterCodePage());
  const request = deviceCodes.find(userCode);
  return request === undefined ? html(400, enterCodePage(userCode)) : html(200, deviceConsentPage(request, users));
}

function decide({ deviceCodes, users }: DeviceRoutesContext, fields: Fields): Answer {
  const userCode = fields.get("user_code") ?? "";
  const request = deviceCodes.find(userCode);
  if (request === undefined) return html(400, enterCodePage(userCode));
  const user = users.find(({ id }) => id === fields.get("user"));
  const accepted = fields.get("decision") === "accept" && user !== undefined;
  deviceCodes.decide(request, accepted ? { kind: "accepted", userId: user.id } : { kind: "denied" });
  return html(200, deviceEndPage(accepted));
}
