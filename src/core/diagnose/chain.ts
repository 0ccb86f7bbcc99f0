import * as l10n from "@vscode/l10n";
import { second, sleep } from "../../base/clock.ts";
import { leadsToFormer } from "../address/arrivals.ts";
import { pointsHere } from "../subscriptions/channel.ts";
import type { Connection } from "../connections/connection.ts";
import type { RelayState } from "../relay/relaySession.ts";
import { checkAccessToken } from "./checks/accessToken.ts";
import { checkAddress } from "./checks/address.ts";
import { checkClock } from "./checks/clockSkew.ts";
import { checkCredits } from "./checks/credits.ts";
import { checkExpiry } from "./checks/expiry.ts";
import { checkModules } from "./checks/modules.ts";
import { checkOrganization } from "./checks/organization.ts";
import { checkProbe } from "./checks/probeOutcome.ts";
import { checkRelay } from "./checks/relayStream.ts";
import { checkScopes } from "./checks/scopes.ts";
import { checkSignedIn } from "./checks/signedIn.ts";
import { checkSubscription } from "./checks/subscription.ts";
import { checkTokenEcho } from "./checks/tokenEcho.ts";
import type { Evidence } from "./evidence.ts";
import { type Finding, type LinkId, notApplicable, notChecked } from "./finding.ts";
import { sendProbe } from "./probe.ts";

/** How one link is checked. */
interface LinkCheck {
  /** Links without which this one cannot be checked. What they need themselves need not be repeated. */
  readonly needs: readonly LinkId[];
  readonly check: (evidence: Evidence) => Promise<Finding> | Finding;
}

/** Every link: what it needs, what is gathered for it, and which pure check judges that. */
export const chain: Readonly<Record<LinkId, LinkCheck>> = {
  "sign-in": { needs: [], check: ({ connection }) => checkSignedIn(connection) },
  token: { needs: ["sign-in"], check: accessToken },
  scopes: { needs: ["token"], check: scopes },
  organization: { needs: ["token"], check: organization },
  modules: { needs: ["scopes", "organization"], check: modules },
  subscription: { needs: ["scopes", "organization"], check: subscription },
  expiry: { needs: ["subscription"], check: expiry },
  address: { needs: ["sign-in"], check: address },
  relay: { needs: [], check: relay },
  probe: { needs: ["address", "relay"], check: probe },
  "token-echo": { needs: ["subscription"], check: tokenEcho },
  credits: { needs: ["token"], check: evidence => checkCredits(creditsOf(evidence)) },
  clock: { needs: ["sign-in"], check: clock },
};

async function accessToken(evidence: Evidence): Promise<Finding> {
  const token = await evidence.deps.clients.accessToken(evidence.target.connectionId);
  return checkAccessToken(token, token.ok ? (await evidence.identity()).organization : undefined);
}

/** What the sign-in was granted; and where the API says otherwise, the API is right. */
async function scopes(evidence: Evidence): Promise<Finding> {
  const { organization } = await evidence.identity();
  const { connection } = evidence;
  if (connection === undefined) return notChecked("sign-in");
  const finding = checkScopes(connection.scopes);
  if (finding.status !== "ok" || organization.ok || organization.error.kind !== "scope") return finding;
  return { status: "broken", sentence: organization.error.message, remedy: organization.error.remedy };
}

async function organization(evidence: Evidence): Promise<Finding> {
  const { organization: answer, user } = await evidence.identity();
  if (isOutOfCredits(evidence) && !answer.ok) return notChecked("credits");
  if (!answer.ok && answer.error.kind === "scope") return notChecked("scopes");
  return withConnection(evidence, connection => checkOrganization(connection, answer, user));
}

async function modules(evidence: Evidence): Promise<Finding> {
  const known = await evidence.modules();
  if (isOutOfCredits(evidence) && !known.ok) return notChecked("credits");
  const watched = evidence.target.channel?.subscriptions.map(({ module }) => module) ?? [];
  return checkModules(watched, known);
}

async function subscription(evidence: Evidence): Promise<Finding> {
  const state = await evidence.subscriptions();
  if (isOutOfCredits(evidence) && state.kind === "failed") return notChecked("credits");
  return checkSubscription({ state, channelId: evidence.target.channel?.channelId });
}

async function expiry(evidence: Evidence): Promise<Finding> {
  const { subscriptions, expiringSoon } = evidence.deps;
  const channel = await evidence.channel();
  if (channel === undefined) return notChecked("subscription");
  return checkExpiry(channel, subscriptions.nowAt(channel.connectionId), expiringSoon());
}

async function address(evidence: Evidence): Promise<Finding> {
  await awaitRelay(evidence);
  const notifyUrl = await addressOf(evidence);
  if (notifyUrl === undefined) return notChecked("relay");
  const { tunnel } = evidence.deps;
  const former = evidence.deps.former.all().find(({ ingestPath }) => leadsToFormer({ notifyUrl }, [ingestPath]));
  const here = tunnel.addresses.find(each => pointsHere({ notifyUrl }, [each])) ?? tunnel.address;
  return withConnection(evidence, ({ kind }) => checkAddress({ notifyUrl, here, former, isLocal: kind === "sandbox" }));
}

async function relay(evidence: Evidence): Promise<Finding> {
  await awaitRelay(evidence);
  return checkRelay(evidence.deps.tunnel.state);
}

async function probe(evidence: Evidence): Promise<Finding> {
  const notifyUrl = await addressOf(evidence);
  return notifyUrl === undefined
    ? notChecked("relay")
    : checkProbe(await sendProbe(notifyUrl, evidence.deps, evidence.signal));
}

async function tokenEcho(evidence: Evidence): Promise<Finding> {
  const { tokens } = evidence.deps;
  const channel = await evidence.channel();
  if (channel === undefined) return notApplicable(l10n.t("There is no subscription whose token could be compared."));
  const { channelId, token: listed } = channel;
  return checkTokenEcho({
    listed,
    own: tokens.ownToken(channelId),
    rehearsal: tokens.verify(channelId, listed),
    lastDelivery: tokens.lastDelivery(channelId),
  });
}

/** The address that is in question: the subscription's, or the one that a new subscription would get. */
async function addressOf(evidence: Evidence): Promise<string | undefined> {
  return (await evidence.channel())?.notifyUrl ?? evidence.deps.tunnel.address;
}

function withConnection(evidence: Evidence, judge: (connection: Connection) => Finding): Finding {
  return evidence.connection === undefined ? notChecked("sign-in") : judge(evidence.connection);
}

function clock({ deps, connection }: Evidence): Finding {
  return checkClock(connection === undefined ? undefined : deps.skewOf(connection.apiDomain));
}

function creditsOf({ deps, target }: Evidence): number | undefined {
  return deps.clients.creditsRemaining(target.connectionId);
}

/** The API may refuse calls for want of credits: then it is the credits that are to be named. */
function isOutOfCredits(evidence: Evidence): boolean {
  return creditsOf(evidence) === 0;
}

/** A relay that is just being connected to is not broken; five seconds are more than that takes. */
async function awaitRelay({ deps: { tunnel, clock }, signal }: Evidence): Promise<void> {
  tunnel.start();
  if (isSettled(tunnel.state)) return;
  const settled = new AbortController();
  const watching = tunnel.onDidChangeState(state => {
    if (isSettled(state)) settled.abort();
  });
  await sleep(clock, 5 * second, AbortSignal.any([signal, settled.signal]));
  watching.dispose();
}

function isSettled({ kind }: RelayState): boolean {
  return kind === "live" || kind === "reconnecting" || kind === "refused";
}
