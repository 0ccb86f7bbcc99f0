import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import * as v from "valibot";
import { fixtureSuffix } from "../../../src/core/exchange/fixtureSuffix.ts";
import {
  authenticationProviderId,
  commandIds,
  contextKeys,
  panelTypes,
  settingIds,
  submenuIds,
  viewContainerIds,
  viewIds,
} from "../../../src/host/names.ts";
import { readShownManifest } from "../../support/manifest.ts";

const menuCommand = v.object({
  command: v.string(),
  when: v.optional(v.string()),
  group: v.optional(v.string()),
});
const menuSubmenu = v.object({
  submenu: v.string(),
  when: v.optional(v.string()),
  group: v.optional(v.string()),
});
const identified = v.array(v.object({ id: v.string() }));
const manifestSchema = v.object({
  capabilities: v.object({
    untrustedWorkspaces: v.object({
      supported: v.literal("limited"),
      description: v.string(),
      restrictedConfigurations: v.array(v.string()),
    }),
    virtualWorkspaces: v.literal(true),
  }),
  activationEvents: v.array(v.string()),
  contributes: v.object({
    commands: v.array(v.object({ command: v.string(), title: v.string(), category: v.literal("Zoho CRM") })),
    menus: v.record(v.string(), v.array(v.union([menuCommand, menuSubmenu]))),
    submenus: v.array(v.object({ id: v.string(), label: v.string() })),
    jsonValidation: v.array(v.object({ fileMatch: v.string(), url: v.string() })),
    keybindings: v.array(
      v.object({
        command: v.string(),
        key: v.string(),
        when: v.optional(v.string()),
        args: v.optional(v.object({ commands: v.array(v.string()) })),
      }),
    ),
    views: v.record(v.string(), identified),
    viewsContainers: v.record(v.string(), identified),
    viewsWelcome: v.array(v.object({ view: v.string(), when: v.optional(v.string()), contents: v.string() })),
    authentication: identified,
    configuration: v.array(
      v.object({
        title: v.string(),
        properties: v.record(
          v.string(),
          v.object({
            scope: v.string(),
            order: v.number(),
            default: v.unknown(),
            markdownDescription: v.string(),
          }),
        ),
      }),
    ),
    walkthroughs: v.array(
      v.object({
        id: v.string(),
        steps: v.array(
          v.object({
            id: v.string(),
            description: v.string(),
            media: v.object({ svg: v.string(), altText: v.string() }),
            completionEvents: v.array(v.string()),
          }),
        ),
      }),
    ),
  }),
});

const { activationEvents, capabilities, contributes } = v.parse(manifestSchema, readShownManifest());

const properties = Object.assign({}, ...contributes.configuration.map(category => category.properties)) as Record<
  string,
  (typeof contributes.configuration)[number]["properties"][string]
>;
const steps = contributes.walkthroughs.flatMap(walkthrough => walkthrough.steps);

const sorted = (names: Iterable<string>): string[] => [...names].sort();
const ids = (groups: Record<string, { id: string }[]>): string[] =>
  Object.values(groups)
    .flat()
    .map(({ id }) => id);

describe("package.json and the names in code", () => {
  it("agree on the commands", () => {
    assert.deepEqual(sorted(contributes.commands.map(({ command }) => command)), sorted(Object.values(commandIds)));
  });

  it("agree on the settings", () => {
    assert.deepEqual(sorted(Object.keys(properties)), sorted(Object.values(settingIds)));
  });

  it("agree on the views and their containers", () => {
    assert.deepEqual(sorted(ids(contributes.views)), sorted(Object.values(viewIds)));
    assert.deepEqual(sorted(ids(contributes.viewsContainers)), sorted(Object.values(viewContainerIds)));
    assert.deepEqual(sorted(Object.keys(contributes.views)), sorted(Object.values(viewContainerIds)));
  });

  it("agree on the submenus, of which each has items and a place", () => {
    const known = sorted(Object.values(submenuIds));
    assert.deepEqual(sorted(contributes.submenus.map(({ id }) => id)), known);
    const places = Object.values(contributes.menus).flat();
    const placed = places.flatMap(item => ("submenu" in item ? [item.submenu] : []));
    assert.deepEqual(sorted(new Set(placed)), known);
    for (const id of known) assert.ok((contributes.menus[id] ?? []).length > 0, id);
  });

  it("bind fixtures to a schema that is there", () => {
    for (const { fileMatch, url } of contributes.jsonValidation) {
      assert.equal(fileMatch, `*${fixtureSuffix}`);
      assert.ok(existsSync(new URL(`../../../${url}`, import.meta.url)), url);
    }
  });

  it("agree on the authentication provider", () => {
    assert.deepEqual(
      contributes.authentication.map(({ id }) => id),
      [authenticationProviderId],
    );
  });

  it("name only commands that exist in menus, keys and welcome views", () => {
    const known = new Set<string>(Object.values(commandIds));
    const texts = [
      ...contributes.viewsWelcome.map(({ contents }) => contents),
      ...steps.map(({ description }) => description),
      ...Object.values(properties).map(({ markdownDescription }) => markdownDescription),
    ];
    const links = texts.flatMap(written => [...written.matchAll(/\(command:([^)]+)\)/g)]);
    const used = [
      ...Object.values(contributes.menus)
        .flat()
        .flatMap(item => ("command" in item ? [item.command] : [])),
      ...contributes.keybindings.flatMap(({ command, args }) => args?.commands ?? command),
      ...links.map(([, command]) => command ?? ""),
    ];
    assert.deepEqual(
      used.filter(command => !known.has(command) && !command.startsWith("list.")),
      [],
    );
  });

  it("let a key act on the focused row, or on all that are selected where these are several", () => {
    for (const key of ["delete", "f2"]) {
      const bound = contributes.keybindings.filter(binding => binding.key === key);
      const [one, many] = [/ && !listMultiSelection$/, / && listMultiSelection$/].map(
        pattern => bound.find(({ when = "" }) => pattern.test(when)) ?? assert.fail(key),
      );
      // The first selects the focused row and unfolds it, the second folds it again.
      assert.deepEqual(one?.args?.commands, ["list.select", "list.select", many?.command]);
    }
  });

  it("offer for several selected rows what works on all of them, and there on rows of modules too", () => {
    const forMany = ["renewSubscription", "recreateSubscription", "deleteSubscription", "copyChannelId"];
    const onRows = (contributes.menus["view/item/context"] ?? []).filter(
      ({ group = "" }) => !group.startsWith("inline"),
    );
    for (const { when = "", ...item } of onRows) {
      const name = "command" in item ? item.command.replace("zohoCrm.", "") : "";
      const isForMany = when.includes(
        " || view == zohoCrm.subscriptions && listMultiSelection && viewItem =~ /^module",
      );
      assert.ok(isForMany || when.endsWith(" && !listMultiSelection"), name);
      if (forMany.includes(name)) assert.ok(isForMany, name);
    }
  });

  it("name only context keys and views that exist in conditions", () => {
    const conditions = [
      ...[...Object.values(contributes.menus).flat(), ...contributes.viewsWelcome, ...contributes.keybindings].map(
        ({ when }) => when ?? "",
      ),
      ...steps.flatMap(({ completionEvents }) => completionEvents.map(event => event.replace("onContext:", ""))),
    ];
    const known = new Set<string>([...[contextKeys, viewIds, panelTypes].flatMap(names => Object.values(names))]);
    const used = conditions.flatMap(when => when.match(/zohoCrm\.\w+/g) ?? []);
    assert.deepEqual(
      used.filter(name => !known.has(name)),
      [],
    );
  });

  it("start the extension for each kind of tab that it brings back", () => {
    for (const type of Object.values(panelTypes)) assert.ok(activationEvents.includes(`onWebviewPanel:${type}`), type);
  });

  it("agree on the settings that settings link to", () => {
    const linked = Object.values(properties).flatMap(({ markdownDescription }) =>
      [...markdownDescription.matchAll(/#([\w.]+)#/g)].map(([, id]) => id ?? ""),
    );
    assert.ok(linked.length > 0);
    assert.deepEqual(
      linked.filter(id => !(id in properties)),
      [],
    );
  });

  it("give every setting a default and words, and every category an order of its own", () => {
    for (const [id, { default: value, markdownDescription }] of Object.entries(properties)) {
      assert.notEqual(value, undefined, id);
      assert.match(markdownDescription, /^[A-Z].*[.]$/s, id);
    }
    for (const { title, properties: own } of contributes.configuration) {
      const orders = Object.values(own).map(({ order }) => order);
      assert.deepEqual(
        orders,
        orders.map((_, index) => index + 1),
        title,
      );
    }
  });

  it("have a picture for every step of the walkthrough, in the colours of the theme alone", () => {
    assert.ok(steps.length >= 5);
    for (const { id, media, completionEvents } of steps) {
      const picture = readFileSync(new URL(`../../../${media.svg}`, import.meta.url), "utf8");
      assert.doesNotMatch(picture, /#[0-9a-f]{3,8}\b|rgb\(/i, id);
      assert.match(picture, /var\(--vscode-/, id);
      assert.ok(completionEvents.length > 0, id);
    }
  });

  it("let folders that are not trusted change nothing about where events go", () => {
    const { restrictedConfigurations } = capabilities.untrustedWorkspaces;
    const decisive = Object.keys(properties).filter(id =>
      /url|tunnel|port|rules|hosts/i.test(id.split(".").at(-1) ?? ""),
    );
    assert.ok(decisive.length >= 7);
    assert.deepEqual(sorted(restrictedConfigurations), sorted(decisive));
  });

  it("let no workspace set an address", () => {
    const addresses = [settingIds.relayUrl, settingIds.relayPublicUrl, settingIds.relayTunnel, settingIds.sandboxUrl];
    for (const id of addresses) assert.equal(properties[id]?.scope, "machine");
  });
});
