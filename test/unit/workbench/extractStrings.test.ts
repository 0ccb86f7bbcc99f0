import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { placeholdersOf, toPseudo } from "../../workbench/l10n/bundles.ts";
import { NotExtractableError, stringsOf } from "../../workbench/l10n/extractStrings.ts";

const keysOf = (text: string): string[] => stringsOf("file.ts", text).map(({ key }) => key);

describe("finding the strings of a source", () => {
  it("takes what is given to l10n.t and vscode.l10n.t, also in pieces over lines", () => {
    assert.deepEqual(keysOf('l10n.t("One {0}", n); vscode.l10n.t("Two, " +\n "and more");'), [
      "One {0}",
      "Two, and more",
    ]);
  });

  it("takes the comment for translators into the key, as VS Code does", () => {
    const text = 'l10n.t({ message: "Open", comment: ["a verb", "a button"] })';
    assert.deepEqual(stringsOf("file.ts", text), [
      { key: "Open/a verba button", message: "Open", comment: ["a verb", "a button"] },
    ]);
  });

  it("takes what is given to a short name for them", () => {
    assert.deepEqual(keysOf('const t = vscode.l10n.t; t("One"); other("Two")'), ["One"]);
  });

  it("leaves other calls alone", () => {
    assert.deepEqual(keysOf('t("no"); other.t("no"); l10n.config("no"); // l10n.t("no")'), []);
  });

  it("refuses a text that is put together at run time, and says where", () => {
    for (const call of ["l10n.t(name)", "l10n.t(`${name} more`)", 'l10n.t("a" + name)', "l10n.t()"]) {
      assert.throws(
        () => stringsOf("file.ts", `\n${call}`),
        (error: unknown) => error instanceof NotExtractableError && error.message.endsWith("file.ts:2"),
        call,
      );
    }
  });
});

describe("a text in no language", () => {
  it("keeps placeholders, icons and links, and is marked at both ends", () => {
    const pseudo = toPseudo("$(check) Renew {count} in [one](command:zohoCrm.renewSubscription)");
    assert.equal(pseudo, "⟦$(check) Rëñëw {count} ïñ [öñë](command:zohoCrm.renewSubscription)⟧");
    assert.deepEqual(placeholdersOf(pseudo), ["count"]);
  });
});
